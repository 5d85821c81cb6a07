# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL cluster for the run, and for each test module a database and a real jinzaid of its own."""

import fcntl
import atexit
import json
import os
import pathlib
import pwd
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time
import uuid

import psycopg2
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("JINZAI_BUILD", ROOT / "build"))
POSTGRES_BIN = pathlib.Path(os.environ.get("POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
DEADLINE = 60.0  # seconds that anything here may take

# PostgreSQL does not run as root, so as root the cluster and the daemon belong to this user.
USER = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def as_user(*argv):
    """The command line that runs argv as USER."""
    if os.geteuid() == 0:
        return ["runuser", "-u", USER, "--", *map(str, argv)]
    return [str(word) for word in argv]


def jinzaid(*flags):
    """The command line of a daemon that runs as USER."""
    root = ["--user", USER] if os.geteuid() == 0 else []
    return [str(word) for word in (BUILD / "jinzaid", *flags, *root)]


def scratch():
    """A directory of USER's with a path short enough for a unix socket in it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="jz-", dir="/tmp"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    if os.geteuid() == 0:
        shutil.chown(path, USER)
    path.chmod(0o755)
    return path


def words(answer):
    """An answer or an error as text, without the identifiers and traces in it: those are random, and hold any number at times."""
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16}\b", "", text)


def wait_for(condition, what, deadline=DEADLINE):
    """Waits until condition() is true and returns what it returned."""
    end = time.monotonic() + deadline
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {deadline} s")
        time.sleep(0.02)


def children_of(parent):
    """The processes whose parent that one is."""
    children = []
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                children.append(int(status.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return children


class RpcError(Exception):
    """An error that the daemon answered."""

    def __init__(self, error):
        super().__init__(f"{error['code']} {error['message']} {error.get('data')}")
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data") or {}
        self.name = self.data.get("name")


class Wire:
    """One raw connection: what is sent is sent as it is."""

    def __init__(self, address):
        kind, _, rest = address.partition(":")
        if kind == "unix":
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(DEADLINE)
            self.socket.connect(rest)
        else:
            host, _, port = rest.rpartition(":")
            self.socket = socket.create_connection((host, int(port)), timeout=DEADLINE)
        self.buffer = b""
        self.last_id = 0

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def line(self):
        """The next line without its newline, or None at the end of the stream."""
        while b"\n" not in self.buffer:
            try:
                got = self.socket.recv(1 << 16)
            except ConnectionResetError:
                return None
            if not got:
                return None
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def answer(self):
        """The next answer, parsed."""
        line = self.line()
        assert line is not None, "the daemon closed the connection"
        return json.loads(line)

    def ask(self, text):
        """Sends one text and returns its one answer."""
        self.send(text if isinstance(text, (bytes, str)) else json.dumps(text))
        return self.answer()

    def call(self, method, params=None):
        """Calls a method; the result, or RpcError."""
        self.last_id += 1
        request = {"jsonrpc": "2.0", "id": self.last_id, "method": method}
        if params is not None:
            request["params"] = params
        answer = self.ask(json.dumps(request) + "\n")
        assert answer["id"] == self.last_id
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def rest(self):
        """All lines up to the end of the stream."""
        lines = []
        while (line := self.line()) is not None:
            lines.append(line)
        assert self.buffer == b"", "the last answer has no newline"
        return lines

    def rest_so_far(self):
        """The lines that arrive before the daemon cuts the connection off."""
        lines = []
        while (line := self.line()) is not None:
            lines.append(line)
        return lines

    def silent(self):
        """Whether nothing has arrived that was not read."""
        return not self.buffer and not select.select([self.socket], [], [], 0)[0]

    def taken(self):
        """Waits until the daemon has read all that was sent over a unix socket."""
        def nothing_unread():
            return struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, bytes(4)))[0] == 0
        wait_for(nothing_unread, "the daemon's reading")

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Cluster:
    """A PostgreSQL cluster with trust on its unix socket."""

    def __init__(self):
        self.directory = scratch()
        self.data = self.directory / "data"
        subprocess.run(as_user(POSTGRES_BIN / "initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8",
                               "--locale=C.UTF-8", "--no-sync"), check=True, stdout=subprocess.DEVNULL)
        self.process = None
        self.start()
        self.sql((ROOT / "sql" / "roles.sql").read_text())
        self.template = None

    def create_database(self):
        """Makes an empty database; its name."""
        name = "jinzai_" + uuid.uuid4().hex[:12]
        self.sql(f"create database {name} owner jinzai_owner")
        return name

    def copy_database(self):
        """Makes a database that jinzaid has migrated; its name. It is migrated once, and copied from then on."""
        if self.template is None:
            template = self.create_database()
            subprocess.run(jinzaid("--migrate", "--database", self.conninfo(template, "jinzai_owner")), check=True,
                           stdout=subprocess.DEVNULL)
            self.template = template
        name = "jinzai_" + uuid.uuid4().hex[:12]
        self.sql(f"create database {name} owner jinzai_owner template {self.template}")
        return name

    def drop_database(self, name):
        self.sql(f"drop database if exists {name} with (force)")

    def start(self):
        wait_for(self.answers, "PostgreSQL's start")

    def answers(self):
        # It refuses to start, and is asked again, while a killed one's children still hold its shared memory.
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                as_user(POSTGRES_BIN / "postgres", "-D", self.data, "-k", self.directory, "-c", "listen_addresses=",
                        "-c", "jit=off", "-c", "max_connections=200", "-c", "shared_buffers=256MB"),
                stdout=subprocess.DEVNULL, stderr=open(self.directory / "postgres.log", "a"))
        try:
            self.connect("postgres").close()
            return True
        except psycopg2.OperationalError:
            return False

    def conninfo(self, database, user="postgres"):
        return f"host={self.directory} dbname={database} user={user}"

    def connect(self, database, user="postgres"):
        connection = psycopg2.connect(self.conninfo(database, user))
        connection.autocommit = True
        return connection

    def sql(self, text, *values, database="postgres", user="postgres"):
        connection = self.connect(database, user)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, values or None)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def postmaster(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self):
        """As a crash would: no checkpoint, no farewell."""
        postmaster = self.postmaster()
        children = children_of(postmaster)
        for process in (postmaster, *children):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def stop(self):
        try:
            os.kill(self.postmaster(), signal.SIGINT)
        except (FileNotFoundError, ProcessLookupError):
            pass
        self.process.wait(timeout=DEADLINE)
        shutil.rmtree(self.directory, ignore_errors=True)


class Server:
    """A jinzaid on a database of its own."""

    def __init__(self, cluster, *flags, config="", listen=(), database=None, environment=None):
        """config is the text of a configuration file, listen further addresses, database one that another has made."""
        self.cluster = cluster
        self.borrowed = database is not None
        self.database = database or cluster.copy_database()
        self.directory = scratch()
        self.address = f"unix:{self.directory}/jinzai.sock"
        self.flags = [word for address in listen for word in ("--listen", address)] + list(flags)
        self.config = self.directory / "jinzaid.conf"
        self.config.write_text(config)
        self.log = self.directory / "log"
        self.environment = environment or {}
        self.process = None
        self.start()

    def command(self):
        flags = ["--config", self.config, "--state-directory", self.directory / "state", "--listen", self.address,
                 "--database", self.cluster.conninfo(self.database, "jinzai_daemon"),
                 "--migration-database", self.cluster.conninfo(self.database, "jinzai_owner"), *self.flags]
        return jinzaid(*flags)

    def tcp(self):
        """The TCP address that it listens on, where it was told to take a free port."""
        return re.findall(r"listening address=(tcp:\S+)", self.log.read_text())[-1]

    def logged(self, text, since=0):
        """Waits for a line in the log that holds the text."""
        return wait_for(lambda: text in self.log.read_text()[since:], f'"{text}" in the log')

    def start(self):
        self.process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=open(self.log, "a"),
                                        env={**os.environ, **self.environment})
        wait_for(self.ready, "the daemon's start")

    def ready(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            with self.connect() as wire:
                wire.call("level.list")
            return True
        except (OSError, RpcError, AssertionError):
            return False

    def connect(self, address=None):
        return Wire(address or self.address)

    def exchange(self, text):
        """Sends a text on a connection of its own, says that this was all, and returns all answers."""
        with self.connect() as wire:
            wire.send(text)
            wire.half_close()
            return [json.loads(line) for line in wire.rest()]

    def call(self, method, params=None, **more):
        with self.connect() as wire:
            return wire.call(method, {**(params or {}), **more})

    def refused(self, method, params=None, **more):
        """The error that a call gets; it must get one."""
        with pytest.raises(RpcError) as caught:
            self.call(method, params, **more)
        return caught.value

    def cli(self, *words, check=True, text=None, environment=None):
        """Runs the command against this daemon; the finished process with its output as text."""
        done = subprocess.run([BUILD / "jinzai", *map(str, words)], input=text, capture_output=True, text=True,
                              timeout=DEADLINE,
                              env={**os.environ, "JINZAI_CONNECT": self.address, "LANG": "C.UTF-8", **(environment or {})})
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def sql(self, text, *values, user="postgres"):
        return self.cluster.sql(text, *values, database=self.database, user=user)

    def census(self):
        """What the record holds, and its events: for each table its number of rows and a digest of them."""
        tables = self.sql("""
            select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v') and not c.relispartition
                and (n.nspname = 'core' or c.oid = 'derive.event'::regclass) order by 1""")
        query = " union all ".join(f"select '{table}', count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} t"
                                   for table, in tables)
        return {name: rest for name, *rest in self.sql(query)}

    def fold(self):
        """Folds until nothing is left."""
        while self.sql("select derive.fold(100000)")[0][0]:
            pass

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=DEADLINE)
        if how == signal.SIGTERM:
            assert code == 0, self.log.read_text()[-4000:]
        return code

    def close(self):
        try:
            self.stop()
        finally:
            if not self.borrowed:
                self.cluster.drop_database(self.database)
            shutil.rmtree(self.directory, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def server(cluster):
    """A daemon shared by the tests of one module."""
    server = Server(cluster)
    yield server
    server.close()


@pytest.fixture
def own_server(cluster):
    """Makes daemons for one test alone: own_server(*flags, config=…, listen=…)."""
    made = []

    def make(*flags, **more):
        made.append(Server(cluster, *flags, **more))
        return made[-1]

    yield make
    for server in reversed(made):
        server.close()
