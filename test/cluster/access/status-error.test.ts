// What the API server, a proxy or the network says, as an error with the next step.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connectError, statusError } from '#cluster/access/status-error.ts';
import { ToolError } from '#core/error.ts';

const status = (message: string): string => JSON.stringify({ kind: 'Status', message });

for (const [title, answer, code, message] of [
  [
    '401',
    { status: 401, body: status('Unauthorized') },
    'credentials',
    'cannot ask: the API server does not accept the credentials',
  ],
  [
    '403',
    { status: 403, body: status('pods is forbidden: User "u" cannot list') },
    'forbidden',
    'cannot ask: pods is forbidden: User "u" cannot list',
  ],
  [
    '403 whose reason is empty',
    { status: 403, body: status('pods "x" is forbidden: ') },
    'forbidden',
    'cannot ask: pods "x" is forbidden',
  ],
  ['404', { status: 404, body: status('no such thing') }, 'not-found', 'cannot ask: no such thing'],
  ['429', { status: 429, body: 'slow down\nplease' }, 'api', 'cannot ask: the API server is overloaded (slow down)'],
  [
    '500 of text',
    { status: 500, body: 'rpc error: code = Unavailable\nmore' },
    'api',
    'cannot ask: rpc error: code = Unavailable',
  ],
  [
    '502 of HTML',
    { status: 502, body: '<html>bad gateway</html>' },
    'api',
    'cannot ask: not the API server answers, but a web page (502)',
  ],
  ['302', { status: 302, body: '' }, 'api', 'cannot ask: not the API server answers, but a redirect (302)'],
  [
    '302 that leads to a login',
    { status: 302, body: '<html>', location: 'https://login.example/?ticket=x' },
    'api',
    'cannot ask: not the API server answers, but a redirect to https://login.example (302)',
  ],
  [
    '403 of HTML',
    { status: 403, body: '<!DOCTYPE html>' },
    'forbidden',
    'cannot ask: not the API server answers, but a web page (403)',
  ],
  [
    "Teleport's JSON",
    { status: 403, body: '{"error": {"message": "access denied"}}' },
    'forbidden',
    'cannot ask: access denied',
  ],
  ['JSON that is no Status', { status: 500, body: '{"message": 7}' }, 'api', 'cannot ask: {"message": 7}'],
] as const) {
  test(title, () => {
    const error = statusError('ask', answer);
    assert.equal([error.code, error.message], [code, message]);
  });
}

test('a role is the next step only where the API server itself knows who asks, and refuses', () => {
  const rule = { apiGroups: [''], resources: ['pods'], verbs: ['list'] };
  const hintOf = (body: string): string => [statusError('ask', { status: 403, body }, rule).hint].flat().join('\n');
  assert.match(hintOf(status('pods is forbidden: User "u" cannot list')), 'kind: ClusterRole');
  assert.match(hintOf(''), 'kind: ClusterRole');
  for (const body of ['<html>no</html>', '{"error": {"message": "access denied"}}', 'Forbidden'])
    assert.not.match(hintOf(body), 'kind: ClusterRole', body);
  assert.match(hintOf('<html>no</html>'), 'a proxy or a login stands in its place');
  assert.match(hintOf(status('pods is forbidden: User "system:anonymous" cannot list')), 'log in again');
});

const connection = { server: new URL('https://api.example:6443/'), context: 'prod' };
const where = 'https://api.example:6443 (context prod)';
const failure = (code: string, message = code): Error => Object.assign(new Error(message), { code });

for (const [error, code, message] of [
  [failure('ECONNREFUSED'), 'unreachable', `no connection to the API server ${where}: nothing listens there`],
  [failure('ENOTFOUND'), 'unreachable', `no connection to the API server ${where}: the name is unknown`],
  [failure('EHOSTUNREACH'), 'unreachable', `no connection to the API server ${where}: there is no route to it`],
  [
    failure('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate; if the root CA is installed locally, try'),
    'untrusted',
    `the certificate of ${where} is not trusted: self-signed certificate`,
  ],
  [
    failure('ERR_TLS_CERT_ALTNAME_INVALID', 'Host: x. is not cert’s CN'),
    'untrusted',
    `the certificate of ${where} is not trusted: Host: x. is not cert’s CN`,
  ],
  [
    failure('CERT_HAS_EXPIRED', 'certificate has expired'),
    'untrusted',
    `the certificate of ${where} is not trusted: certificate has expired`,
  ],
  [
    failure('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'),
    'unreachable',
    `${where} refuses the TLS handshake (ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE)`,
  ],
  [failure('ECONNRESET'), 'broken', `${where} closed the connection`],
  [new Error('socket hang up'), 'broken', `${where} closed the connection`],
  [new Error('Opening handshake has timed out'), 'timeout', `${where} did not answer the handshake`],
  [failure('HPE_INVALID_CONSTANT', 'Parse Error'), 'unreachable', `what listens at ${where} does not answer in HTTP`],
  [new Error('something new'), 'unreachable', `${where}: something new`],
] as const) {
  test(`${(error as NodeJS.ErrnoException).code ?? error.message}: ${code}`, () => {
    const made = connectError('ask', error, connection);
    assert.equal([made.code, made.message], [code, `cannot ask: ${message}`]);
  });
}

for (const [error, why] of [
  [failure('ENOTFOUND'), 'the name is unknown'],
  [failure('ECONNREFUSED'), 'nothing listens there'],
  [
    failure('ERR_PROXY_TUNNEL', 'Failed to establish tunnel to h:1 via http://p:1/: HTTP/1.1 407 Authenticate'),
    'it answered 407 Authenticate',
  ],
  [failure('ERR_PROXY_TUNNEL', 'Connection to establish proxy tunnel ended unexpectedly'), 'it closed the connection'],
] as const)
  test(`${error.message}: of a proxy, it is the proxy's`, () => {
    const made = connectError('ask', error, { ...connection, proxy: 'http://p:1' });
    assert.is(made.message, `cannot ask: no way to ${where} through the proxy http://p:1: ${why}`);
    assert.match(String(made.hint), 'proxy-url');
  });

test('an error that says it already is left alone', () => {
  const own = new ToolError('credentials', 'no plugin');
  assert.is(connectError('ask', own, connection), own);
});

test.run();
