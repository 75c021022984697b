import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readKnownFindings } from '#questions/check/known-file.ts';
import { rejection } from '../support/rejection.ts';

const folder = mkdtempSync(join(tmpdir(), 'kii-known-'));
test.after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'known.yaml');

const read = (text: string) => {
  writeFileSync(path, text);
  return readKnownFindings(path, (id) => ['KII031', 'certificate-expiring'].includes(id), new AbortController().signal);
};
const why = async (text: string): Promise<string> =>
  (await rejection(read(text))).message.replace(`cannot use ${path}: `, '');

const entry = { id: 'KII031', subject: '*.example', until: '2027-01-31', reason: 'it is replaced' };

test('reads a list in YAML, and in JSON', async () => {
  const yaml = `# for now\n- id: certificate-expiring\n  subject: "*.example"\n  until: 2027-01-31\n  reason: it is replaced\n`;
  assert.equal(await read(yaml), [{ ...entry, id: 'certificate-expiring', line: 2 }]);
  assert.equal(await read(JSON.stringify([entry])), [{ ...entry, line: 1 }]);
  assert.equal(await read('[]'), []);
});

test('says in which line what is wrong', async () => {
  assert.is(await why('known: 1\n'), 'line 1: a list of entries has to stand here');
  assert.is(await why('\n- KII031\n'), 'line 2: an entry with id, subject, until, reason has to stand here');
  const wrong = (changes: object): Promise<string> => why(JSON.stringify([{ ...entry, ...changes }], null, 1));
  assert.is(await wrong({ id: 'KII999' }), 'line 3: id "KII999" is no check; see docs/checks.md');
  assert.is(await wrong({ until: 'soon' }), 'line 5: until "soon" is no day like 2027-01-31');
  assert.is(await wrong({ until: '2027-02-31' }), 'line 5: until "2027-02-31" is no day like 2027-01-31');
  assert.is(await wrong({ reason: '' }), 'line 6: the entry needs a text as reason');
  assert.is(await wrong({ why: 'x' }), 'line 7: an entry has no key "why", only id, subject, until, reason');
  assert.match(await why('- id: [KII031\n'), /^line \d: it is no YAML or JSON/);
  assert.is(await why('- subject: "*"\n'), 'line 1: the entry needs a text as id');
  assert.is(await why(''), 'line 1: a list of entries has to stand here');
  assert.is(await why('- id: KII031\n  subject: 8443\n'), 'line 2: the entry needs a text as subject');
  assert.is(await why('[]\n---\n[]\n'), 'line 3: one list is read, and here a second document begins');
});

test('a file that is not there is said', async () => {
  const missing = readKnownFindings(join(folder, 'none'), () => true, new AbortController().signal);
  assert.match((await rejection(missing)).message, /^cannot read .*none: it does not exist$/);
});

test.run();
