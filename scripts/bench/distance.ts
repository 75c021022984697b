// An API server that is far away: a proxy on the loopback that hands on every byte late.

import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

export interface FarServer {
  readonly url: URL;
  close(): void;
}

/** `roundTripMs`: from here to there and back; a connection takes one before its first byte is on the way. */
export async function farAway(server: URL, roundTripMs: number): Promise<FarServer> {
  const open = new Set<Socket>();
  const proxy = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const begin = performance.now() + roundTripMs;
    const there = net.connect({ host: server.hostname, port: Number(server.port), allowHalfOpen: true, noDelay: true });
    for (const [from, to] of [
      [client, there],
      [there, client],
    ] as const) {
      open.add(from);
      handOn(from, to, () => Math.max(performance.now(), begin) + roundTripMs / 2);
    }
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(server);
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    url,
    close: () => {
      for (const socket of open) socket.destroy();
      proxy.close();
    },
  };
}

/** `arrival`: when what leaves now comes. */
function handOn(from: Socket, to: Socket, arrival: () => number): void {
  // Timers of different lengths may change places, and bytes may not.
  const onTheWay: (() => void)[] = [];
  const later = (act: () => void): void => {
    onTheWay.push(act);
    setTimeout(() => onTheWay.shift()?.(), arrival() - performance.now());
  };
  from.on('data', (bytes) => later(() => to.write(bytes)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
  from.on('close', () => later(() => to.destroy()));
}
