// "I could not read it" is not "nothing is wrong": what each command says where it can know nothing. A command without
// a row fails.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '#commands/all.gen.ts';
import type { Fault } from '#demo/fault.ts';
import { withDemo } from '../support/run-command.ts';

const ways = {
  'no pod answers': [{ at: 'connection', does: 'refuse' }],
  'logs may not be read': [{ at: 'request', on: 'log', does: 'status', code: 403, message: 'forbidden' }],
  'Gateways may not be read': [{ at: 'request', on: 'list', resource: 'gateways', does: 'status', code: 403 }],
  'nothing is there': [],
} as const satisfies Readonly<Record<string, readonly Fault[]>>;

/** `FILE` stands for a file of lines of which none is access log, `EMPTY` for one without any. */
type Row = readonly [way: keyof typeof ways, words: string, code: number, says: RegExp];

const rows: readonly Row[] = [
  ['no pod answers', 'admin /stats', 2, /none of 3 pods answered/],
  ['no pod answers', 'certs', 2, /none of 3 pods answered/],
  ['no pod answers', 'certs --fail-within 14d', 3, /--fail-within cannot be judged.*no pod answered/],
  ['nothing is there', 'certs no.such.* --fail-within 14d', 3, /--fail-within cannot be judged.*the answer is empty/],
  ['no pod answers', 'check --only drift', 3, /none of 3 pods|not evaluated|gfn8x/],
  ['Gateways may not be read', 'check --only gateways', 3, /not evaluated/],
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
  ['nothing is there', 'logs --from EMPTY --fail-on errors>1%', 3, /--fail-on cannot be judged.*no line was logged/],
  ['nothing is there', 'logs --fail-on errors>1% --flag XX', 0, /none of \d+ requests matches/],
  ['no pod answers', 'preview --delete vs/svc1/svc1-main', 2, /cannot preview: no gateway pod could be read/],
  ['Gateways may not be read', 'preview --delete vs/svc1/svc1-main', 2, /cannot preview: cannot list gateways/],
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

/** What these say does not depend on what can be known of a cluster. */
const aboutNothing = ['completion', 'demo', 'help', 'port-forward', 'version'];

test('every command has a row', () => {
  const named = [...rows.map(([, words]) => words.split(' ')[0]), ...aboutNothing];
  assert.equal(
    commands.map(({ name }) => name).filter((name) => !named.includes(name)),
    [],
  );
});

for (const [way, words, code, says] of rows) {
  test(`${words}, where ${way}`, () =>
    withDemo({ faults: ways[way] }, async ({ directory, kii }) => {
      const files = {
        FILE: join(directory, 'other.log'),
        EMPTY: join(directory, 'empty.log'),
        DIR: join(directory, 'd'),
      };
      writeFileSync(files.FILE, 'one\ntwo\n');
      writeFileSync(files.EMPTY, '');
      const said = await kii(words.split(' ').map((word) => files[word as keyof typeof files] ?? word));
      assert.is(said.code, code, `${said.out}${said.err}`);
      assert.match(said.out + said.err, says);
    }));
}

test.run();
