import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isPlainlySameSecretRow, type SecretRow, secretRowKey } from '#model/certificate.ts';
import { raw } from '#model/content.ts';

const content = { name: 'a', tls_certificate: { certificate_chain: { inline_bytes: 'AAAA' } } };

const row: SecretRow = {
  secret: {
    name: 'a',
    state: 'active',
    kind: 'certificate',
    lastUpdated: '2026-11-30T00:00:00Z',
    version: '1',
    rejected: undefined,
    chain: [],
    unreadable: 'no certificate in 3 bytes',
    file: undefined,
    [raw]: content,
  },
  hosts: ['a.example'],
};

const withSecret = (change: Partial<SecretRow['secret']>): SecretRow => ({
  ...row,
  secret: { ...row.secret, ...change },
});

const rejected = (details: string, at: string): SecretRow =>
  withSecret({ rejected: { details, at, version: undefined } });

test('what is plainly the same has one key, and when it came does not count', () => {
  const same: readonly (readonly [SecretRow, SecretRow])[] = [
    [row, withSecret({ lastUpdated: '2026-12-01T00:00:00Z', version: '2', [raw]: { ...content } })],
    [rejected('bad key', '2026-11-30T00:00:00Z'), rejected('bad key', '2026-12-01T00:00:00Z')],
    [
      { ...row, doubts: ['one'] },
      { ...row, doubts: ['another'] },
    ],
  ];
  for (const [a, b] of same) {
    assert.ok(isPlainlySameSecretRow(a, b));
    assert.is(secretRowKey(a), secretRowKey(b));
  }
});

test('what the key tells apart is not plainly the same', () => {
  const others: readonly SecretRow[] = [
    withSecret({ name: 'b' }),
    withSecret({ state: 'static' }),
    rejected('bad key', '2026-11-30T00:00:00Z'),
    withSecret({ [raw]: { ...content, name: 'b' } }),
    { ...row, hosts: undefined },
    { ...row, hosts: ['b.example'] },
    { ...row, doubts: ['one'] },
  ];
  for (const [index, other] of others.entries()) {
    assert.not(isPlainlySameSecretRow(row, other), `${index}`);
    assert.is.not(secretRowKey(row), secretRowKey(other), `${index}`);
  }
});

test.run();
