import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSecrets } from '#dump/secrets.ts';
import type { Secret } from '#model/certificate.ts';
import { intermediate, leaf, root } from '../support/certificates.ts';
import { any, asked, camelCased, section } from '../support/dump.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const element = (secret: object | undefined, over: object = {}): object => ({
  name: 'kubernetes://one',
  version_info: '7',
  last_updated: '2026-11-23T12:00:00Z',
  ...(secret
    ? { secret: any('extensions.transport_sockets.tls.v3.Secret', { name: 'kubernetes://one', ...secret }) }
    : {}),
  ...over,
});
const readOne = (secret: object | undefined, over: object = {}): Secret =>
  readSecrets(section('Secrets', { dynamic_active_secrets: [element(secret, over)] }))[0] as Secret;
const content = (secret: object): unknown[] => {
  const { kind, chain, unreadable, file } = readOne(secret);
  return [kind, chain.map(({ serial }) => serial), unreadable, file];
};
const chain = (source: object): object => ({
  tls_certificate: { certificate_chain: source, private_key: { inline_bytes: 'W3JlZGFjdGVkXQ==' } },
});

test('an empty certificate is told apart where istiod has taken its name for that of a CA', () => {
  const of = (name: string) => readOne({ tls_certificate: { certificate_chain: {} } }, { name }).unreadable;
  assert.is(of('kubernetes://a'), 'empty');
  assert.is(of('kubernetes://a-cacert'), 'empty, as istiod takes a name that ends in -cacert for the CA of clients');
});

test('reads a certificate with its chain', () => {
  const { chain: certificates, ...secret } = readOne(chain({ inline_bytes: base64(leaf + intermediate) }));
  assert.equal(secret, {
    name: 'kubernetes://one',
    state: 'active',
    lastUpdated: '2026-11-23T12:00:00Z',
    version: '7',
    rejected: undefined,
    kind: 'certificate',
    unreadable: undefined,
    file: undefined,
  });
  assert.equal(
    certificates.map(({ commonName }) => commonName),
    ['svc1.discovery.wmnet', 'discovery intermediate'],
  );
});

test('never has anything of the private key', () => {
  assert.not.match(JSON.stringify(readOne(chain({ inline_string: leaf }))), /redacted|W3JlZGFjdGVkXQ|private/);
});

for (const [what, secret, expected] of [
  ['a certificate as text', chain({ inline_string: leaf }), ['certificate', ['1001'], undefined, undefined]],
  ['a certificate in a file', chain({ filename: '/etc/tls.crt' }), ['certificate', [], 'file', '/etc/tls.crt']],
  [
    'a certificate in a variable',
    chain({ environment_variable: 'CERT' }),
    ['certificate', [], 'environment variable CERT', undefined],
  ],
  ['a certificate that is nowhere', chain({}), ['certificate', [], 'empty', undefined]],
  ['an empty certificate', chain({ inline_bytes: '' }), ['certificate', [], 'empty', undefined]],
  ['junk', chain({ inline_bytes: base64('junk') }), ['certificate', [], 'no certificate in 4 bytes', undefined]],
  ['PKCS #12', { tls_certificate: { pkcs12: {} } }, ['certificate', [], 'pkcs12', undefined]],
  ['a certificate without a chain', { tls_certificate: {} }, ['certificate', [], 'empty', undefined]],
  [
    'a CA',
    { validation_context: { trusted_ca: { inline_bytes: base64(root) } } },
    ['ca', ['63B573DA4BDB52A33E3DE86D3C4292D31CB88E1B'], undefined, undefined],
  ],
  ["the system's CAs", { validation_context: { system_root_certs: {} } }, ['ca', [], 'system_root_certs', undefined]],
  [
    'a CA from a plugin',
    { validation_context: { ca_certificate_provider_instance: {} } },
    ['ca', [], 'ca_certificate_provider_instance', undefined],
  ],
  ['a validation context without a CA', { validation_context: {} }, ['ca', [], 'empty', undefined]],
  ['session tickets', { session_ticket_keys: { keys: [] } }, ['session-tickets', [], undefined, undefined]],
  ['a generic secret', { generic_secret: {} }, ['generic', [], undefined, undefined]],
  ['a newer kind', { quantum_key: {} }, ['none', [], 'unknown kind of secret: quantum_key', undefined]],
] as const) {
  test(`reads ${what}`, () => {
    assert.equal(content(secret), expected);
    assert.equal(readOne(camelCased(secret) as object).kind, expected[0]);
  });
}

test('tells what warms from what is active', () => {
  const dump = section('Secrets', {
    static_secrets: [element({})],
    dynamic_active_secrets: [element(chain({ inline_string: leaf }))],
    dynamic_warming_secrets: [element({})],
  });
  assert.equal(
    readSecrets(dump).map(({ state, kind }) => [state, kind]),
    [
      ['static', 'none'],
      ['active', 'certificate'],
      ['warming', 'none'],
    ],
  );
});

test('takes a secret without content for warming where resource= does not tell', () => {
  const answer = asked(
    'SecretsConfigDump.DynamicSecret',
    element({}),
    element(undefined),
    element({ generic_secret: {} }),
  );
  assert.equal(
    readSecrets(answer).map(({ state }) => state),
    ['warming', 'warming', 'active'],
  );
});

test('names a secret by the element, or by itself', () => {
  assert.is(readOne({ name: 'inner' }).name, 'kubernetes://one');
  assert.is(readOne({ name: 'inner' }, { name: undefined }).name, 'inner');
  assert.is(readOne(undefined, { name: undefined }).name, '');
});

test('keeps why an update was rejected; no version is none', () => {
  const { rejected, version } = readOne(chain({ inline_string: leaf }), {
    version_info: '',
    error_state: { details: 'Failed to load certificate' },
  });
  assert.equal([rejected?.details, version], ['Failed to load certificate', undefined]);
});

test('names the path of what cannot be read', () => {
  assert.throws(
    () => readOne({ tls_certificate: 'x' }),
    (error: { code: string; message: string }) =>
      error.code === 'bad-answer' &&
      error.message ===
        'cannot read the config dump: configs[0].dynamic_active_secrets[0].secret.tls_certificate is "x", not an object',
  );
});

test.run();
