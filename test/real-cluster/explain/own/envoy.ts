// Runs the harness's Envoy by itself, with a bootstrap and no istiod.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { envoyProgram, until } from '../../truth/cluster.ts';

export interface RunningEnvoy {
  /** What its admin port answers. */
  admin(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** Ports of this machine that nothing uses now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, '0.0.0.0', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Fails with what Envoy says where it does not start. */
export async function runEnvoy(
  version: string,
  folder: string,
  bootstrap: object,
  adminPort: number,
): Promise<RunningEnvoy> {
  const [config, said] = [join(folder, 'envoy.json'), join(folder, 'envoy.log')];
  writeFileSync(config, JSON.stringify(bootstrap));
  const child = spawn(
    envoyProgram(version),
    [
      '-c',
      config,
      '--concurrency',
      '1',
      '--disable-hot-restart',
      '--file-flush-interval-msec',
      '200',
      '--log-level',
      'warning',
      '--log-path',
      said,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const admin = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${adminPort}/${path}`);
    const text = await response.text();
    return path === 'ready' ? text : JSON.parse(text);
  };
  await until('Envoy is ready', () => isReady(child, admin, said), 30_000);
  return {
    admin,
    stop: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

async function isReady(child: ChildProcess, admin: (path: string) => Promise<unknown>, said: string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`Envoy ended: ${readFileSync(said, 'utf8').slice(-4_000)}`);
  return admin('ready').then(
    (text) => String(text).startsWith('LIVE'),
    () => false,
  );
}
