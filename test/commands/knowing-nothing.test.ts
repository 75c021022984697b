// "I could not read it" is not "nothing is wrong": what each command says where it can know nothing. A command without
// a row fails.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '#apiserver/fault.ts';
import { commands } from '#commands/all.gen.ts';
import { withDemo } from '../support/run-command.ts';

const ways = {
  'no pod answers': [{ at: 'connection', does: 'refuse' }],
  'logs may not be read': [{ at: 'request', on: 'log', does: 'status', code: 403, message: 'forbidden' }],
  'Gateways may not be read': [{ at: 'request', on: 'list', resource: 'gateways', does: 'status', code: 403 }],
  'VirtualServices may not be read': [
    { at: 'request', on: 'list', resource: 'virtualservices', does: 'status', code: 403 },
  ],
  'VirtualServices cannot be read now': [
    { at: 'request', on: 'list', resource: 'virtualservices', does: 'status', code: 500 },
  ],
  'Services may not be read': [{ at: 'request', on: 'list', resource: 'services', does: 'status', code: 403 }],
  'one pod of three answers': [
    { at: 'connection', does: 'refuse', pod: '*-66qlf' },
    { at: 'connection', does: 'refuse', pod: '*-gfn8x' },
  ],
  'nothing is there': [],
} as const satisfies Readonly<Record<string, readonly Fault[]>>;

/**
 * `FILE` stands for a file of lines of which none is access log, `EMPTY` for one without any, `NOTHING` for an empty
 * directory and `OTHER` for one that another program has written.
 */
type Row = readonly [way: keyof typeof ways, words: string, code: number, says: RegExp];

const rows: readonly Row[] = [
  ['no pod answers', 'admin /stats', 2, /none of 3 pods answered/],
  ['no pod answers', 'certs', 2, /none of 3 pods answered/],
  ['no pod answers', 'certs --fail-within 14d', 3, /--fail-within cannot be judged.*no pod answered/],
  ['nothing is there', 'certs no.such.* --fail-within 14d', 3, /--fail-within cannot be judged.*the answer is empty/],
  ['no pod answers', 'check --only drift', 3, /none of 3 pods|not evaluated|gfn8x/],
  ['Gateways may not be read', 'check --only gateways', 3, /not evaluated/],
  ['nothing is there', 'check --for nobody', 3, /no host, route or object of nobody is known here/],
  ['no pod answers', 'clusters', 2, /none of 3 pods answered/],
  ['no pod answers', 'config-dump --dir DIR', 2, /cannot save the configuration.*no pod answered/],
  ['no pod answers', 'diff', 2, /none of 3 pods answered/],
  ['no pod answers', 'doctor', 2, /./],
  ['no pod answers', 'endpoints', 2, /none of 3 pods answered/],
  ['no pod answers', 'explain https://svc1.discovery.wmnet/', 2, /none of 3 pods answered/],
  [
    'no pod answers',
    'explain https://svc1.discovery.wmnet/ --expect code=200',
    3,
    /--expect cannot be judged.*no pod answered/,
  ],
  ['no pod answers', 'listeners', 2, /none of 3 pods answered/],
  ['no pod answers', 'log-level', 2, /none of 3 pods answered/],
  ['logs may not be read', 'logs', 2, /none of 3 pods gives its log/],
  ['logs may not be read', 'logs --fail-on errors>0', 3, /--fail-on cannot be judged.*no line was logged/],
  ['nothing is there', 'logs --fail-on errors>0 --since 1s', 3, /--fail-on cannot be judged.*no line was logged/],
  [
    'nothing is there',
    'logs --fail-on errors>0 --host no.such.host',
    3,
    /--fail-on cannot be judged.*none of \d+ requests/,
  ],
  [
    'nothing is there',
    'logs --from FILE --fail-on errors>0',
    3,
    /--fail-on cannot be judged.*none of 2 lines is access log/,
  ],
  ['nothing is there', 'logs --from FILE --grpc-status 14', 0, /only lines that have a gRPC status/],
  ['nothing is there', 'logs --from EMPTY --fail-on errors>1%', 3, /--fail-on cannot be judged.*no line was logged/],
  ['nothing is there', 'logs --fail-on errors>1% --flag XX', 0, /none of \d+ requests matches/],
  ['no pod answers', 'preview --delete vs/svc1/svc1-main', 2, /cannot preview: no gateway pod could be read/],
  ['Gateways may not be read', 'preview --delete vs/svc1/svc1-main', 2, /cannot preview: cannot list gateways/],
  ['no pod answers', 'report -o json', 3, /nothing listens on that port/],
  ['no pod answers', 'report DIR', 3, /nothing listens on that port/],
  ['logs may not be read', 'report -o json', 3, /whether requests failed is not known/],
  ['no pod answers', 'routes', 2, /none of 3 pods answered/],
  ['no pod answers', 'secrets', 2, /none of 3 pods answered/],
  ['no pod answers', 'snapshot DIR', 3, /saved 0 of 3 pods/],
  ['logs may not be read', 'snapshot DIR', 3, /forbidden/],
  ['no pod answers', 'status', 3, /did not answer: what they serve is not known/],
  ['no pod answers', 'timeline', 3, /nothing listens on that port/],
  ['logs may not be read', 'timeline', 3, /forbidden/],
  ['logs may not be read', 'top --count 1 --interval 1s', 2, /none of 3 pods gives its log/],
  ['no pod answers', 'wait --for route=svc1.discovery.wmnet/ --timeout 1s', 3, /--for cannot be judged/],
  ['no pod answers', 'wait --for synced --timeout 1s', 3, /--for cannot be judged/],
  ['nothing is there', 'wait --for route=no.such.host/ --timeout 1s', 1, /no\.such\.host/],
];

