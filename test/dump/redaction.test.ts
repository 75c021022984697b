import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutNamedSecrets, withoutSecrets } from '#dump/redaction.ts';
import { withoutSecretTexts } from '#dump/secret-texts.ts';
import { leaf } from '../support/certificates.ts';

// No key: the marks of one around words, put together here so that no file of this repository has them.
const dashes = '-'.repeat(5);
const fakeKey = (kind: string, words = 'bm90IGEga2V5'): string =>
  `${dashes}BEGIN ${kind}${dashes}\n${words}\n${dashes}END ${kind}${dashes}\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** A token's digits are of this process: what is compared is where it stands, in base64 too. */
const withoutDigits = (text: string): string => {
  const plain = text.replace(/\[redacted [0-9a-f]{8}\]/g, '[redacted]');
  return plain.replace(/[A-Za-z0-9+/]{20,}={0,2}/g, (run) => {
    const decoded = Buffer.from(run, 'base64').toString('latin1');
    return /\[redacted [0-9a-f]{8}\]/.test(decoded) ? base64(withoutDigits(decoded)) : run;
  });
};
const safeText = (text: string): string => withoutDigits(withoutSecretTexts(text));
const safe = (json: unknown): unknown => {
  const redacted = withoutNamedSecrets(json);
  return redacted === json ? json : JSON.parse(withoutDigits(JSON.stringify(redacted)));
};
const inBase64 = base64('[redacted]');

for (const kind of [
  'PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'OPENSSH PRIVATE KEY',
]) {
  test(`takes a block of ${kind} out of a text`, () => {
    assert.is(safeText(`before\n${fakeKey(kind)}${leaf}`), `before\n[redacted]\n${leaf}`);
  });

  test(`takes a block of ${kind} out of base64, wherever in it`, () => {
    for (const before of ['', 'x', 'xy', leaf]) {
      assert.is(
        safeText(base64(`${before}${fakeKey(kind)}`)),
        base64(`${before}[redacted]\n`),
        `after ${before.length} bytes`,
      );
    }
  });
}

test('takes out half a key, and every key', () => {
  assert.is(safeText(fakeKey('PRIVATE KEY').slice(0, 40)), '[redacted]');
  assert.is(safeText(fakeKey('PRIVATE KEY') + leaf + fakeKey('EC PRIVATE KEY')), `[redacted]\n${leaf}[redacted]\n`);
});

test('takes a key out of base64 that is broken into lines or stands in a text', () => {
  const lines = base64(fakeKey('PRIVATE KEY')).replace(/.{20}/g, '$&\n');
  assert.is(safeText(`key: ${lines}`).includes('bm90'), false);
  assert.not.match(Buffer.from(safeText(lines), 'base64').toString(), /PRIVATE KEY/);
});

test('leaves what stands around a key in base64 as it is', () => {
  const words = 'some-words_that-are/not+base64 but look like it';
  assert.is(
    safeText(`${words}: ${base64(fakeKey('PRIVATE KEY'))} :${words}`),
    `${words}: ${base64('[redacted]\n')} :${words}`,
  );
});

test('leaves texts without a key as they are', () => {
  for (const text of ['', 'PRIVATE KEY', leaf, base64(leaf), 'a private_key is not here'])
    assert.is(safeText(text), text);
});

for (const [before, after] of [
  [{ private_key: { inline_string: 'k' } }, { private_key: { inline_string: '[redacted]' } }],
  [{ privateKey: { inlineBytes: 'aw==' } }, { privateKey: { inlineBytes: inBase64 } }],
  [{ private_key: { inline_bytes: 'aw==' } }, { private_key: { inline_bytes: inBase64 } }],
  [{ 'tls-private-key': 'k' }, { 'tls-private-key': '[redacted]' }],
  [{ private_key: { filename: '/etc/tls.key' } }, { private_key: { filename: '/etc/tls.key' } }],
  [
    { private_key: { environment_variable: 'KEY', watched_directory: { path: '/etc' } } },
    { private_key: { environment_variable: 'KEY', watched_directory: { path: '/etc' } } },
  ],
  [{ private_key: { sds_config: { ads: 'x' } } }, { private_key: { sds_config: { ads: 'x' } } }],
  [{ password: { inline_string: 'p' } }, { password: { inline_string: '[redacted]' } }],
  [
    { passphrase: 'p', redis_password: 7 },
    { passphrase: '[redacted]', redis_password: '[redacted]' },
  ],
  [
    { session_ticket_keys: { keys: [{ inline_bytes: 'aw==' }] } },
    { session_ticket_keys: { keys: [{ inline_bytes: inBase64 }] } },
  ],
  [
    { generic_secret: { secret: { inline_string: 's' }, '@type': 't', name: 'n' } },
    { generic_secret: { secret: { inline_string: '[redacted]' }, '@type': 't', name: 'n' } },
  ],
  [
    { generic_secret: { secret: { key: true, more: null } } },
    { generic_secret: { secret: { key: true, more: null } } },
  ],
  [
    { tls_certificate: { pkcs12: { inline_bytes: 'aw==' } } },
    { tls_certificate: { pkcs12: { inline_bytes: inBase64 } } },
  ],
  [{ anything: [{ value: fakeKey('PRIVATE KEY') }, 'x'] }, { anything: [{ value: '[redacted]\n' }, 'x'] }],
] as const) {
  test(`makes ${JSON.stringify(before).slice(0, 80)} safe`, () => assert.equal(safe(before), after));
}

test('does not copy what has no key, and changes nothing in what it was given', () => {
  const plain = {
    name: 'a',
    list: [{ certificate_chain: { inline_bytes: base64(leaf) } }],
    number: 1,
    flag: true,
    nothing: null,
  };
  assert.is(safe(plain), plain);
  const mixed = { private_key: 'k', plain };
  const redacted = withoutNamedSecrets(mixed) as typeof mixed;
  assert.is(redacted.plain, plain);
  assert.is(mixed.private_key, 'k');
});

test('takes documents that are no objects', () => assert.equal([safe(7), safe(null), safe('x')], [7, null, 'x']));

test('takes secrets out of what a Struct has by the name @type', () => {
  const token = `Bearer ${'a'.repeat(40)}`;
  assert.equal(safe({ metadata: { '@type': { password: 'x' } } }), {
    metadata: { '@type': { password: '[redacted]' } },
  });
  assert.not.match(JSON.stringify(safe({ '@type': `{"password": "x7", "authorization": "${token}"}` })), /x7|aaaa/);
  const any = { '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster' };
  assert.is(safe(any), any);
});

test('refuses a document that is nested too deeply to be an answer of Envoy', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 'x' : [nested(levels - 1)]);
  const inKeys = (levels: number): unknown => (levels === 0 ? 'x' : { private_key: { name: inKeys(levels - 2) } });
  assert.equal(safe(nested(500)), nested(500));
  assert.equal(safe(inKeys(500)), inKeys(500));
  assert.throws(
    () => safe(nested(501)),
    (error: { code: string; message: string }) =>
      error.code === 'bad-answer' && error.message === 'cannot read the answer: it is nested deeper than 500 levels',
  );
});

const credentials: readonly (readonly [what: string, secret: object])[] = [
  ['a header to add', { header: { key: 'Authorization', value: 'Bearer SECRET' } }],
  ['a header in bytes', { header: { key: 'x-api-key', raw_value: base64('SECRET') } }],
  ['a key of a subscription', { header: { key: 'Ocp-Apim-Subscription-Key', value: 'SECRET' } }],
  ['initial metadata', { initial_metadata: [{ key: 'proxy-authorization', value: 'Basic SECRET' }] }],
  ['a cookie', { header: { key: 'set-cookie', value: 'session=SECRET; Path=/' } }],
  ['a variable of a container', { env: [{ name: 'DB_PASSWORD', value: 'SECRET' }] }],
  ['headers of a VirtualService', { headers: { request: { set: { authorization: 'Bearer SECRET' } } } }],
  ['a condition on a header', { headers: [{ name: 'x-api-key', string_match: { exact: 'SECRET' } }] }],
  ['one in an old spelling', { headers: [{ name: 'Authorization', exactMatch: 'Bearer SECRET' }] }],
  [
    'an expression',
    { name: 'authorization', string_match: { safe_regex: { google_re2: {}, regex: '^Bearer SECRET$' } } },
  ],
  ['a condition on a parameter', { query_parameters: [{ name: 'token', string_match: { prefix: 'SECRET' } }] }],
  [
    'conditions of a VirtualService',
    { match: [{ headers: { 'x-api-key': { exact: 'SECRET' } }, queryParams: { access_token: { regex: 'SECRET' } } }] },
  ],
  ['one of an AuthorizationPolicy', { when: [{ key: 'request.headers[x-api-key]', values: ['SECRET'] }] }],
  ["CloudFront's header", { header: { key: 'X-Origin-Verify', value: 'SECRET' } }],
  ['passwords by short names', { DB_PASS: 'SECRET', MYSQL_PWD: 'SECRET', smtp: { pass: 'SECRET' } }],
  ...[
    'secret_key',
    'secretKeyBase',
    'AccountKey',
    'NEW_RELIC_LICENSE_KEY',
    'x-session-key',
    'API_KEY_2',
    'x-api-token-v2',
  ].map((name) => [`the string ${name}`, { [name]: 'SECRET' }] as const),
  ...['token', 'clientSecret', 'client-secrets', 'API_KEY', 'private_keys', 'accessKey', 'password', 'credentials'].map(
    (name) => [`the string ${name}`, { [name]: 'SECRET', [`my_${name}`]: ['SECRET', 'SECRET'] }] as const,
  ),
  ['a DataSource', { token_secret: { inline_string: 'SECRET' }, hmac_secret: { inlineBytes: base64('SECRET') } }],
  ['a private JSON Web Key', { keys: [{ kty: 'EC', x: 'x', d: 'SECRET' }] }],
  ['a symmetric JSON Web Key in a string', { jwks: JSON.stringify({ keys: [{ kty: 'oct', k: 'SECRET' }] }) }],
  ['a private JSON Web Key in bytes', { inline_bytes: base64(JSON.stringify([{ kty: 'RSA', p: 'SECRET' }])) }],
  ['JSON in JSON in a string', { note: JSON.stringify({ inner: JSON.stringify({ apiKey: 'SECRET' }) }) }],
  ['JSON in a string with a key twice', { note: '{"password":"SECRET","password":"[redacted]"}' }],
  ['JSON in a string that is nested too deeply', { note: `${'['.repeat(600)}"SECRET"${']'.repeat(600)}` }],
  ['user info', { uri: 'https://user:SECRET@host/', text: 'see http://SECRET@host', host: 'user:SECRET@host' }],
  ['a user info with @', { uri: 'https://user:p@SECRET@host/' }],
  [
    'a header in Lua',
    { code: 'h:add("authorization", "Bearer SECRET")', other: `h['Authorization'] = 'Basic SECRET'` },
  ],
  [
    'secrets that an EnvoyFilter makes',
    {
      session_ticket_keys: { keys: [{ inline_string: 'SECRET' }] },
      genericSecret: { secrets: { a: { inlineString: 'SECRET' } } },
    },
  ],
  ['a PGP key', { text: fakeKey('PGP PRIVATE KEY BLOCK', 'SECRET') }],
];

for (const [what, document] of credentials) {
  for (const origin of ['envoy', 'kubernetes'] as const) {
    test(`takes ${what} out of a document of ${origin}`, async () => {
      const shown = JSON.stringify(await withoutSecrets(document, origin));
      for (const form of ['SECRET', base64('SECRET'), base64('x:SECRET').slice(2, 8)])
        assert.not.ok(shown.includes(form), shown);
      assert.is.not(shown, JSON.stringify(document));
    });
  }
}

const names: readonly (readonly [what: string, document: object])[] = [
  ['the path of the old runbook', { secret: { tlsCertificate: { certificateChain: { inlineBytes: base64(leaf) } } } }],
  [
    'a Secret by its name',
    { name: 'kubernetes://api-token', tls: { credentialName: 'password', secretName: 'token' } },
  ],
  ['headers by their names', { request_headers_to_remove: ['authorization', 'x-api-key'], header_name: 'cookie' }],
  [
    'conditions that say how a credential looks',
    {
      headers: [
        { name: 'authorization', string_match: { prefix: 'Bearer ' } },
        { name: 'authorization', string_match: { safe_regex: { regex: '^(?i)Bearer [A-Za-z0-9._-]{20,}$' } } },
        { name: 'x-api-key', present_match: true },
      ],
      match: { 'x-api-key': { regex: '.+' }, authorization: { prefix: 'Basic' } },
    },
  ],
  [
    'conditions that choose a version',
    {
      headers: [{ name: 'cookie', string_match: { contains: 'canary=always' } }],
      match: { cookie: { regex: '.*user=jason.*' } },
      key: 'app',
      values: ['token-service'],
    },
  ],
  [
    'labels',
    { matchExpressions: [{ key: 'token', operator: 'In', values: ['issuer'] }], bypass: 'local', PWD: '/home' },
  ],
  ['a cookie of a hash policy', { hash_policy: [{ cookie: { name: 'token', ttl: '0s' } }] }],
  ['a provider called token', { providers: { token: { issuer: 'https://issuer' } }, provider_name: 'token' }],
  ['cookies of OAuth2 by their names', { cookie_names: { bearer_token: 'BearerToken', id_token: 'IdToken' } }],
  [
    'what Envoy takes from a request',
    { header: { key: 'x-token', value: '%REQ(x-other)%' }, token: 'Bearer %REQ(a)%' },
  ],
  ['switches and numbers', { forward_bearer_token: true, hide_credentials: 'true', max_tokens: 10, token: '' }],
  ['a public JSON Web Key', { keys: [{ kty: 'RSA', n: 'n', e: 'AQAB', kid: 'd' }] }],
  [
    'text with @ and :',
    { image: 'envoy:1@sha256:00', mail: 'mailto:a@b.example', format: '[%START_TIME%] "%REQ(A)%"' },
  ],
  ['JSON in a string as it was written', { note: '{ "a": 1.0,  "b": [] }' }],
];

for (const [what, document] of names) {
  test(`leaves ${what} alone`, async () => {
    for (const origin of ['envoy', 'kubernetes'] as const) assert.is(await withoutSecrets(document, origin), document);
  });
}

test('in Kubernetes an object is no secret by its name: it says where one is, or how it is made', async () => {
  for (const spec of [
    { privateKey: { algorithm: 'ECDSA', rotationPolicy: 'Always' } },
    { password: { secretKeyRef: { name: 'a', key: 'b' } } },
  ])
    assert.is(await withoutSecrets(spec, 'kubernetes'), spec);
});

test("a field of Envoy's API is known by its message, also in a TypedStruct and where JSON names it", async () => {
  const type = 'envoy.extensions.filters.http.basic_auth.v3.BasicAuth';
  const shown = async (json: object): Promise<string> => withoutDigits(JSON.stringify(await withoutSecrets(json)));
  for (const filter of [
    { '@type': `type.googleapis.com/${type}`, users: { inlineString: 'a:b' } },
    { type_url: `type.googleapis.com/${type}`, value: { users: { inlineString: 'a:b' } } },
    ...['udpa.type.v1', 'xds.type.v3'].map((home) => ({
      '@type': `type.googleapis.com/${home}.TypedStruct`,
      type_url: `type.googleapis.com/${type}`,
      value: { users: { inlineString: 'a:b' } },
    })),
  ])
    assert.match(await shown(filter), '"users":{"inlineString":"[redacted]"}');
  assert.match(await shown({ users: { inline_string: 'a:b' } }), 'a:b');
});

test('equal secrets have equal tokens, others others, and a token stays as it is', async () => {
  const [a, b, c] = (await withoutSecrets([{ token: 'x' }, { token: 'x' }, { token: 'y' }])) as { token: string }[];
  assert.match(a?.token ?? '', /^\[redacted [0-9a-f]{8}\]$/);
  assert.is(a?.token, b?.token);
  assert.is.not(a?.token, c?.token);
  const again = { token: a?.token, password: { inline_string: '[redacted]', inline_bytes: inBase64 } };
  assert.is(await withoutSecrets(again), again);
});

test.run();
