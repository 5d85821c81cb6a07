# SPDX-License-Identifier: Apache-2.0
"""jinzaid as a program: its configuration, its start, its end, and what it tells systemd."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from conftest import BUILD, DEADLINE, ROOT, USER, RpcError, Server, Wire, jinzaid, scratch, wait_for

EX_USAGE, EX_NOINPUT, EX_NOUSER, EX_UNAVAILABLE, EX_CANTCREAT, EX_CONFIG = 64, 66, 67, 69, 73, 78


def run(*flags, environment=None, raw=False):
    command = [str(word) for word in (BUILD / "jinzaid", *flags)] if raw else jinzaid(*flags)
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False,
                          env={**os.environ, **(environment or {})})


def refused(status, *flags, **more):
    """The one sentence with which the daemon ends instead of starting."""
    done = run(*flags, **more)
    lines = [line for line in done.stderr.splitlines() if " error: " in line]
    assert len(lines) == 1 and done.stderr.splitlines()[-1] == lines[0], done.stderr
    sentence = lines[0].partition(" error: ")[2]
    assert done.returncode == status, (done.returncode, sentence)
    assert done.stdout == ""
    return sentence


# Configuration ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags, sentence", [
    (["--frob"], "--frob: there is no such flag"),
    (["--check-config=yes"], "--check-config=yes: there is no such flag, or it takes no value"),
    (["--config"], "--config: needs a value"),
    (["serve"], "serve: is not a flag"),
    (["--log-level", "loud"], "--log-level: log_level must be error, warning, notice, info or debug"),
    (["--listen", "ftp:x"], "it must be unix:PATH, tcp:HOST:PORT or tls:HOST:PORT"),
    (["--listen", "unix:jinzai.sock"], "its path must be absolute"),
    (["--listen", "unix:/" + "x" * 200], "longer than the 107 bytes"),
    (["--listen", "tcp:localhost:70000"], "its port must be a number from 0 to 65535"),
    (["--listen", "tcp::80"], "its host is missing"),
    (["--database", "host=a frob=b"], "database is not a connection string"),
    (["--state-directory", ""], "state_directory has no value"),
])
def test_a_wrong_flag_is_one_sentence_that_names_it(flags, sentence):
    said = refused(EX_USAGE, *flags, raw=True)
    assert sentence in said and flags[0].partition("=")[0] in said


@pytest.mark.parametrize("text, line, sentence", [
    ("[limits]\n\npage_size = none\n", 3, "page_size must be a whole number from 1 to 100000"),
    ("[limits]\npage_size = 0\n", 2, "from 1 to"),
    ("[limits]\npage_size = 5x\n", 2, "from 1 to"),
    ("[limits]\nrequest_bytes = 99999999999999999999\n", 2, "request_bytes must be"),
    ("[limits]\nrequest_depth = 65\n", 2, "from 4 to 64"),
    ("[limits]\npage_sise = 5\n", 2, 'no key "page_sise" in section [limits]'),
    ("[pool]\npage_size = 5\n", 2, 'no key "page_size" in section [pool]'),
    ("; a comment\n[limit]\npage_size = 5\n", 3, "no section [limit]"),
    ("page_size = 5\n", 1, "before the first section"),
    ("[limits]\npage_size\n", 2, "neither a [section]"),
    ("[limits\npage_size = 5\n", 1, "neither a [section]"),
    ("[daemon]\nlog_level =\n", 2, "log_level has no value"),
    ('[daemon]\nuser = "somebody\n', 2, "quoted value of user"),
    ("[daemon]\nlisten = nowhere\n", 2, "unix:PATH"),
    ("[daemon]\ndatabase = x" + "y" * 9000 + "\n", 2, "longer than"),
])
def test_a_wrong_file_is_one_sentence_that_names_file_and_line(tmp_path, text, line, sentence):
    path = tmp_path / "jinzaid.conf"
    path.write_text(text)
    said = refused(EX_CONFIG, "--config", path, "--check-config")
    assert said.startswith(f"{path}:{line}: ") and sentence in said


def test_a_file_that_is_not_there_or_cannot_be_read_is_one_sentence(tmp_path):
    assert "cannot be read" in refused(EX_CONFIG, "--config", tmp_path / "none")
    assert "cannot be read" in refused(pytest.approx(EX_NOINPUT, abs=8), "--config", tmp_path)


@pytest.mark.parametrize("name, value, sentence", [
    ("JINZAID_FROB", "1", "JINZAID_FROB: there is no such variable"),
    ("JINZAID_PAGE_SIZE", "many", "JINZAID_PAGE_SIZE: page_size must be"),
    ("JINZAID_LISTEN", "unix:/run/a nowhere", "JINZAID_LISTEN: listen cannot be"),
])
def test_a_wrong_variable_is_one_sentence_that_names_it(name, value, sentence):
    assert sentence in refused(EX_CONFIG, "--check-config", environment={name: value})


def test_a_flag_goes_before_a_variable_and_a_variable_before_the_file(tmp_path):
    path = tmp_path / "jinzaid.conf"
    path.write_text("[daemon]\nlog_level = error\nlisten = unix:/run/file\nlisten = unix:/run/file2\n[limits]\npage_size = 1\n")
    common = ["--config", path, "--check-config", "--database", "dbname=x"]

    def value(key, *flags, **environment):
        text = run(*common, *flags, environment=environment).stdout
        return re.findall(rf'^{key} = "?(.*?)"?$', text, re.MULTILINE)

    assert value("log_level") == ["error"] and value("page_size") == ["1"]
    assert value("listen") == ["unix:/run/file", "unix:/run/file2"]
    assert value("log_level", JINZAID_LOG_LEVEL="notice") == ["notice"]
    assert value("log_level", "--log-level", "debug", JINZAID_LOG_LEVEL="notice") == ["debug"]
    assert value("listen", JINZAID_LISTEN="unix:/run/one tcp:localhost:1") == ["unix:/run/one", "tcp:localhost:1"]
    assert value("listen", "--listen", "unix:/run/flag", JINZAID_LISTEN="unix:/run/one") == ["unix:/run/flag"]
    assert value("page_size", JINZAID_CONFIG="/dev/null") == ["1"]


def test_what_check_config_prints_is_a_file_that_says_the_same(tmp_path):
    path = tmp_path / "first.conf"
    path.write_text('[daemon]\ndatabase = "host=db password=\'se cret\' dbname=\'x ; y\'"  ; a comment\n'
                    "trusted_user = root\n[limits]\nrequest_bytes = 2M ; as a size\n")
    first = run("--config", path, "--check-config")
    assert first.returncode == 0, first.stderr
    assert "se cret" not in first.stdout and "password='********'" in first.stdout and "dbname='x ; y'" in first.stdout
    assert "request_bytes = 2097152" in first.stdout
    again = tmp_path / "again.conf"
    again.write_text(first.stdout)
    second = run("--config", again, "--check-config")
    assert second.returncode == 0, second.stderr
    assert second.stdout.replace(str(again), str(path)) == first.stdout


def test_help_and_version_answer_whatever_else_is_wrong():
    shown = run("--help", environment={"JINZAID_CONFIG": "/nowhere", "JINZAID_FROB": "1"})
    assert shown.returncode == 0 and shown.stderr == ""
    for word in ("--config FILE", "--state-directory DIR", "--database CONNINFO", "--listen ADDRESS", "--user NAME", "--check-config",
                 "--migrate", "SIGHUP", "Exit status", "JINZAID_STATE_DIRECTORY"):
        assert word in shown.stdout
    assert re.fullmatch(r"jinzaid \d+\.\d+\.\d+\n", run("--version").stdout)


def test_users_that_do_not_exist_are_one_sentence():
    assert refused(EX_NOUSER, "--user", "nobody-of-this-name", raw=True) == 'user: there is no user "nobody-of-this-name"'
    assert "nobody-of-this-name" in refused(EX_NOUSER, "--trusted-user", "nobody-of-this-name", "--database", "dbname=x")


@pytest.mark.skipif(os.geteuid() != 0, reason="for root alone")
def test_root_without_a_user_is_refused_where_postgresql_would_have_to_run_as_root(tmp_path):
    for flags in ([], ["--user", "root"]):
        said = refused(EX_USAGE, "--state-directory", tmp_path / "state", *flags, raw=True)
        assert "cannot run as root: give --user NAME, or --database CONNINFO" in said
    assert not (tmp_path / "state").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="for root alone")
def test_the_daemon_stops_being_root_for_good(server):
    status = open(f"/proc/{server.process.pid}/status").read()
    for line in ("Uid", "Gid"):
        assert "0" not in re.search(rf"^{line}:(.*)$", status, re.MULTILINE).group(1).split()
    assert re.search(r"^CapEff:\s*0+$", status, re.MULTILINE)


# Databases that cannot be used --------------------------------------------------------------------------------------


def flags_for(directory, conninfo, owner=None):
    return ["--listen", f"unix:{directory}/sock", "--database", conninfo, "--migration-database", owner or conninfo]


@pytest.fixture
def directory():
    path = scratch()
    yield path
    assert not (path / "sock").exists(), "the socket is left over"


@pytest.fixture
def database(cluster):
    name = cluster.copy_database()
    yield name
    cluster.drop_database(name)


def refused_on(cluster, directory, database):
    return refused(EX_UNAVAILABLE, *flags_for(directory, cluster.conninfo(database, "jinzai_daemon"),
                                              cluster.conninfo(database, "jinzai_owner")))


def test_a_database_that_is_missing_is_one_sentence(cluster, directory):
    assert 'database "no_such" does not exist' in refused_on(cluster, directory, "no_such")


def test_a_database_out_of_reach_is_one_sentence(directory):
    assert "cannot be reached" in refused(EX_UNAVAILABLE, *flags_for(directory, "host=/nowhere dbname=x"))
    assert "cannot be reached" in refused(EX_UNAVAILABLE, *flags_for(directory, "host=127.0.0.1 port=1 dbname=x"))


def test_a_database_whose_login_is_not_let_in_is_one_sentence(cluster, directory):
    assert "cannot be reached" in refused(EX_UNAVAILABLE, *flags_for(directory, cluster.conninfo("postgres", "no_such_role")))


def test_a_database_migrated_by_a_newer_jinzai_is_one_sentence(cluster, directory, database):
    cluster.sql("insert into jinzai_meta.migration (number, name, sha256, compatible_from, applied_by) "
                "values (9999, 'sql/schema/9999_future.sql', '', 9999, '99.0')", database=database)
    said = refused_on(cluster, directory, database)
    assert "migrated by a newer jinzai (99.0)" in said and "migration 9999" in said


def test_a_newer_schema_that_leaves_the_door_open_is_served(cluster, directory, database):
    cluster.sql("insert into jinzai_meta.migration (number, name, sha256, compatible_from, applied_by) "
                "values (9999, 'sql/schema/9999_future.sql', '', 1, '99.0')", database=database)
    server = Server(cluster, database=database)
    assert "which left it open to this one" in server.log.read_text()
    assert server.call("server.info")["schema_version"] == 9999
    server.close()


def test_a_migration_that_was_changed_after_it_was_applied_is_one_sentence(cluster, directory, database):
    cluster.sql("update jinzai_meta.migration set sha256 = 'x' where number = 1", database=database)
    said = refused_on(cluster, directory, database)
    assert said.startswith("sql/schema/0001") and "was changed after it was applied" in said


def test_a_migration_that_was_left_out_is_one_sentence(cluster, directory, database):
    cluster.sql("delete from jinzai_meta.migration where number = 1", database=database)
    assert "was never applied to this database, though a later migration was" in refused_on(cluster, directory, database)


def test_a_login_that_may_not_migrate_is_one_sentence(cluster, directory, database):
    conninfo = cluster.conninfo(database, "jinzai_daemon")
    assert "may not become jinzai_owner" in refused(EX_UNAVAILABLE, *flags_for(directory, conninfo))


def test_migrate_alone_brings_an_empty_database_up_to_date_and_says_what_it_did(cluster):
    name = cluster.create_database()
    flags = ["--migrate", "--database", cluster.conninfo(name, "jinzai_owner")]
    first = run(*flags)
    assert first.returncode == 0 and first.stderr == ""
    said = first.stdout.splitlines()
    assert said[0] == "applied sql/schema/0001_foundation.sql" and said[-1] == "the schema is up to date"
    assert "applied sql/api/" in said and "applied sql/reference/" in said
    before = cluster.sql("select number, sha256, applied_at from jinzai_meta.migration order by number", database=name)
    assert [row[0] for row in before] == list(range(1, len(before) + 1))
    second = run(*flags)
    assert second.returncode == 0 and second.stdout == "the schema is up to date\n"
    assert cluster.sql("select number, sha256, applied_at from jinzai_meta.migration order by number", database=name) == before
    cluster.drop_database(name)


def test_a_migration_that_fails_leaves_nothing_of_itself(cluster):
    name = cluster.create_database()
    cluster.sql("create schema derive", database=name)  # stands in the way of a migration
    done = run("--migrate", "--database", cluster.conninfo(name, "jinzai_owner"))
    assert done.returncode == EX_UNAVAILABLE and 'schema "derive" already exists' in done.stderr.splitlines()[-1]
    assert cluster.sql("select count(*) from jinzai_meta.migration", database=name) == [(0,)]
    assert cluster.sql("select nspname from pg_namespace where nspname = 'core'", database=name) == []
    cluster.drop_database(name)


def test_daemons_that_migrate_one_database_at_once_take_turns(cluster):
    name = cluster.create_database()
    command = jinzaid("--migrate", "--database", cluster.conninfo(name, "jinzai_owner"))
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=DEADLINE)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum("applied sql/schema/0001" in text for text in said) == 1
    cluster.drop_database(name)


def test_the_functions_of_a_changed_build_are_applied_whole(cluster, database):
    cluster.sql("update jinzai_meta.whole set sha256 = 'another'; drop function api.fold(bigint); "
                "create function api.leftover() returns integer language sql as 'select 1'", database=database)
    assert run("--migrate", "--database", cluster.conninfo(database, "jinzai_owner")).stdout.splitlines() == [
        "applied sql/api/", "applied sql/reference/", "the schema is up to date"]
    assert cluster.sql("select proname from pg_proc where proname in ('fold', 'leftover') and pronamespace = 'api'::regnamespace",
                       database=database) == [("fold",)]


# Sockets ------------------------------------------------------------------------------------------------------------


def test_an_address_in_use_is_one_sentence_and_its_holder_goes_on(server):
    assert "another program answers there" in refused(EX_CANTCREAT, "--database", "dbname=x", "--listen", server.address)
    assert server.call("server.info")["name"] == "jinzaid"
    with socket.create_server(("127.0.0.1", 0)) as holder:
        address = f"tcp:127.0.0.1:{holder.getsockname()[1]}"
        assert "Address already in use" in refused(EX_CANTCREAT, "--database", "dbname=x", "--listen", address)


def test_a_file_in_the_place_of_a_socket_is_left_alone(directory):
    path = directory / "file"
    path.write_text("precious")
    assert "is no socket" in refused(EX_CANTCREAT, "--database", "dbname=x", "--listen", f"unix:{path}")
    assert path.read_text() == "precious"


def test_a_host_that_does_not_resolve_is_one_sentence():
    assert "cannot listen on tcp:no.such.host.invalid:1" in refused(
        EX_CANTCREAT, "--database", "dbname=x", "--listen", "tcp:no.such.host.invalid:1")


def test_a_socket_that_a_killed_daemon_left_is_taken_over_and_one_that_stopped_leaves_none(own_server):
    server = own_server()
    path = server.address.removeprefix("unix:")
    server.stop(signal.SIGKILL)
    assert os.path.exists(path)
    server.start()
    assert server.call("server.info")["name"] == "jinzaid"
    server.stop()
    assert not os.path.exists(path)


def test_several_addresses_are_served_at_once(own_server):
    directory = scratch()
    server = own_server(listen=[f"unix:{directory}/sub/other.sock", "tcp:127.0.0.1:0", "tcp:localhost:0"])
    for address in (server.address, f"unix:{directory}/sub/other.sock", server.tcp()):
        with Wire(address) as wire:
            assert wire.call("server.info")["name"] == "jinzaid"


# systemd ------------------------------------------------------------------------------------------------------------


class Systemd:
    """What systemd would hear from the service."""

    def __init__(self):
        self.directory = scratch()
        self.path = f"{self.directory}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.heard = []

    def hear(self, what):
        """Waits for a message that holds the line what; everything heard since the last one, that message included."""
        self.socket.settimeout(DEADLINE)
        since = len(self.heard)
        while True:
            self.heard += self.socket.recv(4096).decode().splitlines()
            if what in self.heard[since:]:
                return self.heard[since:]

    def quiet(self):
        """What has been heard by now, without waiting."""
        self.socket.setblocking(False)
        since = len(self.heard)
        try:
            while True:
                self.heard += self.socket.recv(4096).decode().splitlines()
        except BlockingIOError:
            return self.heard[since:]


MIGRATION_LOCK = 117001057624425


def test_ready_is_said_after_the_sockets_are_bound_and_the_schema_is_current(cluster, directory):
    systemd = Systemd()
    name = cluster.create_database()
    lock = cluster.connect(name)
    lock.cursor().execute("select pg_advisory_lock(%s)", (MIGRATION_LOCK,))
    process = subprocess.Popen(
        jinzaid(*flags_for(directory, cluster.conninfo(name, "jinzai_daemon"), cluster.conninfo(name, "jinzai_owner")),
                "--trusted-user", "root"), stderr=subprocess.DEVNULL, env={**os.environ, "NOTIFY_SOCKET": systemd.path})
    assert "READY=1" not in systemd.hear("STATUS=another jinzaid migrates this database: waiting for it")
    assert (directory / "sock").exists()
    with Wire(f"unix:{directory}/sock") as early:  # is kept until there is something to answer with
        early.send('{"jsonrpc": "2.0", "method": "level.list", "id": 1}')
        assert "READY=1" not in systemd.quiet()
        lock.close()
        systemd.hear("READY=1")
        with Wire(f"unix:{directory}/sock") as wire:
            assert len(wire.call("level.list")["items"]) == 5
        assert len(early.answer()["result"]["items"]) == 5
    process.terminate()
    heard = systemd.hear("STOPPING=1")
    assert "READY=1" not in heard
    assert process.wait(DEADLINE) == 0
    cluster.drop_database(name)


def test_a_daemon_that_cannot_start_never_says_ready(cluster, directory):
    systemd = Systemd()
    done = run(*flags_for(directory, cluster.conninfo("no_such", "jinzai_owner")), environment={"NOTIFY_SOCKET": systemd.path})
    assert done.returncode == EX_UNAVAILABLE
    assert "READY=1" not in systemd.quiet()


def test_the_watchdog_gets_its_sign_of_life_and_the_status_is_shown(own_server):
    systemd = Systemd()
    own_server(environment={"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "200000"})
    for _ in range(3):
        systemd.hear("WATCHDOG=1")
    wait_for(lambda: systemd.quiet() is not None and any(re.match(r"STATUS=serving: \d+ connections", line) for line in systemd.heard),
             "the status line")


def test_sighup_reads_the_configuration_again_and_changes_a_limit(own_server):
    systemd = Systemd()
    server = own_server(config="[limits]\npage_size = 3\n", environment={"NOTIFY_SOCKET": systemd.path})
    systemd.hear("READY=1")
    with server.connect() as wire:
        assert len(wire.call("skill.list")["items"]) == 3
        server.config.write_text("[limits]\npage_size = 7\n[pool]\nfast_backends = 9\n")
        server.process.send_signal(signal.SIGHUP)
        heard = systemd.hear("RELOADING=1")
        assert any(re.fullmatch(r"MONOTONIC_USEC=\d+", line) for line in heard)
        if "READY=1" not in heard:
            systemd.hear("READY=1")
        assert len(wire.call("skill.list")["items"]) == 7  # on a connection that was open before
    assert "waits for a restart key=fast_backends" in server.log.read_text()


def test_a_wrong_configuration_at_sighup_changes_nothing_and_is_logged(own_server):
    server = own_server(config="[limits]\npage_size = 3\n")
    server.config.write_text("[limits]\npage_size = 7\nrequest_depth = many\n")
    server.process.send_signal(signal.SIGHUP)
    server.logged("configuration stays as it was reason=")
    assert f"{server.config}:3: request_depth must be" in server.log.read_text()
    assert len(server.call("skill.list")["items"]) == 3


def test_sockets_that_systemd_hands_over_are_served_beside_those_that_are_configured(cluster, database, directory):
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(f"{directory}/handed")
    os.chmod(f"{directory}/handed", 0o666)
    unix.listen()
    tcp = socket.create_server(("127.0.0.1", 0))
    # The one that is handed over is configured as well, as it is where systemd holds the daemon's usual socket.
    command = jinzaid(*flags_for(directory, cluster.conninfo(database, "jinzai_daemon"), cluster.conninfo(database, "jinzai_owner")),
                      "--listen", f"unix:{directory}/handed", "--trusted-user", "root")
    process = subprocess.Popen(
        ["bash", "-c", 'exec 3<&"$1" 4<&"$2"; shift 2; LISTEN_FDS=2 LISTEN_PID=$$ exec "$@"', "bash", str(unix.fileno()),
         str(tcp.fileno()), *command], pass_fds=[unix.fileno(), tcp.fileno()], stderr=subprocess.DEVNULL)
    port = tcp.getsockname()[1]
    unix.close()
    tcp.close()
    with Wire(f"unix:{directory}/handed") as wire:
        assert wire.call("server.info")["caller"]["role"] == "admin"
        assert len(wire.call("level.list")["items"]) == 5
    with Wire(f"tcp:127.0.0.1:{port}") as wire:
        assert wire.call("server.info")["caller"]["role"] == "stranger"
    with Wire(f"unix:{directory}/sock") as wire:
        assert wire.call("server.info")["caller"]["role"] == "admin"
    process.terminate()
    assert process.wait(DEADLINE) == 0
    assert (directory / "handed").exists()  # it is systemd's


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="there is no systemd-socket-activate")
def test_the_first_caller_of_an_activated_socket_starts_the_daemon_and_is_answered(cluster, database, directory):
    address = f"unix:{directory}/activated"
    command = jinzaid(*flags_for(directory, cluster.conninfo(database, "jinzai_daemon"), cluster.conninfo(database, "jinzai_owner")),
                      "--trusted-user", "root")
    process = subprocess.Popen(["systemd-socket-activate", "-l", f"{directory}/activated", *command], stderr=subprocess.DEVNULL)
    wait_for((directory / "activated").exists, "the socket")
    assert not (directory / "sock").exists()
    with Wire(address) as wire:
        assert len(wire.call("level.list")["items"]) == 5
    process.terminate()
    assert process.wait(DEADLINE) == 0


def test_a_descriptor_that_is_no_listening_socket_is_one_sentence(tmp_path):
    done = subprocess.run(["bash", "-c", 'exec 3</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "bash",
                           *jinzaid("--database", "dbname=x")], capture_output=True, text=True, check=False)
    assert done.returncode == EX_CANTCREAT
    assert "is no listening stream socket" in done.stderr.splitlines()[-1]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_the_service_is_confined():
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", ROOT / "deploy" / "jinzaid.service"], capture_output=True,
                          text=True, check=False)
    exposure = re.search(r"Overall exposure level for jinzaid.service: ([\d.]+)", done.stdout)
    assert exposure and float(exposure.group(1)) <= 1.5, done.stdout + done.stderr


def test_the_configuration_that_is_installed_names_every_key_with_its_default(tmp_path):
    text = (ROOT / "deploy" / "jinzaid.conf").read_text()
    path = tmp_path / "jinzaid.conf"
    path.write_text(text)
    as_it_is = run("--config", path, "--check-config", "--database", "dbname=x")
    assert as_it_is.returncode == 0, as_it_is.stderr
    silent = run("--check-config", "--database", "dbname=x")
    assert as_it_is.stdout.partition("\n")[2] == silent.stdout
    keys = re.findall(r"^  (\w+) +JINZAID_", run("--help").stdout, re.MULTILINE)
    assert len(keys) > 25
    for key in keys:
        assert re.search(rf"^;? ?{key} = ", text, re.MULTILINE), key


# The private cluster ------------------------------------------------------------------------------------------------


class Private:
    """A jinzaid that keeps a PostgreSQL cluster of its own."""

    def __init__(self, directory=None, **environment):
        self.directory = directory or scratch()
        self.state = self.directory / "state"
        self.address = f"unix:{self.directory}/sock"
        self.log = self.directory / "log"
        self.environment = environment
        self.process = None

    def command(self):
        return jinzaid("--state-directory", self.state, "--listen", self.address, "--trusted-user", "root",
                       *([] if os.geteuid() == 0 else ["--trusted-user", USER]))

    def begin(self):
        self.process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=open(self.log, "a"),
                                        env={**os.environ, **self.environment})

    def start(self):
        self.begin()
        wait_for(self.ready, "the daemon's start")

    def ready(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.call("level.list")
        except (OSError, RpcError, AssertionError):
            return None

    def call(self, method, **params):
        with Wire(self.address) as wire:
            return wire.call(method, params)

    def postmaster(self):
        return int((self.state / "cluster" / "postmaster.pid").read_text().split()[0])

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(DEADLINE)

    def close(self):
        if self.process.poll() is None:
            self.stop()


def runs(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def private():
    private = Private()
    private.start()
    private.call("organization.create", code="kept", name={"en": "Kept"}, kind="international")
    yield private
    private.close()


def kept(private):
    return [item["code"] for item in private.call("organization.list")["items"]] == ["kept"]


def test_a_private_cluster_is_made_at_the_first_start_for_its_user_alone(private):
    assert kept(private)
    status = private.state.stat()
    assert status.st_mode & 0o777 == 0o700 and (private.state / "socket").stat().st_mode & 0o777 == 0o700
    assert status.st_uid == private.directory.stat().st_uid
    settings = (private.state / "cluster" / "postgresql.conf").read_text()
    assert "listen_addresses = ''" in settings and "jit = off" in settings
    access = [line for line in (private.state / "cluster" / "pg_hba.conf").read_text().splitlines() if not line.startswith("#")]
    assert access and all(" peer map=" in line for line in access)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("user", ["root", "nobody"])
@pytest.mark.parametrize("role", ["postgres", "jinzai_owner", "jinzai_daemon"])
def test_nobody_else_gets_into_the_private_cluster(private, user, role):
    done = subprocess.run(["runuser", "-u", user, "--", "psql", "-h", private.state / "socket", "-U", role, "-d", "jinzai", "-c", "select 1"],
                          capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode != 0
    assert re.search("Peer authentication failed|Permission denied", done.stderr), done.stderr


def test_a_second_daemon_on_the_same_state_directory_is_one_sentence(private):
    said = refused(EX_UNAVAILABLE, "--state-directory", private.state, "--listen", f"unix:{private.directory}/second")
    assert said == f"another jinzaid uses the state directory {private.state}"
    assert kept(private)


def test_a_restart_keeps_what_was_recorded_and_postgresql_stops_with_the_daemon(private):
    postmaster = private.postmaster()
    assert private.stop() == 0
    assert not runs(postmaster) and not (private.state / "cluster" / "postmaster.pid").exists()
    private.start()
    assert kept(private) and private.postmaster() != postmaster


def test_a_postgresql_orphaned_by_a_killed_daemon_is_adopted(private):
    postmaster = private.postmaster()
    private.stop(signal.SIGKILL)
    assert runs(postmaster)
    private.start()
    assert private.postmaster() == postmaster and f"adopted a running PostgreSQL pid={postmaster}" in private.log.read_text()
    assert kept(private)
    assert private.stop() == 0
    wait_for(lambda: not runs(postmaster), "the end of the adopted PostgreSQL")
    private.start()


@pytest.mark.parametrize("adopted", [False, True])
def test_a_killed_postgresql_is_started_again_by_the_daemon(private, adopted):
    if adopted:
        private.stop(signal.SIGKILL)
        private.start()
    postmaster = private.postmaster()
    os.kill(postmaster, signal.SIGKILL)

    def another():
        try:
            return private.postmaster() != postmaster and private.ready()
        except (FileNotFoundError, IndexError):
            return False
    wait_for(another, "PostgreSQL's return")
    assert f"PostgreSQL ended and is started again pid={postmaster}" in private.log.read_text()
    assert kept(private)


def test_a_killed_postgresql_and_a_killed_daemon_together_recover(private):
    os.kill(private.postmaster(), signal.SIGKILL)
    private.stop(signal.SIGKILL)
    private.start()
    assert kept(private)


def test_a_lock_file_that_names_another_process_is_not_believed(private):
    """As after a reboot, where the number is somebody else's."""
    private.stop()
    lock = private.state / "cluster" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{private.state}/cluster\n0\n5432\n{private.state}/socket\n\n\n")
    if os.geteuid() == 0:
        os.chown(lock, private.state.stat().st_uid, private.state.stat().st_gid)
    lock.chmod(0o600)
    private.start()
    assert kept(private)


