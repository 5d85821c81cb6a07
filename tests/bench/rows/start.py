# SPDX-License-Identifier: Apache-2.0
"""How long a daemon takes until it serves."""

import statistics

from measure import Row
from servers import Jinzaid

START_LIMIT_MS = 50


def measure_start(bench):
    if not bench.wants("start"):
        return
    bench.say("start to READY")
    values = []
    for number in range(max(bench.rounds, 5)):
        server = Jinzaid(bench.cluster, 3 + number).start()
        values.append(server.ready_s * 1000)
        server.stop()
    middle = statistics.median(values)
    bench.add(Row("start to READY against 50 ms", "ms", middle, START_LIMIT_MS, middle / START_LIMIT_MS, min(values) / START_LIMIT_MS,
                  max(values) / START_LIMIT_MS, 1.0, True, "on an existing schema"))
