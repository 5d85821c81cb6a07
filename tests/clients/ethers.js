/* SPDX-License-Identifier: Apache-2.0
 *
 * The IpcSocketProvider of ethers, unmodified: node ethers.js PATH
 * It splits what it reads at newlines, and keeps one connection with many calls in flight.
 */
'use strict';
const assert = require('node:assert');
const { IpcSocketProvider, Network } = require('ethers');

const [path] = process.argv.slice(2);

async function main() {
    /* A network that is given is not asked for: jinzaid has no eth_chainId. */
    const provider = new IpcSocketProvider(path, new Network('jinzai', 1));
    const errors = [];
    provider.on('error', (error) => errors.push(error));

    assert.equal((await provider.send('server.info', [])).name, 'jinzaid');
    assert.equal((await provider.send('skill.get', ['FS-MAG-01', 'ja'])).code, 'FS-MAG-01');
    assert.equal((await provider.send('skill.get', { ref: 'FS-MAG-01', lang: 'en' })).code, 'FS-MAG-01');

    const codes = ['FS-MAG-01', 'FS-TRI-01', 'FS-MAG', 'FS-TRI'];
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => provider.send('skill.get', [codes[n % 4]])));
    answers.forEach((answer, n) => assert.equal(answer.code, codes[n % 4]));
    const document = await provider.send('rpc.discover', []);
    assert(document.methods.length > 50);

    await assert.rejects(provider.send('skill.get', ['nothing']), (error) => error.error.data.name === 'not_found');
    await assert.rejects(provider.send('eth_chainId', []), (error) => error.error.code === -32601);
    assert.equal((await provider.send('server.info', {})).name, 'jinzaid');
    assert.deepEqual(errors, []);
    provider.destroy();
}

/* Where no network is given, ethers asks for one again and again; that must not keep others from being served. */
async function undecided() {
    const lines = [];
    console.log = (...words) => lines.push(words.join(' '));
    const provider = new IpcSocketProvider(path);

    for (let tries = 0; !lines.some((line) => line.includes('failed to detect network')); tries++) {
        assert(tries < 100);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    provider.destroy();
    await main();
}

main().then(undecided);
