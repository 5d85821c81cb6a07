// SPDX-License-Identifier: Apache-2.0
//
// postgraphile.mjs SOCKET PROCESSES: PostGraphile on schema core, with its usual preset. PGHOST and the like name the
// database.
import cluster from 'node:cluster';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

const [socket, processes] = process.argv.slice(2);

async function serve() {
    const instance = postgraphile({
        extends: [PostGraphileAmberPreset],
        pgServices: [makePgService({ poolConfig: { max: 8 }, schemas: ['core'] })],
        grafserv: { graphqlPath: '/graphql', watch: false, graphiql: false },
        grafast: { explain: false },
    });
    const service = instance.createServ(grafserv);
    const server = createServer();
    server.keepAliveTimeout = 600000;
    await service.addTo(server);
    server.listen({ path: socket, backlog: 1024 }, () => chmodSync(socket, 0o777));
}

if (cluster.isPrimary && Number(processes) > 1)
    for (let i = 0; i < Number(processes); i++)
        cluster.fork();
else
    await serve();
