// istiod's ADS port by a client of node's own: what istioctl proxy-status asks, and what is refused.

import { connect, type IncomingHttpHeaders } from 'node:http2';
import { duplexPair } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serveAds } from '#apiserver/ads.ts';
import { lengthField, readLengthFields } from '#apiserver/protobuf.ts';
import { ToolError } from '#core/error.ts';

const method = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
const now = new Date('2026-11-23T12:08:47Z');

const proxies = [
  {
    cluster_id: 'Kubernetes',
    proxy: 'gateway-a.istio-system',
    istio_version: '1.31',
    resources: {
      'type.googleapis.com/envoy.config.cluster.v3.Cluster': {
        sent: 'a',
        acked: 'a',
        sentTime: '2026-11-23T12:08:37Z',
      },
      'type.googleapis.com/envoy.config.listener.v3.Listener': { sent: 'b', acked: 'a', lastError: 'no' },
      'type.googleapis.com/envoy.config.route.v3.RouteConfiguration': { sent: 'b', acked: 'a' },
    },
  },
  { proxy: 'gateway-b.istio-system', cluster_sent: 'a', cluster_acked: 'a', listener_sent: '' },
];

interface Exchange {
  readonly messages: readonly Buffer[];
  readonly trailers: IncomingHttpHeaders;
}

/** Sends the requests, the next one after the answer to the one before; ends after the last. */
async function exchange(
  requests: readonly Buffer[],
  answers: number,
  path = method,
  syncz: unknown = proxies,
): Promise<Exchange> {
  const [near, far] = duplexPair();
  const istiod = {
    syncz: async () => {
      if (syncz instanceof Error) throw syncz;
      return syncz;
    },
    connections: async () => [],
    mesh: async () => ({}),
    version: async () => '1.31',
  };
  serveAds(far, istiod, 'istiod-1', now);
  const session = connect('https://istiod', {
    createConnection: () => connectTls({ socket: near, rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
  });
  const stream = session.request({ ':method': 'POST', ':path': path, te: 'trailers' });
  let trailers: IncomingHttpHeaders = {};
  stream.on('response', (headers) => {
    if (headers['grpc-status'] !== undefined) trailers = headers;
  });
  stream.on('trailers', (headers) => {
    trailers = headers;
  });
  for (const body of requests) {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(body.length, 1);
    stream.write(Buffer.concat([head, body]));
  }
  const messages: Buffer[] = [];
  if (answers === 0) stream.end();
  for await (const chunk of stream) {
    messages.push((chunk as Buffer).subarray(5));
    if (messages.length === answers) stream.end();
  }
  session.destroy();
  return { messages, trailers };
}

const request = (type: string, nonce?: string): Buffer =>
  Buffer.concat([lengthField(4, type), nonce === undefined ? Buffer.alloc(0) : lengthField(5, nonce)]);

test('syncz comes once, from the istiod that is asked, and its acknowledgement is no new request', async () => {
  const { messages, trailers } = await exchange(
    [request('istio.io/debug/syncz', 'its own'), request('istio.io/debug/syncz', 'kubectl-istio-ingress')],
    1,
  );
  assert.is(messages.length, 1);
  const fields = readLengthFields(messages[0] as Buffer);
  assert.is(fields?.get(4)?.toString(), 'istio.io/debug/syncz');
  const plane =
    readLengthFields(fields?.get(6) as Buffer)
      ?.get(1)
      ?.toString() ?? '';
  assert.equal(JSON.parse(plane), { Component: 'istiod', ID: 'istiod-1', Info: { version: '1.31' } });
  const last = readLengthFields(readLengthFields(fields?.get(2) as Buffer)?.get(2) as Buffer);
  assert.is(
    readLengthFields(last?.get(1) as Buffer)
      ?.get(1)
      ?.toString(),
    'gateway-b.istio-system',
  );
  assert.is(trailers['grpc-status'], '0');
});

test('another type, another method and an istiod that did not answer are refused in words', async () => {
  const other = await exchange([request('istio.io/debug/config_dump')], 0);
  assert.equal(
    [other.trailers['grpc-status'], other.trailers['grpc-message']],
    ['12', 'istio.io%2Fdebug%2Fconfig_dump is not served here%2C only istio.io%2Fdebug%2Fsyncz'],
  );
  const { trailers } = await exchange([], 0, '/grpc.health.v1.Health/Check');
  assert.is(trailers['grpc-status'], '12');
  const failed = await exchange(
    [request('istio.io/debug/syncz')],
    0,
    method,
    new ToolError('timeout', 'it was silent'),
  );
  assert.equal([failed.trailers['grpc-status'], failed.trailers['grpc-message']], ['14', 'it was silent']);
});

test('what is no message of protobuf is read as none', () => {
  for (const bytes of ['ff', '0a05', '0aff', '0b', 'ffffffffffffffffffff01'])
    assert.is(readLengthFields(Buffer.from(bytes, 'hex')), undefined, bytes);
  assert.equal([...(readLengthFields(Buffer.from('0801120161', 'hex')) ?? [])], [[2, Buffer.from('a')]]);
});

test.run();
