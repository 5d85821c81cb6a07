# SPDX-License-Identifier: Apache-2.0
"""The point reads, as each of the contestants is asked them."""

import json

from rows.bench import rpc

SKILL_QUERY = ("query($code: Code!) { skillByCode(code: $code) { rowId code kind nameEn nameJa definitionEn definitionJa pillars retired note "
               "source unverified synthetic version createdAt updatedAt frameworkByFrameworkId { rowId code nameEn nameJa } "
               "skillByParentIdAndFrameworkId { rowId code nameEn nameJa } } }")
PERSON_QUERY = ("query($code: Code!) { personByCode(code: $code) { rowId code name careerStage birthCohort researcherId verified synthetic "
                "version createdAt updatedAt affiliationsByPersonId { nodes { rowId fte valid { start { value } } "
                "organizationByOrganizationId { rowId code nameEn nameJa } } } "
                "holdingsByPersonId { nodes { rowId level evidence confidence valid { start { value } end { value } } "
                "skillBySkillId { rowId code nameEn nameJa } } } } }")


class Question:
    """A point read, as each of the contestants is asked it, and how its answer is known to be right."""

    def __init__(self, method, noun, span, query, targets, fetches, api_fetches, holdings):
        self.method = method
        self.noun = noun
        self.range = f"key={span[0]}:{span[1]}"
        self.span = span
        self.query = query
        self.targets = targets
        self.fetches = fetches
        self.api_fetches = api_fetches
        self.holdings = holdings

    def rpc_flags(self):
        flags = ["--range", self.range, "--request", rpc(self.method, ref="%{key}"), "--holds", '"code" : "%{key}"']
        return flags + (["--count", f'{self.holdings}:"evidence" :'] if self.holdings else [])

    def http_flags(self):
        flags = ["--range", self.range, "--get", f"/{self.noun}/%{{key}}", "--holds", '"code":"%{key}"']
        return flags + (["--count", f'{self.holdings}:"evidence":'] if self.holdings else [])

    def graphql_flags(self):
        body = json.dumps({"query": self.query, "variables": {"code": "%{key}"}})
        flags = ["--range", self.range, "--post", "/graphql", "--request", body, "--holds", '"code":"%{key}"', "--holds", '"data":{']
        return flags + (["--count", f'{self.holdings}:"evidence":'] if self.holdings else [])


def questions(bench):
    return [
        Question("skill.get", "skill", bench.skills, SKILL_QUERY,
                 {"pgbench 32": 1.5, "pgbench best": 1.2, "p99": 1.0, "pipelined": 2.5, "node": 5, "postgraphile": 12, "django": 40,
                  "pgbouncer": 3}, {"core.skill": 2, "core.framework": 1}, {"derive.skill_answer": 1}, 0),
        Question("person.get", "person", bench.people, PERSON_QUERY,
                 {"pgbench 32": 1.3, "pgbench best": 1.0, "p99": 1.0, "node": 2.5, "postgraphile": 6, "django": 25, "pgbouncer": 2},
                 {"core.person": 1, "core.holding": bench.cluster.holdings}, {"core.person": 1, "derive.person_card": 1},
                 bench.cluster.holdings),
    ]
