# SPDX-License-Identifier: Apache-2.0
"""Whom a point read is asked besides jinzaid, each in every setting that may be its best; the best alone is measured."""

import time

from measure import Load, PgBench, WrongAnswers
from servers import Django, NodePg, PgBouncer, PostGraphile

TRIAL_S = 0.7  # how long a setting is tried
CLIENTS = (8, 32)
PGBOUNCER_PORT = 6432


def plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{'es' if noun.endswith('s') else 's'}"


class Peer:
    """One that is measured against. note is what its row says beside the setting."""

    def __init__(self, name, title, note=""):
        self.name = name
        self.title = title
        self.note = note
        self.missing = None

    def start(self, bench, question):
        """Makes ready all that options() needs, or says in missing why that cannot be."""

    def options(self, bench, question):
        """What answers the question, by setting."""
        raise NotImplementedError

    def choose(self, bench, question):
        """The option that answers most in a short run, and what its row says of it; None and the reason where there is none."""
        if self.missing is not None:
            return None, self.missing
        best, rate, name, faults = None, 0, None, []
        for setting, option in self.options(bench, question).items():
            try:
                got = option.run(TRIAL_S).rate
            except WrongAnswers as fault:
                faults.append(f"{setting}: {fault}")
                continue
            if got > rate:
                best, rate, name = option, got, setting
        if best is None:
            return None, "answered wrongly: " + "; ".join(faults)
        return best, "; ".join(word for word in (name, self.note) if word)


class ApiPeer(Peer):
    """pgbench that calls the function which jinzaid calls."""

    def options(self, bench, question):
        return {f"{clients} clients": PgBench(bench.cluster, f"{question.noun}_api.sql", clients, variables=bench.variables(question.span),
                                              fetches=question.api_fetches)
                for clients in CLIENTS}


class PgBouncerPeer(Peer):
    """pgbench through one PgBouncer, or half of its clients through each of two: a unix socket has one that listens."""

    def __init__(self, *words):
        super().__init__(*words)
        self.servers = []

    def start(self, bench, question):
        servers = [PgBouncer(bench.cluster, number) for number in (1, 2)]
        self.missing = servers[0].available()
        if self.missing is None:
            self.servers = [bench.serve(server) for server in servers]

    def options(self, bench, question):
        return {f"{plural(processes, 'process')}, {clients} clients": PgBench(
                    bench.cluster, f"{question.noun}_plain.sql", clients, mode="simple", port=PGBOUNCER_PORT,
                    hosts=[server.socket.parent for server in self.servers[:processes]], variables=bench.variables(question.span),
                    fetches=question.fetches)
                for processes in (1, 2) for clients in CLIENTS}


class HttpPeer(Peer):
    """A server of so many processes, for each number that is tried."""

    def __init__(self, name, title, make, flags, settings, note):
        super().__init__(name, title, note)
        self.make = make
        self.flags = flags
        self.settings = settings
        self.servers = {}

    def start(self, bench, question):
        bench.say(f"starting {self.title}")
        for processes in self.settings:
            server = self.make(bench.cluster, processes)
            self.missing = server.available()
            if self.missing is not None:
                return
            try:
                self.servers[processes] = bench.serve(server)
                first_answer(server, getattr(question, self.flags)())
            except (WrongAnswers, RuntimeError) as fault:
                self.missing = f"answered wrongly: {fault}"
                return

    def options(self, bench, question):
        return {plural(processes, "process"): Load(server.address(), *getattr(question, self.flags)())
                for processes, server in self.servers.items()}


def first_answer(server, flags):
    """Waits until a server that gets ready at its first question has done so."""
    end = time.monotonic() + 60
    while True:
        try:
            return Load(server.address(), *flags, connections=1, warm_up=0).run(0.3)
        except WrongAnswers as fault:
            if time.monotonic() > end or " 0 wrong, 0 lost" not in str(fault):
                raise


def peers():
    return [
        ApiPeer("api", "pgbench on the same function"),
        PgBouncerPeer("pgbouncer", "PgBouncer", "unprepared: version 1.18 keeps no prepared statements in transaction mode"),
        HttpPeer("node", "node + pg", NodePg, "http_flags", (1, 2), "HTTP on a unix socket"),
        HttpPeer("postgraphile", "PostGraphile", PostGraphile, "graphql_flags", (1, 2), "HTTP on a unix socket"),
        HttpPeer("django", "Django REST framework, gunicorn", Django, "http_flags", (1, 2, 3),
                 "HTTP on a unix socket; gunicorn's sync workers close each connection"),
    ]
