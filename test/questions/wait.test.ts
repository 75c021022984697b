// `wait --for synced` where istiod has kept the rejection of a secret: over, lasting, and not to be found out.

import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClientHello, Handshake } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import type { Source } from '#core/source.ts';
import { askWait } from '#questions/wait/wait.ts';
import recording from '../../src/demo/fleet.json' with { type: 'json' };
import { withSource } from '../support/run-command.ts';

/** Of all secrets of the recording. */
const certificates = [...JSON.stringify(recording).matchAll(/"inline_bytes":"(LS0tLS1CRUdJTi[^"]+)"/g)].flatMap(
  ([, base64 = '']) => {
    const text = Buffer.from(base64, 'base64').toString();
    return text.includes('BEGIN CERTIFICATE') ? [new X509Certificate(text)] : [];
  },
);

const chainFor = ({ serverName = '' }: ClientHello): readonly Buffer[] =>
  certificates.filter((one) => one.checkHost(serverName) !== undefined).map(({ raw }) => raw);

const rejected = {
  'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret': {
    sent: 'a',
    acked: 'b',
    lastError: 'Failed to load private key from <inline>, Cause: KEY_VALUES_MISMATCH',
  },
};

const inSync = Object.fromEntries(
  ['cluster', 'listener', 'endpoint', 'route'].flatMap((name) => [
    [`${name}_sent`, 'a'],
    [`${name}_acked`, 'a'],
  ]),
);

const proxies = ['66qlf', 'gfn8x', 'l9b5b'].map((end) => ({
  proxy: `istio-ingressgateway-${end}.istio-system`,
  ...inSync,
  ...(end === '66qlf' ? { resources: rejected } : {}),
}));

/** The demo, of whose first pod istiod tells such a rejection. */
const withRejection = (source: Source, handshake: Source['handshake']): Source => ({
  ...source,
  handshake,
  close: async () => {},
  everyIstiod: (ask) =>
    source.everyIstiod((debug) =>
      ask({
        ...debug,
        get: async (path) => (path === 'debug/syncz' ? Buffer.from(JSON.stringify(proxies)) : debug.get(path)),
      }),
    ),
});

async function waited(handshake: (hello: ClientHello) => Handshake): Promise<readonly unknown[]> {
  return withSource({}, async (source, now) => {
    const open = async (): Promise<Source> => withRejection(source, async (_pod, _port, hello) => handshake(hello));
    const conditions = [{ text: 'synced', isAbsent: false, what: { kind: 'synced' } }] as const;
    const asking = { now, signal: new AbortController().signal, warn: () => {}, progress: () => {} };
    const { findings, incomplete, items } = await askWait(
      open,
      { conditions, timeoutMs: 4_900 },
      asking as never,
      () => '',
    );
    return [findings, incomplete, items.filter(({ missing }) => missing.length > 0).map(({ pod }) => pod.slice(-5))];
  });
}

const certificate = (chain: readonly Buffer[]): Handshake => ({
  outcome: 'certificate',
  chain,
  protocol: 'TLSv1.3',
  alpn: undefined,
});

test('a rejection that is over is no reason to wait', async () => {
  assert.equal(await waited((hello) => certificate(chainFor(hello))), [false, false, []]);
});

test('one that lasts is', async () => {
  const other = certificates.at(-1)?.raw as Buffer;
  assert.equal(await waited(() => certificate([other])), [true, true, ['66qlf']]);
});

test('where nobody can tell, it is not judged', async () => {
  const refused = (): never => {
    throw new ToolError('refused', 'nothing listens');
  };
  assert.equal(await waited(refused), [false, true, ['66qlf']]);
});

test.run();
