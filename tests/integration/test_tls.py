# SPDX-License-Identifier: Apache-2.0
"""TLS: what is spoken, who a client certificate is, and that certificates change without dropping anybody."""

import calendar
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

from conftest import BUILD, DEADLINE, USER, RpcError, Server, Wire, jinzaid, scratch, wait_for


class Authority:
    """A certificate authority in a directory of its own."""

    def __init__(self, directory, name="ca"):
        self.directory, self.name = directory, name
        self.certificate = directory / f"{name}.pem"
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                 "-keyout", directory / f"{name}.key", "-out", self.certificate)

    @staticmethod
    def run(*words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)

    def issue(self, name, alternative, usage, days=2):
        """A key and a certificate with that alternative name; their paths."""
        base = self.directory / name
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", f"{base}.key", "-out", f"{base}.csr")
        pathlib.Path(f"{base}.ext").write_text(f"subjectAltName={alternative}\nextendedKeyUsage={usage}\n" if alternative
                                               else f"extendedKeyUsage={usage}\n")
        self.run("x509", "-req", "-in", f"{base}.csr", "-CA", self.certificate, "-CAkey", self.directory / f"{self.name}.key",
                 "-CAcreateserial", "-days", days, "-extfile", f"{base}.ext", "-out", f"{base}.pem")
        if os.geteuid() == 0:
            shutil.chown(f"{base}.key", USER)
        return f"{base}.pem", f"{base}.key"


class TlsWire(Wire):
    """A connection over TLS."""

    def __init__(self, address, authority, certificate=None, maximum=None, resumed=None):
        host, _, port = address.removeprefix("tls:").rpartition(":")
        self.context = context = resumed.context if resumed else ssl.create_default_context(cafile=authority.certificate)
        if certificate:
            context.load_cert_chain(*certificate)
        if maximum:
            context.maximum_version = maximum
        self.socket = context.wrap_socket(socket.create_connection((host, int(port)), timeout=DEADLINE), server_hostname="localhost",
                                          suppress_ragged_eofs=False, session=resumed.socket.session if resumed else None)
        self.buffer = b""
        self.last_id = 0


@pytest.fixture(scope="module")
def authority():
    directory = scratch()
    yield Authority(directory)
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def shown(authority):
    return authority.issue("server", "DNS:localhost,IP:127.0.0.1", "serverAuth")


def settings(authority, shown, limits=""):
    return (f"[limits]\nsign_in_delay_max_ms = 20\n{limits}\n"
            f"[tls]\ncertificate = {shown[0]}\nkey = {shown[1]}\nclient_ca = {authority.certificate}\n")


@pytest.fixture(scope="module")
def server(cluster, authority, shown):
    server = Server(cluster, listen=["tls:127.0.0.1:0"], config=settings(authority, shown))
    server.call("organization.create", {"code": "tls", "name": {"en": "TLS"}, "kind": "university", "country": "US"})
    yield server
    server.close()


def address(server):
    return re.findall(r"listening address=(tls:\S+)", server.log.read_text())[-1]


def test_who_shows_no_certificate_is_a_stranger_and_signs_in_with_a_token(server, authority):
    server.call("principal.create", {"name": "by-token", "kind": "program", "role": "analyst"})
    made = server.call("token.create", {"principal": "by-token"})
    with TlsWire(address(server), authority) as wire:
        assert wire.socket.version() == "TLSv1.3"
        assert wire.call("server.info")["caller"]["role"] == "stranger"
        wire.call("access.sign_in", {"token": made["token"]})
        assert wire.call("access.whoami")["principal"]["name"] == "by-token"


def test_a_socket_that_is_handed_over_by_the_name_of_tls_speaks_it(cluster, authority, shown):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # The shell becomes the daemon, and so knows the number that LISTEN_PID has to be.
        class Handed(Server):
            def command(self):
                return ["sh", "-c", 'exec 3<&0 </dev/null; LISTEN_PID=$$ exec "$@"', "handed", *super().command()]

            def start(self):
                self.process = subprocess.Popen([str(word) for word in self.command()], stdin=listening, stderr=open(self.log, "a"),
                                                env={**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "tls"})
                wait_for(self.ready, "the daemon's start")

        server = Handed(cluster, config=settings(authority, shown))
        try:
            with TlsWire("tls:127.0.0.1:%d" % listening.getsockname()[1], authority) as wire:
                assert wire.socket.version() == "TLSv1.3" and wire.call("server.info")["caller"]["role"] == "stranger"
        finally:
            server.close()


