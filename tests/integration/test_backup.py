# SPDX-License-Identifier: Apache-2.0
"""A backup of a daemon that serves, restored into a new cluster: every row, the log and its proof, the figures."""

import os
import shutil
import subprocess

import pytest

from conftest import BUILD, DEADLINE, POSTGRES_BIN, ROOT, USER, as_user, wait_for
from test_bulk import files, fill
from test_daemon import Private
from test_subject import recount_with_residue


def run(*words, check=True):
    done = subprocess.run([BUILD / "jinzai", *map(str, words)], capture_output=True, text=True, timeout=DEADLINE,
                          env={**os.environ, "LANG": "C.UTF-8"})
    if check:
        assert done.returncode == 0, done.stderr
    return done


class Served(Private):
    """A private cluster that looks like the server of the other tests, as far as they need it."""

    @property
    def cluster(self):
        return self

    database = "jinzai"

    def call(self, method, params=None, **more):
        return super().call(method, **{**(params or {}), **more})

    def conninfo(self, user):
        return f"host={self.state}/socket dbname=jinzai user={user}"

    def sql(self, text):
        done = subprocess.run(as_user(POSTGRES_BIN / "psql", "-XAtd", self.conninfo("postgres"), "-c", text), capture_output=True,
                              text=True, check=True)
        return done.stdout

    def counts(self):
        tables = self.sql("select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in "
                          "('core', 'derive', 'jinzai_meta') and c.relkind = 'r' order by 1").split()
        query = " union all ".join(f"select '{table}', count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} t" for table in tables)
        return set(self.sql(query).splitlines())


@pytest.fixture(scope="module")
def served():
    server = Served()
    server.start()
    fill(server, people=20)
    yield server
    server.close()


@pytest.fixture(scope="module")
def backup(served, tmp_path_factory):
    path = tmp_path_factory.mktemp("backup") / "jinzai.backup"
    done = run("backup", path, "--state-directory", served.state)
    assert "rows of" in done.stderr and path.stat().st_mode & 0o077 == 0
    return path


def settled(server):
    """The background pass has sealed and folded all there is, so that two looks at it are alike."""
    wait_for(lambda: server.sql("select (select count(*) from derive.event_inbox) + (select count(*) from derive.supply_change)") == "0\n", "the pass")


def test_a_backup_restored_into_a_new_cluster_is_the_same_to_the_last_row(served, backup, tmp_path):
    settled(served)
    again = tmp_path / "again"
    run("backup", again, "--state-directory", served.state)
    before = served.counts()
    other = Served()
    done = run("restore", again, "--state-directory", other.state, "--user", USER) if os.geteuid() == 0 else run("restore", again, "--state-directory", other.state)
    assert "up to date" in done.stdout
    other.start()
    try:
        # Only what a daemon does by the clock may differ, and the numbers of the other server's transactions.
        differing = {row.split("|")[0] for row in other.counts() ^ before}
        assert differing <= {"core.access_read", "core.scrub_due", "derive.event_inbox", "derive.event_log", "derive.event_batch",
                             "derive.figure_change"}, differing
        assert other.call("audit.verify")["intact"] is True
        assert other.call("audit.verify")["batches"] >= 1
        for server, where in ((served, "one"), (other, "two")):
            run("export", tmp_path / where, "--connect", server.address)
        one, two = files(tmp_path / "one"), files(tmp_path / "two")
        assert one == two
        figures = "select * from derive.supply('2024-03-01', 'organization', true) order by 1, 2, 3"
        assert other.sql(figures) == served.sql(figures) != ""
        # And it is used on.
        other.call("organization.create", code="after", name={"en": "After"}, kind="university", country="JP")
        code = other.call("person.create", career_stage="mid")["code"]
        assert code
    finally:
        other.close()


def test_supply_after_a_restore_equals_a_recount(cluster, own_server, tmp_path):
    """On a database elsewhere: dumped by the owner, who is under row-level security, and restored by a superuser."""
    server = own_server()
    fill(server, people=12)
    people = server.sql("select count(*) from core.person")[0][0]
    owner = cluster.conninfo(server.database, "jinzai_owner")
    done = run("backup", tmp_path / "file", "--database", owner, *(["--user", USER] if os.geteuid() == 0 else []))
    assert "rows of" in done.stderr
    empty = cluster.create_database()
    run("restore", tmp_path / "file", "--database", cluster.conninfo(empty, "jinzai_daemon"), "--migration-database", cluster.conninfo(empty),
        *(["--user", USER] if os.geteuid() == 0 else []))
    other = own_server(database=empty)
    assert other.sql("select count(*) from core.person")[0][0] == people > 0
    assert recount_with_residue(other) > 100
    assert other.call("audit.verify")["intact"] is True
    other.stop()
    cluster.drop_database(empty)


def test_a_backup_that_would_miss_rows_is_refused(cluster, own_server, tmp_path):
    server = own_server()
    server.sql("drop policy derive_all on core.holding")
    done = run("backup", tmp_path / "file", "--database", cluster.conninfo(server.database, "jinzai_owner"),
               *(["--user", USER] if os.geteuid() == 0 else []), check=False)
    assert done.returncode != 0 and "does not see all rows of core.holding" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_only_restored_into_a_new_database_and_a_broken_one_leaves_nothing(served, backup, tmp_path):
    flags = ["--user", USER] if os.geteuid() == 0 else []
    other = Served()
    try:
        shutil.copy(backup, tmp_path / "broken")
        with open(tmp_path / "broken", "r+b") as file:
            file.truncate(backup.stat().st_size // 2)
        done = run("restore", tmp_path / "broken", "--state-directory", other.state, *flags, check=False)
        assert done.returncode != 0 and "failed" in done.stderr, done.stderr
        run("restore", backup, "--state-directory", other.state, *flags)
        done = run("restore", backup, "--state-directory", other.state, *flags, check=False)
        assert done.returncode != 0 and "holds a record already" in done.stderr
        done = run("restore", backup, "--state-directory", served.state, *flags, check=False)
        assert done.returncode != 0 and "another jinzaid uses the state directory" in done.stderr
    finally:
        shutil.rmtree(other.directory, ignore_errors=True)


def test_what_cannot_be_done_is_said(served, tmp_path):
    (tmp_path / "there").write_text("x")
    assert "is there already" in run("backup", tmp_path / "there", check=False).stderr
    done = run("backup", tmp_path / "new", "--state-directory", tmp_path / "nothing", *(["--user", USER] if os.geteuid() == 0 else []), check=False)
    assert done.returncode != 0 and not (tmp_path / "new").exists() and not (tmp_path / "new.partial").exists()
    assert run("restore", tmp_path / "none", check=False).returncode == 66
    done = subprocess.run([BUILD / "jinzaid", "--backup", "--state-directory", served.state, *(["--user", USER] if os.geteuid() == 0 else [])],
                          capture_output=True, text=True)
    assert done.returncode != 0 and "open for reading and writing" in done.stderr
