// One Envoy, drawn from a seed, and requests sent to it: what it was configured with, what came back, and what it wrote
// down. Nothing of the tool is known here.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../truth/cluster.ts';
import { type Logged, readAccessLog } from '../access-log.ts';
import { send } from '../client.ts';
import type { Certificate, Seen } from '../exchange.ts';
import { randomOf } from '../random.ts';
import { bootstrapOf, type OwnBackends, type Ports } from './bootstrap.ts';
import { freePorts, type RunningEnvoy, runEnvoy } from './envoy.ts';
import { sendHttp3 } from './http3.ts';
import { type OwnRequest, ownRequest } from './requests.ts';

export interface Setting {
  /** An empty folder for Envoy's files. */
  readonly folder: string;
  readonly version: string;
  readonly backends: OwnBackends;
  readonly certificate: Certificate;
}

/** What the admin port answers. */
export interface Dumps {
  readonly config: unknown;
  readonly clusters: unknown;
  readonly server: unknown;
}

export interface Played {
  readonly dumps: Dumps;
  readonly requests: readonly OwnRequest[];
  readonly truths: readonly { readonly seen: Seen; readonly logged: Logged | undefined }[];
}

export async function play(seed: number, count: number, setting: Setting): Promise<Played> {
  const { folder, version, backends, certificate } = setting;
  mkdirSync(folder);
  const [admin = 0, plain = 0, tls = 0] = await freePorts(3);
  const ports: Ports = { admin, plain, tls };
  const log = join(folder, 'access.log');
  const bootstrap = bootstrapOf(randomOf(seed), ports, backends, certificate, log);
  const envoy = await runEnvoy(version, folder, bootstrap, admin);
  try {
    const random = randomOf(seed + 0x10000);
    const requests = Array.from({ length: count }, () => ownRequest(random, ports));
    const dumps = await dumpsOf(envoy);
    const seen = await sendAll(seed, requests, setting);
    const lines = await logOf(log, seed, requests, seen);
    return {
      dumps,
      requests,
      truths: seen.map((one, index) => ({ seen: one, logged: lines.get(userAgentOf(seed, index)) })),
    };
  } finally {
    await envoy.stop();
  }
}

const dumpsOf = async (envoy: RunningEnvoy): Promise<Dumps> => ({
  config: await envoy.admin('config_dump'),
  clusters: await envoy.admin('clusters?format=json'),
  server: await envoy.admin('server_info'),
});

const userAgentOf = (seed: number, index: number): string => `kii-${seed}-${index}`;

async function sendAll(
  seed: number,
  requests: readonly OwnRequest[],
  { certificate, folder }: Setting,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  const all = requests.map((request, index) => ({ ...request, index, userAgent: userAgentOf(seed, index) }));
  const overQuic = all.filter(({ protocol }) => protocol === 'h3');
  const waiting = all.filter(({ protocol }) => protocol !== 'h3');
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      seen[next.index] = await send(next.address, next, next.userAgent, certificate);
  };
  const [came] = await Promise.all([sendHttp3(overQuic, certificate, folder), ...Array.from({ length: 8 }, work)]);
  for (const [at, { index }] of overQuic.entries()) seen[index] = came[at] as Seen;
  return seen;
}

/**
 * A request has a line when Envoy has answered it; bytes that it passes on have none, and what it cannot read (400) has
 * no User-Agent.
 */
async function logOf(
  path: string,
  seed: number,
  requests: readonly OwnRequest[],
  seen: readonly Seen[],
): Promise<ReadonlyMap<string, Logged>> {
  const wanted = seen.flatMap(({ code }, index) =>
    code === undefined || code === 400 || requests[index]?.sni === 'pass.test' ? [] : [userAgentOf(seed, index)],
  );
  let lines: ReadonlyMap<string, Logged> = new Map();
  await until('the access log has every request', () => {
    lines = readAccessLog(readFileSync(path, 'utf8'));
    return wanted.every((userAgent) => lines.has(userAgent));
  });
  return lines;
}