def test_nothing_older_than_tls_1_3_is_spoken(server, authority):
    size = len(server.log.read_text())
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        TlsWire(address(server), authority, maximum=ssl.TLSVersion.TLSv1_2).call("server.info")
    server.logged("a TLS handshake failed address=127.0.0.1", size)


@pytest.mark.parametrize("kind, name", [("email", "aiko@nifs.example"), ("DNS", "host.pppl.example"), ("URI", "https://iter.example/ci")])
def test_a_certificate_signs_in_who_its_alternative_name_says(server, authority, kind, name):
    server.call("principal.create", {"name": f"{kind.lower()}:{name}", "kind": "certificate", "role": "coordinator", "organization": "tls"})
    with TlsWire(address(server), authority, authority.issue("client-" + kind, f"{kind}:{name}", "clientAuth")) as wire:
        # What is sent with the handshake's last flight is asked by that principal already.
        who = wire.call("access.whoami")
        assert who["principal"]["name"] == f"{kind.lower()}:{name}" and who["role"] == "coordinator"
        server.call("principal.disable", {"ref": f"{kind.lower()}:{name}"})

        def over():
            try:
                wire.call("organization.list")
            except RpcError as error:
                return error.name == "unauthenticated"
        wait_for(over, "the end of the sign-in", 10)
        assert wire.call("access.sign_out") and wire.call("server.info")["caller"]["role"] == "stranger"


def test_a_resumed_session_is_who_its_certificate_says_as_long_as_that_is_somebody(server, authority):
    server.call("principal.create", {"name": "dns:resumes.example", "kind": "certificate", "role": "analyst"})
    certificate = authority.issue("resumes", "DNS:resumes.example", "clientAuth")
    with TlsWire(address(server), authority, certificate) as first:
        assert first.call("access.whoami")["principal"]["name"] == "dns:resumes.example" and not first.socket.session_reused
        with TlsWire(address(server), authority, resumed=first) as second:
            assert second.socket.session_reused
            assert second.call("access.whoami")["principal"]["name"] == "dns:resumes.example"
            server.call("principal.disable", {"ref": "dns:resumes.example"})
            with TlsWire(address(server), authority, resumed=second) as third:
                assert third.socket.session_reused and third.call("server.info")["caller"]["role"] == "stranger"
                with pytest.raises(RpcError) as caught:
                    third.call("organization.list")
                assert caught.value.name == "unauthenticated"


def test_a_session_whose_certificate_has_expired_is_not_resumed(server, authority, tmp_path):
    server.call("principal.create", {"name": "dns:expires.example", "kind": "certificate", "role": "analyst"})
    certificate, key = authority.issue("expires", "DNS:expires.example", "clientAuth")
    end = time.gmtime(time.time() + 4)
    (tmp_path / "ca.cnf").write_text(f"[ca]\ndefault_ca = here\n[here]\nnew_certs_dir = {tmp_path}\ndatabase = {tmp_path}/index\n"
                                     f"serial = {tmp_path}/serial\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n")
    (tmp_path / "index").touch()
    (tmp_path / "serial").write_text("77\n")
    base = certificate.removesuffix(".pem")
    authority.run("ca", "-batch", "-config", tmp_path / "ca.cnf", "-in", f"{base}.csr", "-cert", authority.certificate,
                  "-keyfile", authority.directory / f"{authority.name}.key", "-extfile", f"{base}.ext",
                  "-enddate", time.strftime("%y%m%d%H%M%SZ", end), "-out", certificate)
    with TlsWire(address(server), authority, (certificate, key)) as first:
        assert first.call("access.whoami")["principal"]["name"] == "dns:expires.example"
        wait_for(lambda: time.time() > calendar.timegm(end) + 1, "the certificate's end")
        with pytest.raises((ssl.SSLError, ConnectionResetError, BrokenPipeError, EOFError)):
            TlsWire(address(server), authority, resumed=first).call("access.whoami")