const missing = /cannot reach istio-system\/istio-ingressgateway-66qlf.*gfn8x:15000: nothing listens on that port/s;

/** Two pods of three are not known: what the third has is told, and never as all. */
const ofOnePod: readonly Row[] = [
  ['one pod of three answers', 'admin /stats', 3, missing],
  ['one pod of three answers', 'certs', 3, /1\/3, 2 unknown/],
  ['one pod of three answers', 'check --only drift', 3, /nothing is known of 2 pods/],
  ['one pod of three answers', 'clusters', 3, /1\/3, 2 unknown/],
  ['one pod of three answers', 'config-dump --dir DIR', 3, missing],
  ['one pod of three answers', 'diff', 3, missing],
  ['one pod of three answers', 'endpoints', 3, /1\/3, 2 unknown/],
  ['one pod of three answers', 'explain https://svc1.discovery.wmnet/', 3, /1\/3 pods answered, and agree/],
  ['one pod of three answers', 'explain https://svc1.discovery.wmnet/ --expect host=svc1.discovery.wmnet', 3, missing],
  ['one pod of three answers', 'listeners', 3, /1\/3, 2 unknown/],
  ['one pod of three answers', 'log-level', 3, /1\/3, 2 unknown/],
  ['one pod of three answers', 'preview --delete vs/svc1/svc1-main', 3, missing],
  ['one pod of three answers', 'report -o json', 3, missing],
  ['one pod of three answers', 'routes', 3, /1\/3, 2 unknown/],
  ['one pod of three answers', 'secrets', 3, missing],
  ['one pod of three answers', 'snapshot DIR', 3, missing],
  ['one pod of three answers', 'status', 3, /2 pods .*no answer/],
  ['one pod of three answers', 'timeline', 3, missing],
];

const ofDirectories: readonly Row[] = ['NOTHING', 'OTHER'].flatMap((directory) => [
  ...[
    'certs',
    'check',
    'clusters',
    'config-dump',
    'diff',
    'endpoints',
    'explain https://svc1.discovery.wmnet/',
    'listeners',
    'preview --delete vs/svc1/svc1-main',
    'report -o json',
    'routes',
    'secrets',
    'status',
    'timeline',
  ].map(
    (words): Row => ['nothing is there', `${words} --from ${directory}`, 2, /cannot read .*: it has no index\.json/],
  ),
  ['nothing is there', `logs --from ${directory} --fail-on errors>0`, 2, /it is a directory/],
]);

/** Nobody names a check; those that find errors in the demo are left out. */
const withoutErrors = '--skip pods,istiod,drift,certificates,cluster-missing,no-endpoint,connections-fail';

const withoutObjects: readonly Row[] = [
  ['VirtualServices may not be read', 'check --only virtual-service-host', 3, /not evaluated.*cannot list virtualserv/],
  ['VirtualServices may not be read', 'check --for svc1', 1, /4 not evaluated/],
  ['VirtualServices may not be read', `check ${withoutErrors}`, 0, /4 not evaluated/],
  ['VirtualServices cannot be read now', `check ${withoutErrors}`, 3, /4 not evaluated/],
  ['VirtualServices may not be read', 'routes --vs svc1/two', 0, /cannot tell which routes are of a delegate/],
  ['VirtualServices may not be read', 'clusters --for svc1', 0, /cannot tell which routes are of a delegate/],
  ['VirtualServices may not be read', 'endpoints --vs svc1/two', 0, /cannot tell which routes are of a delegate/],
  ['VirtualServices may not be read', 'preview --delete vs/svc1/svc1-main', 2, /cannot list virtualservices/],
  ['VirtualServices may not be read', 'snapshot DIR', 3, /cannot list virtualservices/],
  ['Services may not be read', 'certs', 0, /cannot read the gateway's Services: this tool assumes/],
  ['Services may not be read', 'explain https://svc1.discovery.wmnet/', 0, /cannot read the gateway's Services/],
  [
    'Services may not be read',
    'preview --delete vs/svc1/svc1-main',
    0,
    /not looked at: services: cannot list services/,
  ],
  ['Services may not be read', 'snapshot DIR', 3, /cannot list services/],
];

/** What these say does not depend on what can be known of a cluster. */
const aboutNothing = ['completion', 'demo', 'help', 'port-forward', 'serve', 'version'];

test('every command has a row', () => {
  const named = [...rows.map(([, words]) => words.split(' ')[0]), ...aboutNothing];
  assert.equal(
    commands.map(({ name }) => name).filter((name) => !named.includes(name)),
    [],
  );
});

for (const [way, words, code, says] of [...rows, ...ofOnePod, ...ofDirectories, ...withoutObjects]) {
  test(`${words}, where ${way}`, () =>
    withDemo({ faults: ways[way] }, async ({ directory, kii }) => {
      const files = {
        FILE: join(directory, 'other.log'),
        EMPTY: join(directory, 'empty.log'),
        DIR: join(directory, 'd'),
        NOTHING: join(directory, 'nothing'),
        OTHER: join(directory, 'other'),
      };
      writeFileSync(files.FILE, 'one\ntwo\n');
      writeFileSync(files.EMPTY, '');
      mkdirSync(files.NOTHING);
      mkdirSync(files.OTHER);
      writeFileSync(join(files.OTHER, 'notes.txt'), 'one\n');
      const said = await kii(words.split(' ').map((word) => files[word as keyof typeof files] ?? word));
      assert.is(said.code, code, `${said.out}${said.err}`);
      assert.match(said.out + said.err, says);
    }));
}

test.run();