def test_a_cluster_of_another_major_version_is_one_sentence_that_tells_the_way_over(private):
    private.stop()
    copy = scratch() / "state"
    subprocess.run(["cp", "-a", private.state, copy], check=True)
    (copy / "cluster" / "PG_VERSION").write_text("14\n")
    said = refused(EX_UNAVAILABLE, "--state-directory", copy, "--listen", f"unix:{copy.parent}/sock")
    assert "was made by PostgreSQL 14" in said and "install postgresql-14" in said and "jinzai backup" in said
    assert not (copy.parent / "sock").exists() and (copy / "cluster" / "PG_VERSION").read_text() == "14\n"
    private.start()
    assert kept(private)


def test_a_state_directory_with_a_path_too_long_for_a_socket_is_one_sentence():
    deep = scratch() / ("x" * 90)
    said = refused(EX_UNAVAILABLE, "--state-directory", deep, "--listen", f"unix:{deep.parent}/sock")
    assert said.startswith("state_directory: ") and "longer than" in said


def test_a_state_directory_that_cannot_be_one_is_one_sentence(tmp_path):
    assert "state_directory" in refused(EX_CANTCREAT, "--state-directory", tmp_path / "no" / "parent")
    (tmp_path / "file").write_text("")
    assert "is not a directory" in refused(EX_CANTCREAT, "--state-directory", tmp_path / "file")
    strange = scratch() / "state"
    (strange / "cluster").mkdir(parents=True)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", USER, strange], check=True)
    assert "exists and is not a PostgreSQL cluster" in refused(
        EX_UNAVAILABLE, "--state-directory", strange, "--listen", f"unix:{strange.parent}/sock")