def test_nobody_resumes_a_session_from_before_a_reload(own_server, authority, shown):
    server = own_server(listen=["tls:127.0.0.1:0"], config=settings(authority, shown))
    with TlsWire(address(server), authority) as first:
        assert first.call("server.info")["caller"]["role"] == "stranger"
        server.process.send_signal(signal.SIGHUP)
        server.logged("configuration read again")
        with TlsWire(address(server), authority, resumed=first) as second:
            assert not second.socket.session_reused and second.call("server.info")["caller"]["role"] == "stranger"


def test_a_certificate_of_nobody_or_of_two_is_a_strangers(server, authority):
    for name in ("dns:one.example", "dns:two.example"):
        server.call("principal.create", {"name": name, "kind": "certificate", "role": "analyst"})
    server.call("principal.create", {"name": "impostor", "kind": "person", "role": "admin"})
    for number, names in enumerate(("DNS:one.example,DNS:two.example", "DNS:nobody.example", "email:impostor", None)):
        with TlsWire(address(server), authority, authority.issue(f"odd{number}", names, "clientAuth")) as wire:
            assert wire.call("server.info")["caller"]["role"] == "stranger"
            with pytest.raises(RpcError) as caught:
                wire.call("organization.list")
            assert caught.value.name == "unauthenticated"
    server.logged("a certificate is no principal's address=127.0.0.1")


def test_a_foreign_or_expired_certificate_gets_no_connection(server, authority):
    directory = scratch()
    foreign = Authority(directory, "foreign").issue("mallory", "email:aiko@nifs.example", "clientAuth")
    expired = authority.issue("expired", "email:aiko@nifs.example", "clientAuth", days=0)
    time.sleep(1.1)
    for certificate in (foreign, expired):
        size = len(server.log.read_text())
        with pytest.raises((ssl.SSLError, ConnectionResetError, BrokenPipeError, AssertionError)):
            TlsWire(address(server), authority, certificate).call("server.info")
        server.logged("a TLS handshake failed address=127.0.0.1", size)
    shutil.rmtree(directory)


def test_what_was_asked_before_the_end_is_answered_and_the_end_is_said(server, authority):
    with TlsWire(address(server), authority) as wire:
        for number in range(3):
            wire.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": "rpc.discover"}))
        plain = wire.socket.unwrap  # sends close_notify, and then waits for the daemon's
        wire.socket.settimeout(DEADLINE)
        lines = [wire.line() for _ in range(3)]
        assert [json.loads(line)["id"] for line in lines] == [0, 1, 2]
        plain()


def test_a_half_close_is_answered(server, authority, tmp_path):
    """s_client sends close_notify at the end of its input, and goes on reading."""
    host, _, port = address(server).removeprefix("tls:").rpartition(":")
    context = ssl.create_default_context(cafile=authority.certificate)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection((host, int(port)), timeout=DEADLINE) as raw:
        def pump(step):
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    raw.sendall(outgoing.read())
                    got = raw.recv(1 << 16)
                    if not got:
                        incoming.write_eof()
                    incoming.write(got)
        pump(tls.do_handshake)
        tls.write(b'{"jsonrpc":"2.0","id":1,"method":"server.info"}')
        try:
            tls.unwrap()
        except ssl.SSLError:
            pass
        raw.sendall(outgoing.read())
        answer = b""
        while (got := raw.recv(1 << 16)):
            answer += got
    assert len(answer) > 200  # the answer, then close_notify: sealed records that Python does not read after its own end


