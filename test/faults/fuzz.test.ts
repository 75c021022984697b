// Bytes that nobody meant: whatever a pod, a file or a person gives, it is read, or refused with a clear error that
// loses nothing else. `npm run test:long` draws 100,000 inputs; a failure prints the seed and the smallest input that
// fails.

import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type WebSocket from 'ws';
import { readAccess } from '#cluster/access/access.ts';
import { PortForwardStream } from '#cluster/stream/port-forward.ts';
import { commands } from '#commands/all.gen.ts';
import { ToolError } from '#core/error.ts';
import { parseJson } from '#core/json.ts';
import recorded from '#demo/fleet.json' with { type: 'json' };
import { makeFleet } from '#demo/fleet.ts';
import type { Recording } from '#demo/recording.ts';
import { readClusters } from '#dump/clusters.ts';
import { readEndpoints } from '#dump/endpoints.ts';
import { readListeners } from '#dump/listeners.ts';
import { readLogLevels } from '#dump/logging.ts';
import { queryDump } from '#dump/query.ts';
import { withoutNamedSecrets } from '#dump/redaction.ts';
import { readRoutes } from '#dump/routes.ts';
import { readSecretUse } from '#dump/secret-use.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { readCertificates } from '#dump/x509/certificate.ts';
import { readSyncz } from '#istiod/syncz.ts';
import { intermediate, leaf, odd, rsaLeaf } from '../support/certificates.ts';
import { runCommand } from '../support/run-command.ts';
import { damagedBytes, damagedJson } from './damage.ts';

const isLong = process.env['TEST_LONG'] !== undefined;
/** A share of the 100,000 inputs of the long run, or of a thousandth of them. */
const runs = (share: number): { readonly numRuns: number } => ({
  numRuns: Math.ceil(share * (isLong ? 100_000 : 1_000)),
});

const fleet = makeFleet(recorded as unknown as Recording, 3);
const [pod] = fleet.recording.pods;
if (!pod) throw new Error('nothing is recorded');
const dump = fleet.dump(pod);
const section = (resource: string): unknown => JSON.parse(queryDump(dump, new URLSearchParams({ resource })).body);
const sections = {
  routes: section('dynamic_route_configs'),
  listeners: section('dynamic_listeners'),
  clusters: section('dynamic_active_clusters'),
  secrets: section('dynamic_active_secrets'),
  endpoints: fleet.answer(pod, 'clusters'),
};

type Reader = (json: unknown) => unknown;

const readers: Readonly<Record<string, readonly [unknown, ...Reader[]]>> = {
  routes: [sections.routes, readRoutes],
  listeners: [sections.listeners, readListeners, readSecretUse, withoutNamedSecrets],
  clusters: [sections.clusters, readClusters],
  secrets: [sections.secrets, readSecrets, withoutNamedSecrets],
  endpoints: [{ cluster_statuses: fleet.list(pod, 'clusters') }, readEndpoints],
  server_info: [fleet.answer(pod, 'server_info'), readServerInfo],
  syncz: [fleet.syncz, readSyncz],
};

/** Anything but a ToolError with words of its own is a defect. */
function expectClear(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    assert.ok(
      error.code !== 'internal' && error.message.length > 10 && !/undefined|\[object/.test(error.message),
      error.message,
    );
  }
}

for (const [name, [json, ...reads]] of Object.entries(readers)) {
  test(`${name}: whatever stands in the place of something else is read or refused`, () => {
    fc.assert(
      fc.property(damagedJson(json), (damaged) => {
        for (const read of reads) expectClear(() => read(damaged));
      }),
      runs(0.08),
    );
    assert.ok(JSON.stringify(json).length > 100);
  });
}

test('JSON that is damaged in its bytes is read or refused', () => {
  const bytes = Buffer.from(JSON.stringify(sections.secrets));
  fc.assert(
    fc.property(damagedBytes(bytes), (damaged) => expectClear(() => readSecrets(parseJson(damaged, 'the dump')))),
    runs(0.02),
  );
  assert.throws(
    () => readSecrets(parseJson(bytes.subarray(0, 100), 'the dump')),
    (error: unknown) => error instanceof ToolError,
  );
});

test('damaged certificates are read, or said to be unreadable', () => {
  const pem = Buffer.from(`${leaf}${intermediate}${odd}${rsaLeaf}`);
  const check = (bytes: Buffer): void => expectClear(() => readCertificates(bytes));
  fc.assert(fc.property(damagedBytes(pem), check), runs(0.05));
  const der = Buffer.from(odd.replace(/-----[^-]+-----/g, ''), 'base64');
  const wrapped = damagedBytes(der).map((bytes) =>
    Buffer.from(`-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`),
  );
  fc.assert(fc.property(wrapped, check), runs(0.1));
  assert.is(readCertificates(pem).chain.length, 4);
});