def test_a_daemon_killed_while_it_makes_its_cluster_makes_it_at_the_next_start():
    private = Private()
    private.begin()
    wait_for(lambda: list(private.state.glob("cluster.new.*/PG_VERSION")), "the beginning of initdb")
    private.stop(signal.SIGKILL)
    private.start()
    assert len(private.call("level.list")["items"]) == 5
    # The orphaned initdb of the first may have gone on for a moment; it stood in nobody's way.
    assert (private.state / "cluster" / "PG_VERSION").exists()
    private.close()


def test_a_signal_during_the_first_start_leaves_no_postgresql_behind():
    private = Private()
    private.begin()
    wait_for(lambda: list(private.state.glob("cluster.new.*")), "the beginning of initdb")
    assert private.stop() == 0
    assert not (private.state / "cluster" / "postmaster.pid").exists()
    assert not (private.directory / "sock").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="for root alone")
def test_a_full_disk_is_one_sentence():
    directory = scratch()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=777", "tmpfs", directory], check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        done = run("--state-directory", directory / "state", "--listen", f"unix:{scratch()}/sock")
        said = [line for line in done.stderr.splitlines() if " error: " in line][-1]
        assert done.returncode == EX_UNAVAILABLE
        assert "disk" in said and "full" in said, done.stderr
    finally:
        subprocess.run(["umount", directory], check=True)