def test_certificates_are_read_again_without_dropping_anybody(own_server, authority, shown):
    directory = scratch()
    pair = [directory / "s.pem", directory / "s.key"]
    for source, target in zip(shown, pair):
        shutil.copy(source, target)
        os.chmod(target, 0o600)
        if os.geteuid() == 0:
            shutil.chown(target, USER)
    os.chmod(directory, 0o755)
    server = own_server(listen=["tls:127.0.0.1:0"], config=settings(authority, pair))
    with TlsWire(address(server), authority) as old:
        first = old.socket.getpeercert()["serialNumber"]
        for source, target in zip(authority.issue("server2", "DNS:localhost", "serverAuth"), pair):
            pathlib.Path(target).write_bytes(pathlib.Path(source).read_bytes())
        server.process.send_signal(signal.SIGHUP)
        server.logged("certificates read again")
        with TlsWire(address(server), authority) as fresh:
            assert fresh.socket.getpeercert()["serialNumber"] != first
            fresh.call("server.info")
        old.call("server.info")
        pair[0].write_text("no certificate")
        server.process.send_signal(signal.SIGHUP)
        server.logged("certificates stay as they were")
        with TlsWire(address(server), authority) as still:
            still.call("server.info")
        old.call("server.info")
    shutil.rmtree(directory)


def test_who_does_not_shake_hands_is_cut_off(own_server, authority, shown):
    server = own_server(listen=["tls:127.0.0.1:0"], config=settings(authority, shown, "handshake_ms = 400"))
    with Wire("tcp:" + address(server).removeprefix("tls:")) as silent:
        began = time.monotonic()
        assert silent.line() is None and time.monotonic() - began < 5
    with Wire("tcp:" + address(server).removeprefix("tls:")) as plain:
        plain.send('{"jsonrpc":"2.0","id":1,"method":"server.info"}\n' * 20)
        assert all(b"jsonrpc" not in line for line in plain.rest_so_far())


def test_an_idle_connection_costs_little_memory(own_server, authority, shown):
    server = own_server(listen=["tls:127.0.0.1:0"], config=settings(authority, shown))

    def resident():
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{server.process.pid}/status").read_text())[1])
    for _ in range(20):
        with TlsWire(address(server), authority) as wire:
            wire.call("server.info")
    before = resident()
    wires = [TlsWire(address(server), authority) for _ in range(200)]
    for wire in wires:
        wire.call("server.info")
    each = (resident() - before) / len(wires)
    for wire in wires:
        wire.close()
    print(f"{each:.1f} KiB a connection")
    assert each < 64


@pytest.mark.parametrize("fault", ["none", "readable", "foreign", "missing"])
def test_a_key_that_is_no_secret_or_no_key_is_refused_at_the_start(cluster, authority, shown, fault):
    directory = scratch()
    key = directory / "k"
    shutil.copy(shown[1], key)
    text = f"[tls]\ncertificate = {shown[0]}\nkey = {key}\n"
    if fault == "none":
        text = ""
    elif fault == "readable":
        key.chmod(0o644)
    elif fault == "foreign":
        shutil.copy(authority.issue("another", "DNS:localhost", "serverAuth")[1], key)
        key.chmod(0o600)
    else:
        key.unlink()
    said = {"none": "needs certificate and key", "readable": "others may read or write", "foreign": "", "missing": "cannot be read"}[fault]
    (directory / "c").write_text(text)
    done = subprocess.run(jinzaid("--config", directory / "c", "--listen", "tls:127.0.0.1:0", "--state-directory", directory / "s",
                                  "--database", cluster.conninfo("postgres", "jinzai_daemon")), capture_output=True, text=True)
    assert done.returncode == 78 and said in done.stderr, done.stderr
    shutil.rmtree(directory)


# The library and the command -----------------------------------------------------------------------------------------


def command(server, *words, text=None, check=True, **environment):
    done = subprocess.run([BUILD / "jinzai", *map(str, words)], input=text, capture_output=True, text=True, timeout=DEADLINE,
                          env={**os.environ, "LANG": "C.UTF-8", "JINZAI_CONNECT": address(server), **environment})
    assert not check or done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def known(server):
    server.call("principal.create", {"name": "by-command", "kind": "person", "role": "coordinator", "organization": "tls"})
    return server.call("token.create", {"principal": "by-command"})["token"]


