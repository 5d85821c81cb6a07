/* SPDX-License-Identifier: Apache-2.0
 *
 * web3-providers-ipc, unmodified: node web3.js PATH
 * It sends no newline, and finds the answers' ends by their brackets.
 */
'use strict';
const assert = require('node:assert');
const { IpcProvider } = require('web3-providers-ipc');

const [path] = process.argv.slice(2);

async function main() {
    const provider = new IpcProvider(path, {}, { autoReconnect: false });
    let id = 1000;
    const request = (method, params) => provider.request({ jsonrpc: '2.0', id: ++id, method, params });

    provider.on('error', () => {}); /* it asks for eth_chainId and eth_accounts of its own */
    assert.equal((await request('server.info')).result.name, 'jinzaid');
    assert.equal((await request('skill.get', ['FS-MAG-01', 'en'])).result.code, 'FS-MAG-01');
    const levels = await Promise.all(Array.from({ length: 50 }, () => request('level.list', { lang: 'en' })));
    assert(levels.every((answer) => answer.result.items.length === 5));
    assert.equal((await request('skill.get', ['nothing'])).error.data.name, 'not_found');

    const batch = await provider.request([
        { jsonrpc: '2.0', id: 1, method: 'server.info' },
        { jsonrpc: '2.0', id: 2, method: 'level.list', params: {} },
    ]);
    assert.deepEqual(batch.map((answer) => answer.id).sort(), [1, 2]);
    provider.disconnect();
}

main();
