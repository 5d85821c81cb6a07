/* SPDX-License-Identifier: Apache-2.0
 *
 * jayson, unmodified, over a unix socket and over TCP: node jayson.js PATH HOST PORT
 * It opens a connection for each call, and half-closes it after a notification.
 */
'use strict';
const assert = require('node:assert');
const { promisify } = require('node:util');
const jayson = require('jayson');

const [path, host, port] = process.argv.slice(2);

async function overUnix() {
    const client = jayson.Client.tcp({ path });
    const request = promisify(client.request.bind(client));

    const info = await request('server.info', {});
    assert.equal(info.result.name, 'jinzaid');
    assert.equal(info.result.caller.role, 'admin');
    assert.equal((await request('skill.get', { ref: 'FS-MAG-01', lang: 'en' })).result.code, 'FS-MAG-01');
    assert.equal((await request('skill.get', ['FS-MAG-01', 'ja'])).result.code, 'FS-MAG-01');

    const refused = await request('skill.get', { ref: 'nothing' });
    assert.equal(refused.error.code, -32001);
    assert.equal(refused.error.data.parameter, 'ref');
    assert.equal((await request('no.such', {})).error.code, -32601);

    /* A null id is jayson's notification: it ends the connection right behind it, and no answer may be lost for that. */
    await request('organization.create', { code: 'jayson', name: { en: 'Told by jayson' }, kind: 'international' }, null);
    for (let tries = 0; ; tries++) {
        const told = await request('organization.get', { ref: 'jayson', lang: 'en' });
        if (told.result) {
            assert.equal(told.result.name, 'Told by jayson');
            break;
        }
        assert(tries < 1000, 'the notification was not carried out');
    }

    const batch = [
        client.request('level.list', { lang: 'en' }, 'one', undefined, false),
        client.request('pillar.list', {}, null, undefined, false),
        client.request('skill.get', { ref: 'nothing' }, 'two', undefined, false),
        client.request('skill.get', { ref: 'FS-TRI-01' }, 'three', undefined, false),
    ];
    const answers = await promisify(client.request.bind(client))(batch);
    assert.deepEqual(answers.map((answer) => answer.id).sort(), ['one', 'three', 'two']);
    const byId = Object.fromEntries(answers.map((answer) => [answer.id, answer]));
    assert.equal(byId.one.result.items.length, 5);
    assert.equal(byId.two.error.data.name, 'not_found');
    assert.equal(byId.three.result.code, 'FS-TRI-01');
}

async function overTcp() {
    const client = jayson.Client.tcp({ host, port: Number(port) });
    const request = promisify(client.request.bind(client));

    assert.equal((await request('server.info', {})).result.caller.role, 'stranger');
    assert.equal((await request('skill.get', { ref: 'FS-MAG-01' })).error.data.name, 'unauthenticated');
    const calls = await Promise.all(Array.from({ length: 50 }, () => request('server.info', [])));
    assert(calls.every((answer) => answer.result.name === 'jinzaid'));
}

overUnix().then(overTcp);