def test_the_command_checks_whose_certificate_it_is(server, authority):
    assert "certificate" in command(server, "call", "server.info", check=False).stderr  # no root of the system's
    done = command(server, "call", "server.info", JINZAI_CA=str(authority.certificate),
                   JINZAI_CONNECT=address(server).replace("127.0.0.1", "localhost"))
    assert json.loads(done.stdout)["caller"]["role"] == "stranger"
    wrong = command(server, "call", "server.info", check=False, JINZAI_CA=str(authority.certificate),
                    JINZAI_CONNECT=address(server).replace("127.0.0.1", "ip6-localhost").replace("ip6-localhost", "127.0.0.2"))
    assert wrong.returncode == 69


def test_the_command_signs_in_by_a_certificate(server, authority):
    server.call("principal.create", {"name": "dns:cli.example", "kind": "certificate", "role": "auditor"})
    certificate, key = authority.issue("cli", "DNS:cli.example", "clientAuth")
    done = command(server, "call", "access.whoami", JINZAI_CA=str(authority.certificate), JINZAI_CERTIFICATE=certificate, JINZAI_KEY=key)
    assert json.loads(done.stdout)["principal"]["name"] == "dns:cli.example"


def test_login_keeps_the_token_for_the_user_alone(server, authority, known, tmp_path):
    more = {"JINZAI_CA": str(authority.certificate), "XDG_CONFIG_HOME": str(tmp_path)}
    keyring = tmp_path / "jinzai" / "keyring"
    assert command(server, "login", text="jz_wrong\n", check=False, **more).returncode == 5 and not keyring.exists()
    assert command(server, "login", known, check=False, **more).returncode == 64
    assert "signed in as by-command (coordinator)" in command(server, "login", text=known + "\n", **more).stdout
    assert keyring.stat().st_mode & 0o777 == 0o600 and keyring.read_text() == f"{address(server)} {known}\n"
    assert json.loads(command(server, "call", "access.whoami", **more).stdout)["principal"]["name"] == "by-command"
    command(server, "login", text=known + "\n", **more)
    assert keyring.read_text().count("\n") == 1
    keyring.chmod(0o640)
    refused = command(server, "call", "access.whoami", check=False, **more)
    assert refused.returncode == 66 and "others may read it" in refused.stderr
    keyring.chmod(0o600)
    command(server, "logout", **more)
    assert keyring.read_text() == ""
    assert command(server, "call", "access.whoami", check=False, **more).returncode == 5


def test_a_token_comes_from_the_environment_or_a_file(server, authority, known, tmp_path):
    more = {"JINZAI_CA": str(authority.certificate), "XDG_CONFIG_HOME": str(tmp_path)}
    assert command(server, "access", "whoami", "--json", JINZAI_TOKEN=known, **more).returncode == 0
    secret = tmp_path / "token"
    secret.write_text(known + "\n")
    secret.chmod(0o600)
    assert command(server, "access", "whoami", "--token-file", secret, **more).returncode == 0
    secret.chmod(0o644)
    assert command(server, "access", "whoami", "--token-file", secret, check=False, **more).returncode == 66


def test_the_library_signs_in_again_on_a_new_connection(own_server, authority, shown):
    server = own_server(listen=["tls:127.0.0.1:0"], config=settings(authority, shown))
    server.call("principal.create", {"name": "steady", "kind": "program", "role": "analyst"})
    made = server.call("token.create", {"principal": "steady"})["token"]
    port = address(server).rpartition(":")[2]
    shell = subprocess.Popen([BUILD / "jinzai", "shell"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, bufsize=1,
                             env={**os.environ, "LANG": "C.UTF-8", "JINZAI_CONNECT": address(server), "JINZAI_TOKEN": made,
                                  "JINZAI_CA": str(authority.certificate)})
    shell.stdin.write("access whoami --csv\n")
    shell.stdin.flush()
    first = shell.stdout.readline() + shell.stdout.readline()
    assert "steady" in first, first
    server.stop()
    server.flags = ["--listen", f"tls:127.0.0.1:{port}"]
    server.start()
    out, _ = shell.communicate("access whoami --csv\n", timeout=DEADLINE)
    assert "steady" in out, out
