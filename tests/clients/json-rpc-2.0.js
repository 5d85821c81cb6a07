/* SPDX-License-Identifier: Apache-2.0
 *
 * json-rpc-2.0, which leaves the transport to its user: node json-rpc-2.0.js PATH
 */
'use strict';
const assert = require('node:assert');
const net = require('node:net');
const readline = require('node:readline');
const { JSONRPCClient, createJSONRPCRequest } = require('json-rpc-2.0');

const [path] = process.argv.slice(2);

async function main() {
    const socket = net.connect(path);
    const client = new JSONRPCClient((request) => {
        socket.write(JSON.stringify(request) + '\n');
    });
    readline.createInterface({ input: socket }).on('line', (line) => client.receive(JSON.parse(line)));

    assert.equal((await client.request('server.info')).name, 'jinzaid');
    assert.equal((await client.request('skill.get', { ref: 'FS-MAG-01' })).code, 'FS-MAG-01');
    assert.equal((await client.request('skill.get', ['FS-MAG-01'])).code, 'FS-MAG-01');
    await assert.rejects(Promise.resolve(client.request('skill.get', { ref: 'nothing' })), (error) => error.code === -32001);

    const batch = await client.requestAdvanced([
        createJSONRPCRequest('a', 'level.list', { lang: 'ja' }),
        createJSONRPCRequest('b', 'no.such'),
    ]);
    assert.deepEqual(batch.map((answer) => answer.id).sort(), ['a', 'b']);
    assert.equal(batch.find((answer) => answer.id === 'a').result.items.length, 5);
    assert.equal(batch.find((answer) => answer.id === 'b').error.code, -32601);

    client.notify('organization.create', { code: 'json-rpc-2.0', name: { ja: '通知' }, kind: 'international' });
    for (let tries = 0; ; tries++) {
        const told = await Promise.resolve(client.request('organization.get', { ref: 'json-rpc-2.0' })).catch(() => null);
        if (told) {
            assert.deepEqual(told.name, { ja: '通知' });
            break;
        }
        assert(tries < 1000, 'the notification was not carried out');
    }
    socket.end();
}

main();