test('levels are read from whatever /logging says', () => {
  fc.assert(
    fc.property(fc.string(), (text) => expectClear(() => readLogLevels(`active loggers:\n  admin: warning\n${text}`))),
    runs(0.02),
  );
  assert.equal(readLogLevels('active loggers:\n  admin: warning\n'), [{ logger: 'admin', level: 'warning' }]);
});

const kubeconfig = `apiVersion: v1
kind: Config
current-context: a
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", certificate-authority-data: Zm9v, tls-server-name: x}}]
users:
- name: u
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [a], env: [{name: A, value: b}], interactiveMode: Never}}
- {name: t, user: {tokenFile: token, as: me, as-groups: [g], as-user-extra: {k: [v]}}}
contexts: [{name: a, context: {cluster: c, user: u}}, {name: b, context: {cluster: c, user: t}}]
`;

test('a damaged kubeconfig is read, or refused by its name', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kii-fuzz-'));
  const file = join(directory, 'config');
  try {
    await fc.assert(
      fc.asyncProperty(
        damagedBytes(Buffer.from(kubeconfig)),
        fc.constantFrom(undefined, 'a', 'b'),
        async (bytes, context) => {
          writeFileSync(file, bytes);
          const refused = await readAccess({ kubeconfig: file, context }, {}).then(
            () => undefined,
            (error: unknown) => error,
          );
          expectClear(() => {
            if (refused !== undefined) throw refused;
          });
        },
      ),
      runs(0.1),
    );
    writeFileSync(file, kubeconfig);
    assert.is((await readAccess({ kubeconfig: file }, {})).contextName, 'a');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

const words = [
  ...commands.flatMap(({ name, flags }) => [name, ...Object.keys(flags ?? {}).map((flag) => `--${flag}`)]),
  '-o',
  '-n',
  '-l',
  '-g',
  '--',
  '-',
  '=',
];

test('any words are a command line, or are refused with a hint: nothing is asked of a cluster by mistake', async () => {
  const values = fc.oneof(
    fc.constantFrom(...words),
    fc.string(),
    fc.constantFrom('json', 'jsonpath={', '1', '-1', '5m', '*', 'a/b', 'https://x/'),
  );
  const opened = new ToolError('unreachable', 'the source was opened');
  await fc.assert(
    fc.asyncProperty(fc.array(values, { maxLength: 6 }), async (argv) => {
      // The demo and what writes files would do what they are told.
      fc.pre(!argv.some((word) => ['demo', 'completion', '--dir'].includes(word)));
      const { code, out, err } = await runCommand(argv, {
        openSource: async () => {
          throw opened;
        },
      });
      // `doctor` says on stdout what does not work.
      const isSaid = err.startsWith('error: ') || (argv.includes('doctor') && out !== '');
      assert.ok(code === 0 ? out !== '' : code === 2 && isSaid, `${code}: ${err}`);
      assert.not.match(err, /^\s+at \S|\[object/m);
    }),
    runs(0.1),
  );
});

/** As much of a WebSocket as PortForwardStream uses; the test says what arrives. */
class FakeSocket extends EventEmitter {
  readonly isPaused = false;
  pause(): void {}
  resume(): void {}
  ping(): void {}
  terminate(): void {}
  send(_: Buffer, done: (error?: Error) => void): void {
    done();
  }
}

test('what arrives on the data channel is what is read, however messages are cut, empty or of channels that there are not', async () => {
  const message = fc.record({
    channel: fc.constantFrom(0, 0, 0, 1, 2, 7, 255),
    data: fc.uint8Array({ maxLength: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 12 }), fc.constantFrom(1000, 1006), async (messages, code) => {
      const socket = new FakeSocket();
      const stream = new PortForwardStream(socket as unknown as WebSocket, { namespace: 'n', name: 'p' }, 15000);
      const read: Buffer[] = [];
      const ended = new Promise<unknown>((resolve) => {
        stream
          .on('data', (chunk: Buffer) => read.push(chunk))
          .on('end', () => resolve(undefined))
          .on('error', resolve);
      });
      for (const { channel, data } of messages) socket.emit('message', Buffer.concat([Buffer.of(channel), data]));
      socket.emit('close', code);
      const error = await ended;
      stream.destroy();
      const onChannel = (wanted: number): Buffer =>
        Buffer.concat(messages.filter(({ channel }) => channel === wanted).map(({ data }) => data)).subarray(2);
      const isFine = code === 1000 && onChannel(1).length === 0;
      assert.is(error instanceof ToolError, !isFine);
      if (isFine) assert.ok(Buffer.concat(read).equals(onChannel(0)));
    }),
    runs(0.1),
  );
});

test.run();
