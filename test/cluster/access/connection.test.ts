// Credentials over the time of a command: got once for all, again after a 401 or when they end; connections with the
// certificate of now.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mintCertificate } from '#apiserver/certificate.ts';
import { readAccess } from '#cluster/access/access.ts';
import { type Connection, connect, type RequestOptions } from '#cluster/access/connection.ts';
import { limits } from '#core/limits.ts';
import { observe } from '../../support/api-observer.ts';
import { rejection } from '../../support/rejection.ts';
import { withDemo } from '../../support/run-command.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-connection-'));
test.after(() => rmSync(directory, { recursive: true }));
const signal = new AbortController().signal;

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text, { mode: 0o700 });
  return join(directory, name);
}

const connectAs = (user: string, env: Readonly<Record<string, string>> = {}): Promise<Connection> => {
  const kubeconfig = file(
    'config',
    `{current-context: x, clusters: [{name: c, cluster: {server: "https://192.0.2.1"}}], users: [{name: u, user: {${user}}}], contexts: [{name: x, context: {cluster: c, user: u}}]}`,
  );
  return connect({ kubeconfig }, { PATH: process.env['PATH'], ...env }, signal);
};

const tokenOf = async (connection: Connection): Promise<unknown> =>
  (await connection.options(signal)).headers['authorization'];

/** Counts its runs in a file, which is its token; what else it says is `status`. */
const counting = (status = ''): string => {
  const counter = file('count', '');
  file(
    'plugin',
    `#!/bin/sh
echo >> ${counter}
echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {${status}"token": "run-'$(wc -l < ${counter} | tr -d ' ')'"}}'
`,
  );
  return 'exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Never}';
};

test('a plugin runs once for all that ask at the same time', async () => {
  const connection = await connectAs(counting());
  assert.equal(
    await Promise.all(Array.from({ length: 30 }, () => tokenOf(connection))),
    new Array(30).fill('Bearer run-1'),
  );
});

test('a plugin runs again after a 401, once for all that were refused together', async () => {
  const connection = await connectAs(counting());
  await tokenOf(connection);
  assert.equal(await Promise.all(Array.from({ length: 30 }, () => connection.renew(signal))), new Array(30).fill(true));
  assert.is(await tokenOf(connection), 'Bearer run-2');
});

test('a plugin whose credential has ended runs again, once for all', async () => {
  const connection = await connectAs(counting('"expirationTimestamp": "2020-01-01T00:00:00Z", '));
  await tokenOf(connection);
  assert.is(
    readFileSync(join(directory, 'count'), 'utf8').length,
    2,
    'the first asks, sees that it has ended, and asks again',
  );
  await Promise.all(Array.from({ length: 30 }, () => tokenOf(connection)));
  assert.is(readFileSync(join(directory, 'count'), 'utf8').length, 3);
});

test('a plugin that fails is not run again and again', async () => {
  const plugin = counting();
  file('plugin', `#!/bin/sh\necho >> ${join(directory, 'count')}\nexit 3\n`);
  const connection = await connectAs(plugin);
  const errors = await Promise.all(Array.from({ length: 5 }, () => rejection(connection.options(signal))));
  assert.equal(new Set(errors.map(({ code }) => code)), new Set(['credentials']));
  assert.is(readFileSync(join(directory, 'count'), 'utf8').length, 1);
});

test('a token file is read again after a 401', async () => {
  const connection = await connectAs(`tokenFile: ${file('token', 'one')}`);
  assert.is(await tokenOf(connection), 'Bearer one');
  file('token', 'two\n');
  assert.is(await tokenOf(connection), 'Bearer one');
  assert.is(await connection.renew(signal), true);
  assert.is(await tokenOf(connection), 'Bearer two');
});

test('a token of the kubeconfig cannot be renewed', async () => {
  assert.is(await (await connectAs('token: t')).renew(signal), false);
});

const fingerprintOf = ({ certificate }: { readonly certificate: string }): string =>
  new X509Certificate(certificate).fingerprint256;

