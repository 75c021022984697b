// Sends requests over HTTP/3, as they are written: by a client in Python, as neither Node nor curl speaks it.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { http3Client } from '../../truth/cluster.ts';
import { type Certificate, hostOf, type Seen, serverNameOf } from '../exchange.ts';
import type { OwnRequest } from './requests.ts';

export interface SentByName extends OwnRequest {
  readonly userAgent: string;
}

export interface Asked {
  readonly address: string;
  readonly port: number;
  readonly serverName: string;
  /** Pseudo-headers first. */
  readonly headers: readonly (readonly [string, string])[];
  /** PEM files; empty: the client has none. */
  readonly certificate: string;
  readonly key: string;
}

/** `ended`: why no answer came. */
export interface Came {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly ended: string | null;
}

/** In their order. `folder`: where the client may find the certificate. */
export async function sendHttp3(
  requests: readonly SentByName[],
  { key, cert }: Certificate,
  folder: string,
): Promise<Seen[]> {
  const files = { certificate: join(folder, 'client.pem'), key: join(folder, 'client-key.pem') };
  writeFileSync(files.certificate, cert);
  writeFileSync(files.key, key);
  const asked = requests.map((request): Asked => {
    const { address, port, hasCertificate } = request;
    const identity = hasCertificate ? files : { certificate: '', key: '' };
    return { address, port, serverName: serverNameOf(request), headers: headersOf(request), ...identity };
  });
  const came = await overHttp3(asked);
  return came.map((one, index) => seenOf(one, requests[index]?.method ?? ''));
}

/** What came of each, in their order. */
export async function overHttp3(asked: readonly Asked[]): Promise<Came[]> {
  const env = { ...process.env, PYTHONPATH: http3Client };
  const client = promisify(execFile)('python3', [program], { env, maxBuffer: 64 << 20 });
  client.child.stdin?.end(asked.map((one) => JSON.stringify(one)).join('\n'));
  return (await client).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Came);
}

const program = join(import.meta.dirname, 'http3.py');

const headersOf = (request: SentByName): (readonly [string, string])[] => [
  [':method', request.method],
  [':scheme', request.scheme],
  [':authority', hostOf(request)],
  [':path', request.path],
  ['user-agent', request.userAgent],
  ...request.headers,
];

function seenOf({ headers, body, ended }: Came, method: string): Seen {
  const { ':status': code, location, 'grpc-status': grpcStatus, 'x-echo': echo } = Object.fromEntries(headers);
  return {
    code: code === undefined ? undefined : Number(code),
    location,
    grpcStatus: grpcStatus === undefined ? undefined : Number(grpcStatus),
    echo: echo === undefined ? undefined : JSON.parse(decodeURIComponent(echo)),
    body: method === 'HEAD' ? undefined : body,
    ended: ended ?? undefined,
  };
}
