# SPDX-License-Identifier: Apache-2.0
"""A client that reads whole answers."""

import json
import socket

from measure import WrongAnswers


class Caller:
    """One connection that asks and reads whole answers."""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(600)
        self.socket.connect(str(server.socket))

    def ask(self, method, **params):
        self.socket.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
        pieces = []
        while not pieces or not pieces[-1].endswith(b"\n"):
            piece = self.socket.recv(1 << 20)
            if not piece:
                raise WrongAnswers("the connection ended")
            pieces.append(piece)
        return b"".join(pieces)

    def close(self):
        self.socket.close()
