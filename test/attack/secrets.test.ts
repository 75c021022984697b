// Secrets in generated places: below messages that are known and others, in Structs, in JSON inside of texts, in base64.
// test/commands/planted-secrets.test.ts looks for one of each class in all that the program prints and writes.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJson } from '#core/json.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import type { Random } from '../faults/random.ts';
import { any } from '../support/dump.ts';
import { withDemo } from '../support/run-command.ts';
import { attack, generated } from './attack.ts';
import { type Json, withLies } from './lying-server.ts';
import { runProgram } from './program.ts';

const place = mkdtempSync(join(tmpdir(), 'kii-secrets-'));
test.after(() => rmSync(place, { recursive: true, force: true }));

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const dashes = '-'.repeat(5);

/** `secret` is what must not be seen, in no encoding. */
type Plant = (secret: string, random: Random) => Json;

const prefixes = ['', 'x-', 'my_', 'OAUTH_', 'client', 'db.'];
const names = ['token', 'secret', 'password', 'passphrase', 'credential', 'api_key', 'apiKey', 'tokens', 'access-key'];
const headers = ['authorization', 'Proxy-Authorization', 'cookie', 'x-api-key', 'X-Vault-Token', 'set-cookie'];
const credentialName = (random: Random): string => `${random.pick(prefixes)}${random.pick(names)}`;

const pem = (secret: string, random: Random): string =>
  `${dashes}BEGIN ${random.pick(['', 'RSA ', 'EC ', 'ENCRYPTED ', 'OPENSSH '])}PRIVATE KEY${dashes}\n${secret}\n${dashes}END PRIVATE KEY${dashes}`;

const plants: readonly Plant[] = [
  (secret, random) => ({ [credentialName(random)]: secret }),
  (secret, random) => ({ [credentialName(random)]: [secret, secret] }),
  (secret, random) => ({ [credentialName(random)]: { inline_string: secret } }),
  (secret, random) => ({ header: { key: random.pick(headers), value: `Bearer ${secret}` }, append: true }),
  (secret, random) => ({ name: credentialName(random).toUpperCase(), value: secret }),
  (secret, random) => ({ text: `${random.pick(['', 'x ', '/'])}${pem(secret, random)}` }),
  (secret, random) => ({
    text: `${' '.repeat(random.number(3))}${base64('x'.repeat(random.number(3)) + pem(secret, random))}`,
  }),
  (secret) => ({ uri: `https://user:${secret}@host/path` }),
  (secret) => ({ code: `h:add("authorization", "Bearer ${secret}")` }),
  (secret) => ({ keys: [{ kty: 'RSA', n: 'n', d: secret, p: secret }] }),
  (secret) => ({ keys: [{ kty: 'oct', k: secret }] }),
  (secret) => ({ private_key: { inline_bytes: base64(secret) }, certificate_chain: { inline_string: 'c' } }),
  (secret) => any('extensions.filters.http.basic_auth.v3.BasicAuth', { users: { inline_string: secret } }),
  (secret) => any('extensions.transport_sockets.tls.v3.TlsSessionTicketKeys', { keys: [{ inline_string: secret }] }),
];

const wrappers: readonly ((value: Json, random: Random) => Json)[] = [
  (value) => [1, value, null],
  (value, random) => ({ [`field${random.number(9)}`]: value, other: 'x' }),
  (value) => JSON.stringify(value),
  (value) => ({ '@type': 'type.googleapis.com/acme.Filter', inner: value }),
  (value) => ({ '@type': 'type.googleapis.com/google.protobuf.StringValue', value: JSON.stringify(value) }),
  (value) => ({
    '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
    type_url: 'type.googleapis.com/acme.F',
    value: { inner: value },
  }),
];

interface Planted {
  readonly json: Json;
  readonly secrets: readonly string[];
}

