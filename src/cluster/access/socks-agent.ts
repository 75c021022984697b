// An agent whose connections go through a SOCKS5 proxy (RFC 1928, RFC 1929), as client-go's do for proxy-url:
// socks5://HOST:PORT. The proxy looks up the server's name. CONNECT alone. Loaded only where there is such a proxy. Not
// a library: the kept one is 150 KB.

import { once } from 'node:events';
import type { ClientRequestArgs } from 'node:http';
import https from 'node:https';
import net, { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';

export class SocksAgent extends https.Agent {
  readonly #proxy: URL;
  readonly #server: URL;
  readonly #tls: tls.ConnectionOptions;

  constructor(proxy: URL, server: URL, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#server = server;
    this.#tls = options;
  }

  override createConnection(_: ClientRequestArgs, done: (error: Error | null, stream: Duplex) => void): undefined {
    this.#connect().then(
      (stream) => done(null, stream),
      (error: Error) => done(error, undefined as unknown as Duplex),
    );
  }

  async #connect(): Promise<Duplex> {
    const host = bare(this.#server.hostname);
    const socket = await connectThrough(this.#proxy, host, Number(this.#server.port || 443));
    // A server's name is never an address in TLS: RFC 6066 §3.
    return tls.connect({
      ...this.#tls,
      socket,
      host,
      servername: this.#tls.servername ?? (isIP(host) === 0 ? host : ''),
    });
  }
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

const version = 5;
const [noAuthentication, password] = [0, 2];

async function connectThrough(proxy: URL, host: string, port: number): Promise<Socket> {
  const socket = net.connect(Number(proxy.port || 1080), bare(proxy.hostname));
  const failed = (why: string): ToolError =>
    new ToolError('unreachable', `cannot reach ${host}:${port} through the proxy ${proxy.host}: ${why}`);
  socket.setTimeout(limits.connectMs, () =>
    socket.destroy(failed(`it did not answer within ${limits.connectMs / 1000} s`)),
  );
  try {
    await once(socket, 'connect');
    await introduce(socket, proxy, failed);
    socket.write(Buffer.concat([Buffer.of(version, 1, 0), addressOf(host), Buffer.of(port >> 8, port & 0xff)]));
    const [, reply = 0, , kind = 0] = await read(socket, 4, failed);
    if (reply !== 0) throw failed(replies[reply] ?? `it answers ${reply}`);
    // Where the proxy has bound its own end: of no use here.
    const size = kind === 1 ? 4 : kind === 4 ? 16 : ((await read(socket, 1, failed))[0] ?? 0);
    await read(socket, size + 2, failed);
    socket.setTimeout(0);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error instanceof ToolError ? error : failed((error as Error).message);
  }
}

type Failed = (why: string) => ToolError;

async function introduce(socket: Socket, proxy: URL, failed: Failed): Promise<void> {
  const [user, secret] = [proxy.username, proxy.password].map((text) => Buffer.from(decodeURIComponent(text))) as [
    Buffer,
    Buffer,
  ];
  const offered = user.length > 0 ? [noAuthentication, password] : [noAuthentication];
  socket.write(Buffer.of(version, offered.length, ...offered));
  const [spoken, method] = await read(socket, 2, failed);
  if (spoken !== version) throw failed('it does not speak SOCKS5');
  if (method === noAuthentication) return;
  if (method !== password || user.length === 0)
    throw failed('it wants to know who asks: socks5://USER:PASSWORD@HOST:PORT');
  socket.write(Buffer.concat([Buffer.of(1, user.length), user, Buffer.of(secret.length), secret]));
  const [, outcome] = await read(socket, 2, failed);
  if (outcome !== 0) throw failed('it does not accept the user and password');
}

function addressOf(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.of(1, ...host.split('.').map(Number));
  if (isIP(host) === 6) return Buffer.concat([Buffer.of(4), ipv6(host)]);
  const name = Buffer.from(host);
  return Buffer.concat([Buffer.of(3, name.length), name]);
}

/** A URL's IPv6 address has no IPv4 at its end. */
function ipv6(host: string): Buffer {
  const [head = [], tail = []] = host.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail].map((group) =>
    Number.parseInt(group, 16),
  );
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

async function read(socket: Socket, bytes: number, failed: Failed): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read(bytes) as Buffer | null;
    if (chunk?.length === bytes) return chunk;
    if (socket.readableEnded || socket.destroyed || chunk !== null)
      throw socket.errored ?? failed('it closed the connection');
    await Promise.race([once(socket, 'readable'), once(socket, 'close')]);
  }
}

/** RFC 1928 §6. */
const replies: Readonly<Record<number, string>> = {
  1: 'it has failed',
  2: 'its rules do not allow it',
  3: 'the network cannot be reached',
  4: 'the host cannot be reached',
  5: 'nothing listens there',
  6: 'it took too long',
  7: 'it does not connect for others',
  8: 'it does not know such addresses',
};