/** Of the certificate that a server gets to see. */
async function presented({ tls: own }: RequestOptions): Promise<string | undefined> {
  const { certificate: cert, key } = mintCertificate(new Date());
  const server = tls.createServer({ cert, key, requestCert: true, rejectUnauthorized: false }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = tls.connect({ ...own, port: (server.address() as AddressInfo).port, rejectUnauthorized: false });
  const [seen] = (await once(server, 'secureConnection')) as [tls.TLSSocket];
  const { fingerprint256 } = seen.getPeerCertificate();
  for (const one of [client, seen, server]) 'destroy' in one ? one.destroy() : one.close();
  return fingerprint256;
}

test('connections are kept while the certificate is the same, and made anew with another one', async () => {
  const connection = await connectAs(`tokenFile: ${file('token', 'one')}`);
  const before = await connection.options(signal);
  file('token', 'two');
  await connection.renew(signal);
  const after = await connection.options(signal);
  assert.is.not(after.headers, before.headers);
  assert.is(after.agent, before.agent);

  const [a, b] = [mintCertificate(new Date()), mintCertificate(new Date())];
  const credential = ({ certificate, key }: typeof a): string =>
    `#!/bin/sh\nprintf %s '${JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { clientCertificateData: certificate, clientKeyData: key },
    })}'\n`;
  const plugin = counting();
  file('plugin', credential(a));
  const rotating = await connectAs(plugin);
  const first = await rotating.options(signal);
  file('plugin', credential(b));
  await rotating.renew(signal);
  const second = await rotating.options(signal);
  assert.equal([await presented(first), await presented(second)], [fingerprintOf(a), fingerprintOf(b)]);
  assert.is.not(second.agent, first.agent);
  assert.is.not(second.streamAgent, first.streamAgent);
});

test('in a pod the service account is used, where no kubeconfig says otherwise', async () => {
  file('ca.crt', 'ca');
  file('token', 'service-account');
  const pod = { HOME: directory, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const access = await readAccess({}, pod, { serviceAccount: directory });
  assert.equal(
    [access.contextName, access.files, access.cluster.server],
    ['(in cluster)', [], 'https://[fd00::1]:443'],
  );
  assert.equal([access.cluster.caFile, access.tokenFile], [join(directory, 'ca.crt'), join(directory, 'token')]);
  assert.is(
    (await readAccess({}, { ...pod, KUBECONFIG: '/nonexistent' }, { serviceAccount: directory })).contextName,
    '(in cluster)',
  );
  // kubectl says that there is no such context.
  for (const named of [{ context: 'x' }, { cluster: 'x' }, { user: 'x' }])
    assert.match(
      (await rejection(readAccess(named, pod, { serviceAccount: directory }))).message,
      'there is no kubeconfig',
    );
  assert.is((await readAccess({ as: 'me' }, pod, { serviceAccount: directory })).impersonate.user, 'me');
  assert.is((await readAccess({ token: 't' }, pod, { serviceAccount: directory })).tokenFile, undefined);
  assert.is((await readAccess({ server: 'https://x' }, pod, { serviceAccount: directory })).contextName, '(none)');
  for (const missing of ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT']) {
    assert.match(
      (await rejection(readAccess({}, { ...pod, [missing]: '' }, { serviceAccount: directory }))).message,
      'there is no kubeconfig',
    );
  }
  rmSync(join(directory, 'token'));
  assert.is(
    (await rejection(readAccess({}, pod, { serviceAccount: directory }))).message,
    `cannot find a cluster: there is no kubeconfig, and this pod has no token of a service account in ${directory}`,
  );
});

for (const [kind, url] of [
  ['an HTTP proxy', 'http://{connect}'],
  ['a SOCKS proxy', 'socks5://{socks}'],
] as const) {
  test(`streams go through ${kind} too`, () =>
    withDemo({}, async ({ demo, kii, directory: own }) => {
      const observer = await observe();
      const path = join(own, 'proxied');
      writeFileSync(
        path,
        demo.kubeconfig.replace(/server: .*/, (line) => `${line}\n      proxy-url: ${observer.fill(url)}`),
      );
      const { code, err } = await kii(['version', '--kubeconfig', path]);
      assert.equal([code, err], [0, '']);
      // Those of the four streams; requests alone take fewer.
      assert.ok(observer.tunnels() >= 4, `${observer.tunnels()} connections went through the proxy`);
      observer.close();
    }));
}

test('a plugin that waits for ever is ended', async () => {
  const plugin = counting();
  file('plugin', '#!/bin/sh\nexec sleep 60\n');
  const changed = limits as { pluginMs: number };
  const { pluginMs } = limits;
  changed.pluginMs = 300;
  try {
    const connection = await connectAs(plugin);
    const error = await rejection(connection.options(new AbortController().signal));
    assert.is(error.code, 'credentials');
    assert.match(error.message, /it did not end within/);
  } finally {
    changed.pluginMs = pluginMs;
  }
});

test('a plugin that prints without end is ended', async () => {
  const plugin = counting();
  file('plugin', '#!/bin/sh\nexec yes\n');
  const connection = await connectAs(plugin);
  const error = await rejection(connection.options(new AbortController().signal));
  assert.is(error.code, 'credentials');
  assert.match(error.message, /it printed more than 1 MiB, and a credential is a few KiB$/);
});

for (const spec of ['args: ["SECRET\\0"]', 'env: [{name: A, value: "SECRET\\0"}]']) {
  test(`a plugin with a NUL in what it is given is not quoted: ${spec}`, async () => {
    const connection = await connectAs(
      `exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, ${spec}}`,
    );
    const error = await rejection(connection.options(signal));
    assert.is(error.code, 'credentials');
    assert.match(error.message, /a NUL is in its command, arguments or variables$/);
  });
}

test.run();
