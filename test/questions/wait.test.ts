// `wait --for synced` where istiod has kept the rejection of a secret: over, lasting, and not to be found out.

import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Handshake } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import type { Source } from '#core/source.ts';
import { askHostCertificates } from '#questions/certs/host-certificates.ts';
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

const behind = proxies.map(({ proxy }) => ({ proxy, ...inSync, listener_acked: 'b' }));

const synced = { text: 'synced', isAbsent: false, what: { kind: 'synced' } } as const;

/** The demo, whose istiod tells this of the pods. */
const tellingSync = (source: Source, told: readonly object[]): Source => ({
  ...source,
  close: async () => {},
  everyIstiod: (ask) =>
    source.everyIstiod((debug) =>
      ask({
        ...debug,
        get: async (path) => (path === 'debug/syncz' ? Buffer.from(JSON.stringify(told)) : debug.get(path)),
      }),
    ),
});

type Shake = (held: Buffer | undefined) => Handshake;

/** `shake` gets what the pod holds for the host. */
async function waited(shake: Shake): Promise<readonly unknown[]> {
  return withSource({}, async (source, now) => {
    const asking = { now, signal: new AbortController().signal, warn: () => {}, progress: () => {} };
    const all = {
      asked: undefined,
      part: 'certificate',
      served: false,
      handshake: false,
      failWithin: undefined,
    } as const;
    const { items: hosts } = await askHostCertificates(source, all, asking);
    const open = async (): Promise<Source> => ({
      ...tellingSync(source, proxies),
      handshake: async ({ name }, _port, { serverName }) => {
        const item = hosts.find(({ value, pods }) => value.host === serverName && pods.includes(name));
        return shake(
          certificates.find(({ serialNumber }) => serialNumber === item?.value.envoySecret?.chain[0]?.serial)?.raw,
        );
      },
    });
    const question = { conditions: [synced], timeoutMs: 2_000 };
    const { findings, incomplete, items } = await askWait(open, question, asking, () => '');
    return [findings, incomplete, items.filter(({ missing }) => missing.length > 0).map(({ pod }) => pod.slice(-5))];
  });
}

const closed: Handshake = { outcome: 'closed', why: 'no certificate' };
const served = (leaf: Buffer | undefined): Handshake =>
  leaf ? { outcome: 'certificate', chain: [leaf], protocol: 'TLSv1.3', alpn: undefined } : closed;

test('a rejection that is over is no reason to wait', async () => {
  assert.equal(await waited(served), [false, false, []]);
});

test('one that lasts is', async () => {
  assert.equal(await waited(() => served(certificates.at(-1)?.raw)), [true, true, ['66qlf']]);
});

test('where nobody can tell, it is not judged', async () => {
  const refused = (): never => {
    throw new ToolError('refused', 'nothing listens');
  };
  assert.equal(await waited(refused), [false, true, ['66qlf']]);
});

test('a time that is shorter than the pause between two rounds is used up: what comes within it is seen', async () => {
  await withSource({}, async (source, now) => {
    let rounds = 0;
    const open = async (): Promise<Source> => {
      rounds += 1;
      return tellingSync(source, rounds === 1 ? behind : proxies.map(({ proxy }) => ({ proxy, ...inSync })));
    };
    const asking = { now, signal: new AbortController().signal, warn: () => {}, progress: () => {} };
    const question = { conditions: [synced], timeoutMs: limits.betweenRoundsMs };
    const { findings, incomplete } = await askWait(open, question, asking, () => '');
    assert.equal([findings, incomplete, rounds], [false, false, 2]);
  });
});

test('an extension that is not acknowledged is not in sync', async () => {
  await withSource({}, async (source, now) => {
    const told = proxies.map(({ proxy }) => ({ proxy, ...inSync }));
    const behindIn = [{ extensionconfig_sent: 'a', extensionconfig_acked: 'b' }, {}, {}];
    const open = async (): Promise<Source> =>
      tellingSync(
        source,
        told.map((one, index) => ({ ...one, ...behindIn[index] })),
      );
    const asking = { now, signal: new AbortController().signal, warn: () => {}, progress: () => {} };
    const { findings, items } = await askWait(open, { conditions: [synced], timeoutMs: 2_000 }, asking, () => '');
    assert.is(findings, true);
    assert.equal(
      items.filter(({ missing }) => missing.length > 0).map(({ pod }) => pod.slice(-5)),
      ['66qlf'],
    );
  });
});

test.run();