function planted(random: Random): Planted {
  const secrets: string[] = [];
  const parts = Array.from({ length: 12 }, () => {
    const secret = `s${randomBytes(9).toString('hex')}`;
    secrets.push(secret);
    let value = random.pick(plants)(secret, random);
    for (let depth = random.number(5); depth > 0; depth--) value = random.pick(wrappers)(value, random);
    return value;
  });
  return { json: { configs: [{ '@type': 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump', parts }] }, secrets };
}

/** The text, and what its base64 says, also of base64 inside of base64. */
function everyForm(text: string, depth = 3): string {
  if (depth === 0) return text;
  const decoded = [...text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)].map(([run]) => {
    const all = [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1'));
    return all.join('\n');
  });
  return decoded.length === 0 ? text : [text, everyForm(decoded.join('\n'), depth - 1)].join('\n');
}

function assertGone(text: string, { secrets, json }: Planted): void {
  const all = everyForm(text, 2);
  for (const secret of secrets)
    assert.not.ok(all.includes(secret), `${secret} of ${JSON.stringify(json).slice(0, 3000)}`);
}

generated('secrets', [33, 34, 35, 36, 37, 41, 43, 45], 'a document with secrets in any place', async (random) => {
  for (let round = 0; round < 40; round++) {
    const one = planted(random);
    const redacted = await withoutSecrets(one.json);
    assertGone(JSON.stringify(redacted), one);
    const again = await withoutSecrets(JSON.parse(JSON.stringify(redacted)));
    assert.equal(again, redacted, 'what is redacted stays as it is');
  }
});

generated('secrets', [33, 35, 36, 43], 'through admin and config-dump, from the pod to the screen', async (random) => {
  const one = planted(random);
  const body = JSON.stringify(one.json).replace('{', '{"private_key":{"inline_string":"x"},');
  const twice = body.replace('{', `{"password":"${one.secrets[0]}",`).replace(/\}$/, ',"password":"x"}');
  const faults = [{ at: 'answer', path: '/config_dump', does: 'answer', status: 200, body: twice }] as const;
  await withDemo({ faults }, async ({ kii }) => {
    for (const words of ['admin /config_dump', 'config-dump', 'admin /config_dump -o json']) {
      const { out, err } = await kii(`${words} --pod *-66qlf`);
      assertGone(out + err, one);
    }
  });
});

generated('secrets', [42], 'Kubernetes objects that are saved', async (random) => {
  const one = planted(random);
  const change = (url: URL, json: Json): void => {
    if (!/(gateways|services|virtualservices)$/.test(url.pathname)) return;
    for (const object of json.items) {
      object.metadata.annotations = { note: JSON.stringify(one.json), key: pem(one.secrets[0] ?? '', random) };
      object.spec = { ...object.spec, extra: one.json };
    }
  };
  await withLies({ change }, async ({ kii, directory }) => {
    const saved = join(directory, 'saved');
    assert.is((await kii(['config-dump', '--dir', saved])).code, 0);
    for (const name of readdirSync(saved, { recursive: true, encoding: 'utf8' }))
      if (statSync(join(saved, name)).isFile()) assertGone(readFileSync(join(saved, name), 'utf8'), one);
  });
});

generated('secrets', [46, 47], 'a token in a kubeconfig that is odd', async (random) => {
  const token = `t${randomBytes(9).toString('hex')}`;
  const odd = random.pick([
    '!vault ',
    '!!binary ',
    '!!js/function ',
    '&a !x ',
    '? ',
    '[',
    '{a: ',
    '"',
    "'",
    '|- ',
    '\t',
    '%',
    '@',
  ]);
  const file = join(place, 'config');
  const lines = [
    'apiVersion: v1',
    'kind: Config',
    'current-context: a',
    'users:',
    '- name: u',
    `  user: {token: ${odd}${token}`,
  ];
  const end = random.pick(['}', '', '}\n- name: *b', ']']);
  writeFileSync(file, `${lines.join('\n')}${end}\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n`);
  const { out, err } = await runProgram(['status', '--request-timeout', '2s'], {
    env: { KUBECONFIG: file, HOME: place },
  });
  assert.ok(err !== '');
  assert.not.ok((out + err).includes(token), out + err);
});

attack('secrets', [46, 47, 110], 'the beginning of what is no JSON', () => {
  for (const [text, shown] of [
    ['<html><head><title>x', '"<html>'],
    ['no healthy upstream', '"no healthy upstream"'],
    ['RBAC: access denied', '"RBAC: access denied"'],
    ['token=SECRETSECRET', '"…"'],
    ['Authorization: Bearer secretword', '"Authorization…"'],
    ['the password is secretword', '"the password…"'],
    ['\u001b]0;PWN\u0007', '"…"'],
    ['eyJhbGciOiJSUzI1NiJ9.e30', '"…"'],
  ] as const)
    assert.throws(
      () => parseJson(Buffer.from(text), 'it'),
      (error: Error) => error.message.includes(shown),
    );
});

test.run();
