# SPDX-License-Identifier: Apache-2.0
"""One run, and what all rows need: its database, its daemon, its settings."""

import json
import os
import statistics

from cluster import wait_for, writers_of
from servers import Jinzaid

SKILL_FIRST = 100001
PERSON_FIRST = 2000001
IDLE = 10000  # how many the limit allows, and how many are to be held


def rpc(method, **params):
    return json.dumps({"jsonrpc": "2.0", "id": "ID", "method": method, "params": params}).replace('"ID"', "%{id}")


def rates(samples):
    return [sample.rate for sample in samples]


def best(samples, *names):
    """Of several settings, the one with the higher median; None where none was measured."""
    there = [name for name in names if samples.get(name)]
    return max(there, key=lambda name: statistics.median(rates(samples[name]))) if there else None


class Bench:
    """One run: its cluster, its servers, its settings."""

    def __init__(self, cluster, say, rounds, seconds, only):
        self.cluster = cluster
        self.say = say
        self.rounds = rounds
        self.seconds = seconds
        self.only = only
        self.idle = int(os.environ.get("BENCH_IDLE", IDLE))
        self.rows = []
        self.running = []
        self.jinzaid = None

    def wants(self, name):
        return not self.only or any(word in name or word.startswith(name) for word in self.only)

    def begin(self):
        # The tables of keys and the like are tended once; that is not to fall into a measurement.
        self.jinzaid = self.serve(Jinzaid(self.cluster))
        self.caller, = self.cluster.sql("select id::text from core.principal where name = 'unix:root'")[0]
        self.skills = (SKILL_FIRST, SKILL_FIRST + self.cluster.skills - 1)
        self.people = (PERSON_FIRST, PERSON_FIRST + self.cluster.people - 1)
        self.writers = (self.people[1] + 1, self.people[1] + writers_of(self.cluster.people))

    def serve(self, server):
        server.start()
        self.running.append(server)
        return server

    def stop_peers(self):
        """Leaves the daemon alone on the machine."""
        for server in reversed(self.running[1:]):
            server.stop()
        del self.running[1:]

    def end(self):
        for server in reversed(self.running):
            server.stop()

    def add(self, row):
        self.rows.append(row)

    def variables(self, span):
        return {"first": span[0], "last": span[1], "caller": self.caller}


def settle(bench):
    """Seals and folds what was written and makes the cards, so that nobody's measurement pays for another's."""
    def settled():
        bench.cluster.sql("notify jinzai_change")
        return not bench.cluster.sql("select 1 where exists (select from derive.supply_change) or exists (select from derive.event_inbox) "
                                     "or exists (select from derive.person_card_due)")
    wait_for(settled, "the folding of what was written", 300)
