# SPDX-License-Identifier: Apache-2.0
"""What an idle connection costs, and how many are held."""

import resource

from measure import Row, WrongAnswers
from rows.caller import Caller
from servers import Jinzaid

IDLE_LIMIT_BYTES = 20 * 1024


def measure_memory(bench):
    if not bench.wants("memory"):
        return
    bench.say("memory of idle connections")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    idle = min(bench.idle, hard - 200)
    server = bench.serve(Jinzaid(bench.cluster, 2))
    question = b'{"jsonrpc":"2.0","id":1,"method":"skill.get","params":{"ref":"100001"}}\n'
    callers = []

    def ask(caller):
        caller.socket.sendall(question)
        answer = caller.socket.recv(65536)
        if b'"code" : "100001"' not in answer:
            raise WrongAnswers(answer[:300].decode(errors="replace"))

    try:
        for _ in range(50):
            ask(Caller(server))
        before = server.memory_bytes()
        for _ in range(idle):
            callers.append(Caller(server))
            ask(callers[-1])
        each = (server.memory_bytes() - before) / idle
        for caller in callers:
            ask(caller)
        bench.add(Row("memory: an idle connection against 20 KB", "bytes", each, IDLE_LIMIT_BYTES, each / IDLE_LIMIT_BYTES, target=1.0,
                      at_most=True, note="private memory of the daemon, each connection asked once"))
        bench.add(Row("memory: idle connections held, all of which still answer", "connections", idle, bench.idle, idle / bench.idle, target=1.0))
    finally:
        for caller in callers:
            caller.close()
        server.stop()
