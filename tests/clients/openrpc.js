/* SPDX-License-Identifier: Apache-2.0
 *
 * rpc.discover against the OpenRPC meta-schema: node openrpc.js PATH
 *
 * The meta-schema describes itself and JSON Schemas by references to meta.json-schema.tools, which do not resolve offline;
 * they are pointed at draft-07, which is what that site serves a copy of.
 */
'use strict';
const assert = require('node:assert');
const net = require('node:net');
const Ajv = require('ajv');
const formats = require('ajv-formats');
const draft7 = require('ajv/dist/refs/json-schema-draft-07.json');
const { openrpcDocument } = require('@open-rpc/meta-schema');

const [path] = process.argv.slice(2);
const DRAFT7 = draft7.$id;

function call(method, params) {
    return new Promise((resolve, reject) => {
        const socket = net.connect(path);
        const parts = [];

        socket.on('error', reject);
        socket.on('data', (part) => parts.push(part));
        socket.on('end', () => resolve(JSON.parse(Buffer.concat(parts)).result));
        socket.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    });
}

/* The meta-schema with its outward references pointed at draft-07. */
function offline(schema) {
    return JSON.parse(JSON.stringify(schema), (key, value) => {
        if (typeof value !== 'string' || !value.startsWith('https://meta.json-schema.tools'))
            return value;
        if (key === '$schema')
            return DRAFT7;
        return value.includes('JSONSchemaObject/properties/$ref') ? `${DRAFT7.replace(/#$/, '')}#/properties/$ref` : DRAFT7;
    });
}

const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: true });
formats(ajv);
const fits = ajv.compile(offline(openrpcDocument));

function spoil(document, change) {
    const copy = structuredClone(document);
    change(copy);
    return copy;
}

/* Whatever the schema of a parameter or result says, it is a schema, and its references lead somewhere. */
function compile(document, schema) {
    return ajv.compile({ ...schema, components: document.components });
}

function checkExamples(document) {
    let examples = 0;
    for (const method of document.methods) {
        const schemas = Object.fromEntries(method.params.map((param) => [param.name, compile(document, param.schema)]));
        compile(document, method.result.schema);
        for (const example of method.examples ?? []) {
            const given = new Set(example.params.map((param) => param.name));
            examples++;
            for (const param of example.params) {
                const check = schemas[param.name];
                assert(check, `${method.name}: the example gives ${param.name}, which the method does not take`);
                assert(check(param.value), `${method.name}: ${param.name} of the example: ${ajv.errorsText(check.errors)}`);
            }
            for (const param of method.params)
                assert(!param.required || given.has(param.name), `${method.name}: the example lacks ${param.name}`);
        }
        if (method.params.some((param) => param.required))
            assert(method.examples?.length, `${method.name} has no example`);
    }
    return examples;
}

/* What methods answer is what their schema says. */
async function checkResults(document) {
    const calls = {
        'skill.get': { ref: 'FS-MAG-01' }, 'skill.list': { lang: 'ja', limit: 20 }, 'level.list': {}, 'pillar.list': { lang: 'en' },
        'agreement.list': {}, 'committee.list': {}, 'scheme.list': {}, 'framework.list': {}, 'server.info': {}, 'rpc.discover': {},
        'gap.matrix': {}, 'committee.get': { ref: 'ccfe' },
        'organization.create': { code: 'openrpc', name: { en: 'x' }, kind: 'international' },
    };
    for (const [name, params] of Object.entries(calls)) {
        const check = compile(document, document.methods.find((method) => method.name === name).result.schema);
        assert(check(await call(name, params)), `${name}: ${ajv.errorsText(check.errors)}`);
    }
}

async function main() {
    const document = await call('rpc.discover', []);

    assert(fits(document), ajv.errorsText(fits.errors));
    assert(document.methods.length > 50);
    assert.equal(new Set(document.methods.map((method) => method.name)).size, document.methods.length);
    assert(checkExamples(document) > 50);
    await checkResults(document);

    /* Bad documents fail. */
    const bad = {
        'without its version': (copy) => delete copy.openrpc,
        'with a version that is none': (copy) => (copy.openrpc = 'one'),
        'without info': (copy) => delete copy.info,
        'with a member that is not known': (copy) => (copy.extra = 1),
        'with methods that are no list': (copy) => (copy.methods = {}),
        'with a method without a name': (copy) => delete copy.methods[5].name,
        'with a method without params': (copy) => delete copy.methods[5].params,
        'with a parameter without a schema': (copy) => delete copy.methods.find((method) => method.params.length).params[0].schema,
        'with a schema whose type is none': (copy) => (copy.methods.find((method) => method.params.length).params[0].schema = { type: 'strnig' }),
        'with a structure of parameters that is none': (copy) => (copy.methods[5].paramStructure = 'any'),
        'with an error whose code is a text': (copy) => (Object.values(copy.components.errors)[0].code = '-32700'),
    };
    for (const [what, change] of Object.entries(bad))
        assert(!fits(spoil(document, change)), `a document ${what} passes`);
}

main();
