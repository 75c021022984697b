// What an API server sees of its clients: two HTTPS servers, a plain one, and two proxies, which write down the first
// request. Rows of access-rows.ts are held against it, with our tool and with the real kubectl.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { mintCertificate } from '#apiserver/certificate.ts';

/** Of the first request; absent is what it did not have. */
export interface Seen {
  readonly server: 'one' | 'two' | 'plain';
  /** Before `/api`. */
  readonly path?: string;
  readonly authorization?: string;
  readonly impersonate?: Readonly<Record<string, string>>;
  readonly serverName?: string;
  readonly certificate?: 'alice' | 'bob';
  readonly proxy?: 'connect' | 'socks';
  /** What a plugin was told, where its token says so. */
  readonly execInfo?: unknown;
}

export interface Observer {
  readonly directory: string;
  /**
   * Text with `{one}`, `{two}`, `{plain}`, `{connect}`, `{socks}` (host:port), `{one-ca}`…, `{alice-cert}`,
   * `{alice-key}`… (base64), `{alice-pem}`… and `{dir}` filled in.
   */
  fill(text: string): string;
  write(files: Readonly<Record<string, string>>): void;
  /** What has been seen since the last call, or `nothing`. */
  take(): Seen | 'nothing';
  /** How many connections have gone through the proxies. */
  tunnels(): number;
  close(): void;
}

const status = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'Forbidden',
  message: 'observed',
  code: 403,
});

export async function observe(): Promise<Observer> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-access-'));
  const now = new Date();
  const keys = {
    one: mintCertificate(now),
    two: mintCertificate(now),
    alice: mintCertificate(now),
    bob: mintCertificate(now),
  };
  const [servers, proxied] = [new Set<Server>(), new Map<number, 'connect' | 'socks'>()];
  let first: Seen | undefined;
  const serve =
    (server: Seen['server']) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      first ??= seenOf(server, request, keys, proxied.get(request.socket.remotePort ?? 0), names);
      response.writeHead(403, { 'content-type': 'application/json', connection: 'close' }).end(status);
    };
  const listen = async (server: Server): Promise<string> => {
    servers.add(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const secure = (name: 'one' | 'two'): Server =>
    https.createServer(
      { cert: keys[name].certificate, key: keys[name].key, requestCert: true, rejectUnauthorized: false },
      serve(name),
    );
  const names: Record<string, string> = { dir: directory };
  Object.assign(names, {
    one: await listen(secure('one')),
    two: await listen(secure('two')),
    plain: await listen(http.createServer(serve('plain'))),
    connect: await listen(connectProxy(proxied)),
    socks: await listen(socksProxy(proxied)),
  });
  for (const [name, { certificate, key }] of Object.entries(keys)) {
    Object.assign(names, {
      [`${name}-ca`]: base64(certificate),
      [`${name}-cert`]: base64(certificate),
      [`${name}-key`]: base64(key),
    });
    Object.assign(names, { [`${name}-pem`]: escaped(certificate), [`${name}-pem-key`]: escaped(key) });
    for (const [suffix, text] of Object.entries({ crt: certificate, key }))
      writeFileSync(join(directory, `${name}.${suffix}`), text);
  }
  const fill = (text: string): string => text.replace(/\{([a-z-]+)\}/g, (whole, name: string) => names[name] ?? whole);
  return {
    directory,
    fill,
    write: (files) => {
      for (const [name, text] of Object.entries(files))
        writeFileSync(join(directory, name), fill(text), { mode: 0o700 });
    },
    take: () => {
      const seen = first ?? 'nothing';
      first = undefined;
      return seen;
    },
    tunnels: () => proxied.size,
    close: () => {
      for (const server of servers) server.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Inside of a JSON string. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

const base64 = (text: string): string => Buffer.from(text).toString('base64');

type Keys = Readonly<Record<string, { readonly certificate: string }>>;

function seenOf(
  server: Seen['server'],
  request: IncomingMessage,
  keys: Keys,
  proxy: Seen['proxy'],
  names: Readonly<Record<string, string>>,
): Seen {
  const socket = request.socket as TLSSocket;
  const peer = server === 'plain' ? undefined : socket.getPeerX509Certificate()?.toString();
  const impersonate = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => name.startsWith('impersonate-')),
  ) as Record<string, string>;
  const { authorization = '' } = request.headers;
  const [, info] = /^Bearer info:(.*)$/.exec(authorization) ?? [];
  const seen = {
    server,
    path: request.url?.replace(/\/apis?\/.*$/, ''),
    authorization: info === undefined ? authorization : '',
    impersonate: Object.keys(impersonate).length === 0 ? undefined : impersonate,
    serverName: socket.servername || undefined,
    certificate: Object.keys(keys).find((name) => keys[name]?.certificate === peer),
    proxy,
    execInfo: info === undefined ? undefined : JSON.parse(unfill(Buffer.from(info, 'base64').toString(), names)),
  };
  return Object.fromEntries(
    Object.entries(seen).filter(([, value]) => value !== undefined && value !== ''),
  ) as unknown as Seen;
}

const unfill = (text: string, names: Readonly<Record<string, string>>): string =>
  Object.entries(names).reduce(
    (all, [name, value]) => all.replaceAll(value, `{${name.replace(/-cert$/, '-ca')}}`),
    text,
  );

function connectProxy(proxied: Map<number, 'connect' | 'socks'>): Server {
  const server = http.createServer((_, response) => response.writeHead(400).end());
  server.on('connect', (request, socket: Socket) => {
    const [host = '', port] = (request.url ?? '').split(':');
    const up = net.connect(Number(port), host, () => {
      proxied.set(up.localPort ?? 0, 'connect');
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      connect(socket, up);
    });
    up.on('error', () => socket.destroy());
  });
  return server;
}

/** RFC 1928, without authentication, CONNECT alone. */
function socksProxy(proxied: Map<number, 'connect' | 'socks'>): Server {
  return net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(Buffer.of(5, 0));
      socket.once('data', (request: Buffer) => {
        const isName = request[3] === 3;
        const end = isName ? 5 + (request[4] ?? 0) : 8;
        const host = isName ? request.toString('latin1', 5, end) : request.subarray(4, 8).join('.');
        const up = net.connect(request.readUInt16BE(end), host, () => {
          proxied.set(up.localPort ?? 0, 'socks');
          socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
          connect(socket, up);
        });
        up.on('error', () => socket.destroy());
      });
    });
  });
}

function connect(a: Socket, b: Socket): void {
  a.pipe(b).pipe(a);
  a.on('error', () => b.destroy());
  b.on('error', () => a.destroy());
}
