// SPDX-License-Identifier: Apache-2.0
//
// pg_server.js SOCKET PROCESSES POOL: a plain HTTP server on node and pg, as one would write it by hand: prepared
// statements, a pool of connections, JSON made here. PGHOST and the like name the database.
'use strict';

const cluster = require('node:cluster');
const fs = require('node:fs');
const http = require('node:http');
const { Pool } = require('pg');

const [socket, processes, size] = process.argv.slice(2);

const SKILL = `
    select s.id, s.code, s.kind, s.name_en, s.name_ja, s.definition_en, s.definition_ja, s.pillars, s.retired, s.note, s.source,
        s.unverified, s.synthetic, s.version, s.created_at, s.updated_at,
        f.id as framework_id, f.code as framework_code, f.name_en as framework_name_en, f.name_ja as framework_name_ja,
        p.id as parent_id, p.code as parent_code, p.name_en as parent_name_en, p.name_ja as parent_name_ja
    from core.skill s
    join core.framework f on f.id = s.framework_id
    left join core.skill p on p.id = s.parent_id
    where s.code = $1`;

const PERSON = `
    select p.id, p.code, p.name, p.career_stage, p.birth_cohort, p.researcher_id, p.verified, p.synthetic, p.version,
        p.created_at, p.updated_at,
        o.id as organization_id, o.code as organization_code, o.name_en as organization_name_en, o.name_ja as organization_name_ja,
        a.id as affiliation_id, a.fte, lower(a.valid) as affiliation_starts,
        h.id as holding_id, h.level, h.evidence, h.confidence, lower(h.valid) as starts, upper(h.valid) as ends,
        s.id as skill_id, s.code as skill_code, s.name_en as skill_name_en, s.name_ja as skill_name_ja
    from core.person p
    left join core.affiliation a on a.person_id = p.id and a.valid @> current_date
    left join core.organization o on o.id = a.organization_id
    left join core.holding h on h.person_id = p.id and h.reversed_on is null
    left join core.skill s on s.id = h.skill_id
    where p.code = $1`;

function label(en, ja) {
    return { en: en ?? undefined, ja: ja ?? undefined };
}

function skill(row) {
    const { id, code, kind, pillars, retired, note, source, unverified, synthetic, version, created_at, updated_at } = row;
    return {
        id, code, name: label(row.name_en, row.name_ja), definition: label(row.definition_en, row.definition_ja), kind,
        framework: { id: row.framework_id, code: row.framework_code, name: label(row.framework_name_en, row.framework_name_ja) },
        category: row.parent_id && { id: row.parent_id, code: row.parent_code, name: label(row.parent_name_en, row.parent_name_ja) },
        pillars, retired, note, source, unverified, synthetic, version, created_at, updated_at,
    };
}

function person(row, rows) {
    const { id, code, name, career_stage, birth_cohort, researcher_id, verified, synthetic, version, created_at, updated_at } = row;
    return {
        id, code, name, career_stage, birth_cohort, researcher_id,
        organization: row.organization_id && {
            id: row.organization_id, code: row.organization_code, name: label(row.organization_name_en, row.organization_name_ja),
            fte: row.fte, starts: row.affiliation_starts,
        },
        holdings: rows.filter((r) => r.holding_id).map((r) => ({
            id: r.holding_id, skill: { id: r.skill_id, code: r.skill_code, name: label(r.skill_name_en, r.skill_name_ja) },
            level: r.level, evidence: r.evidence, confidence: r.confidence, starts: r.starts, ends: r.ends,
        })),
        verified, synthetic, version, created_at, updated_at,
    };
}

function serve() {
    const pool = new Pool({ max: Number(size) });
    const questions = {
        skill: { name: 'skill', text: SKILL, show: skill },
        person: { name: 'person', text: PERSON, show: person },
    };
    const server = http.createServer(async (request, response) => {
        const [, noun, code] = request.url.split('/');
        const question = questions[noun];
        try {
            const { rows } = await pool.query({ name: question.name, text: question.text, values: [code] });
            const found = rows.length > 0;
            const body = Buffer.from(JSON.stringify(found ? question.show(rows[0], rows) : { error: 'not found' }));
            response.writeHead(found ? 200 : 404, { 'Content-Type': 'application/json', 'Content-Length': body.length });
            response.end(body);
        } catch (error) {
            response.writeHead(500);
            response.end(String(error));
        }
    });
    server.keepAliveTimeout = 600000;
    server.maxRequestsPerSocket = 0;
    server.listen({ path: socket, backlog: 1024 }, () => fs.chmodSync(socket, 0o777));
}

if (cluster.isPrimary && Number(processes) > 1) {
    for (let i = 0; i < Number(processes); i++)
        cluster.fork();
} else {
    serve();
}
