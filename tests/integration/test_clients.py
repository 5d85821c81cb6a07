# SPDX-License-Identifier: Apache-2.0
"""JSON-RPC clients as npm has them, unmodified, against the sockets; and rpc.discover against the OpenRPC meta-schema."""

import shutil
import subprocess

import pytest

from conftest import DEADLINE, ROOT, Server

CLIENTS = ROOT / "tests" / "clients"


@pytest.fixture(scope="module")
def server(cluster):
    server = Server(cluster, listen=["tcp:127.0.0.1:0"])
    yield server
    server.close()


def run(script, *words):
    if shutil.which("node") is None:
        pytest.skip("there is no node")
    if not (CLIENTS / "node_modules").is_dir():
        pytest.skip("tests/clients has no node_modules: run npm ci there")
    # Node ends with 13 where a promise that it waits for can never be kept.
    done = subprocess.run(["node", "--unhandled-rejections=strict", CLIENTS / script, *words], capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def path(server):
    return server.address.removeprefix("unix:")


def test_jayson_calls_batches_and_notifies_over_unix_and_tcp(server):
    host, port = server.tcp().removeprefix("tcp:").rsplit(":", 1)
    run("jayson.js", path(server), host, port)


def test_the_ipc_socket_provider_of_ethers_works_unmodified(server):
    run("ethers.js", path(server))


def test_json_rpc_2_0_calls_batches_and_notifies(server):
    run("json-rpc-2.0.js", path(server))


def test_the_ipc_provider_of_web3_works_without_newlines(server):
    run("web3.js", path(server))


def test_discovery_is_a_valid_openrpc_document_and_its_examples_fit(server):
    run("openrpc.js", path(server))
