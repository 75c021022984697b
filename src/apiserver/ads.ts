// istiod's ADS port, as far as `istioctl proxy-status` asks it: gRPC over TLS, one stream, the type
// `istio.io/debug/syncz`. The client's token is not looked at: who has come this far has had the server's own. Sources:
// istio/istioctl/pkg/xds/client.go, istio/pilot/pkg/xds/statusgen.go; the gRPC over HTTP2 protocol; envoy's
// service/discovery/v3/discovery.proto and service/status/v3/csds.proto.

import type { OutgoingHttpHeaders } from 'node:http';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { field } from '#core/json.ts';
import { mintCertificate } from './certificate.ts';
import type { IstiodAnswers } from './pod-ports.ts';
import { lengthField, readLengthFields, varintField } from './protobuf.ts';

const streamPath = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
const syncz = 'istio.io/debug/syncz';
const nonce = 'kubectl-istio-ingress';

/** Serves one connection. `now`: the cluster's clock. */
export function serveAds(connection: Duplex, istiod: IstiodAnswers, name: string, now: Date): void {
  const { certificate: cert, key } = mintCertificate(new Date());
  const server = createSecureServer({ cert, key });
  server.on('sessionError', () => {});
  server.on('tlsClientError', () => connection.destroy());
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path'] !== streamPath) return refuse(stream, 12, `${headers[':path']} is not served here`);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    void serveStream(stream, istiod, name, now).catch((error: unknown) => end(stream, 14, (error as Error).message));
  });
  server.emit('connection', connection);
}

const trailers = (code: number, why: string): OutgoingHttpHeaders => ({
  'grpc-status': code,
  'grpc-message': encodeURIComponent(why).replaceAll('%20', ' '),
});

/** Codes: grpc.io/docs/guides/status-codes. */
function refuse(stream: ServerHttp2Stream, code: number, why: string): void {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': code,
      'grpc-message': encodeURIComponent(why),
    },
    { endStream: true },
  );
}

function end(stream: ServerHttp2Stream, code: number, why: string): void {
  stream.on('wantTrailers', () => stream.sendTrailers(trailers(code, why)));
  stream.end();
}

async function serveStream(stream: ServerHttp2Stream, istiod: IstiodAnswers, name: string, now: Date): Promise<void> {
  for await (const message of messages(stream)) {
    const request = readLengthFields(message);
    // It acknowledges what has been sent; istioctl's first request has a nonce too.
    if (request?.get(5)?.toString() === nonce) continue;
    const type = request?.get(4)?.toString() ?? '';
    if (type !== syncz) return end(stream, 12, `${type} is not served here, only ${syncz}`);
    const body = response(await istiod.syncz(), await istiod.version(), name, Date.now() - now.getTime());
    const head = Buffer.alloc(5);
    head.writeUInt32BE(body.length, 1);
    stream.write(Buffer.concat([head, body]));
  }
  end(stream, 0, '');
}

/** A flag and a length before each: nobody compresses. */
async function* messages(stream: ServerHttp2Stream): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  // A stream that is left early has still to say why.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const size = rest.readUInt32BE(1);
      yield rest.subarray(5, 5 + size);
      rest = rest.subarray(5 + size);
    }
  }
}

/** A DiscoveryResponse. `aheadMs`: how far the client's clock is ahead of the cluster's, so that ages are those of then. */
function response(proxies: unknown, version: string, name: string, aheadMs: number): Buffer {
  const identifier = { Component: 'istiod', ID: name, Info: { version } };
  const resources = Array.isArray(proxies) ? proxies.map((proxy) => clientConfig(proxy, aheadMs)) : [];
  return Buffer.concat([
    lengthField(1, '1'),
    ...resources.map((resource) => lengthField(2, any('envoy.service.status.v3.ClientConfig', resource))),
    lengthField(4, syncz),
    lengthField(5, nonce),
    lengthField(6, lengthField(1, JSON.stringify(identifier))),
  ]);
}

const any = (type: string, message: Buffer): Buffer =>
  Buffer.concat([lengthField(1, `type.googleapis.com/${type}`), lengthField(2, message)]);

const textOf = (object: unknown, name: string): string => {
  const value = field(object, name);
  return typeof value === 'string' ? value : '';
};

function clientConfig(proxy: unknown, aheadMs: number): Buffer {
  const id = textOf(proxy, 'proxy');
  const metadata = {
    CLUSTER_ID: textOf(proxy, 'cluster_id'),
    NAMESPACE: id.slice(id.lastIndexOf('.') + 1),
    ISTIO_VERSION: textOf(proxy, 'istio_version'),
  };
  const node = Buffer.concat([lengthField(1, id), lengthField(3, struct(metadata))]);
  return Buffer.concat([
    lengthField(1, node),
    ...statuses(proxy).map((status) => lengthField(3, genericConfig(status, aheadMs))),
  ]);
}

/** google.protobuf.Struct of texts. */
const struct = (fields: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(
    Object.entries(fields).map(([name, text]) =>
      lengthField(1, Buffer.concat([lengthField(1, name), lengthField(2, lengthField(3, text))])),
    ),
  );

interface Status {
  readonly type: string;
  readonly sent: string;
  readonly acked: string;
  readonly sentTime: string;
  readonly error: string;
}

const typePrefix = 'type.googleapis.com/envoy.config.';

/** By type; istiods before 1.23 tell of the four kinds without times. */
const flatTypes: Readonly<Record<string, string>> = {
  cluster: `${typePrefix}cluster.v3.Cluster`,
  listener: `${typePrefix}listener.v3.Listener`,
  endpoint: `${typePrefix}endpoint.v3.ClusterLoadAssignment`,
  route: `${typePrefix}route.v3.RouteConfiguration`,
};

function statuses(proxy: unknown): readonly Status[] {
  const resources = Object.entries((field(proxy, 'resources') ?? {}) as object);
  if (resources.length === 0)
    return Object.entries(flatTypes).map(([name, type]) => ({
      type,
      sent: textOf(proxy, `${name}_sent`),
      acked: textOf(proxy, `${name}_acked`),
      sentTime: '',
      error: '',
    }));
  return resources
    .map(([type, one]) => ({
      type,
      sent: textOf(one, 'sent'),
      acked: textOf(one, 'acked'),
      sentTime: textOf(one, 'sentTime'),
      error: textOf(one, 'lastError'),
    }))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

const [synced, notSent, stale, rejected] = [1, 2, 3, 4];

function genericConfig({ type, sent, acked, sentTime, error }: Status, aheadMs: number): Buffer {
  const state = error !== '' ? rejected : sent === '' ? notSent : sent === acked ? synced : stale;
  const ms = Date.parse(sentTime);
  const time = Number.isNaN(ms) ? Buffer.alloc(0) : lengthField(5, varintField(1, Math.floor((ms + aheadMs) / 1000)));
  return Buffer.concat([lengthField(1, type), time, varintField(6, state as number)]);
}
