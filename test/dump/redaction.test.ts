import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutNamedSecrets } from '#dump/redaction.ts';
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

test.run();
