import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '#cluster/access/connection.ts';
import { hintText } from '#core/error.ts';
import { rejection } from '../../support/rejection.ts';

const seconds = Math.floor(Date.now() / 1000);
const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');
const tokenOf = (claims: object): string => `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmVk`;

/** The Authorization header that requests get with this id token. */
async function authorizationWith(idToken: string): Promise<unknown> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-oidc-'));
  const kubeconfig = join(directory, 'config');
  const config = {
    'client-id': 'kubectl',
    'id-token': idToken,
    'refresh-token': 'again',
    'idp-issuer-url': 'https://127.0.0.1:1',
  };
  const users = [{ name: 'u', user: { 'auth-provider': { name: 'oidc', config } } }];
  const clusters = [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }];
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'x',
      clusters,
      users,
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  const { signal } = new AbortController();
  try {
    const connection = await connect({ kubeconfig }, {}, signal);
    const { headers } = await connection.options(signal).finally(() => connection.close());
    return headers['authorization'];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('an id token of OIDC that is valid is sent', async () => {
  const valid = tokenOf({ exp: seconds + 3600 });
  assert.is(await authorizationWith(valid), `Bearer ${valid}`);
});

for (const [title, token, why] of [
  ['has expired', tokenOf({ exp: seconds - 60 }), 'the id token of OIDC has expired'],
  ['does not say when it ends', tokenOf({}), 'the kubeconfig has no id token of OIDC that can be read'],
  ['is junk', 'a.b', 'the kubeconfig has no id token of OIDC that can be read'],
] as const) {
  test(`one that ${title} is left for kubectl to refresh, and that is said`, async () => {
    const error = await rejection(authorizationWith(token));
    assert.equal([error.code, error.message], ['credentials', `cannot use the credentials of context x: ${why}`]);
    assert.match(hintText(error) ?? '', 'kubectl version');
  });
}

test.run();
