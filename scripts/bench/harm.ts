// What a command costs those who use the gateway meanwhile: the admin port's /ready, requests through the gateway, and
// an update that istiod sends; to be held against what one whole dump does to them.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from './measure.ts';

/** Milliseconds. */
export interface Harm {
  /** The slowest answer of each kind in a round: the median over all rounds. */
  readonly ready: number;
  readonly request: number;
  /** From a change of a VirtualService to the first answer by it: the median over all rounds. */
  readonly update: number;
}

interface Sample {
  readonly what: 'ready' | 'request' | 'redirect';
  readonly ms: number;
  readonly location?: string;
  /** Of this process' clock. */
  readonly seen: number;
}

export interface Surroundings {
  /** Network namespace of the gateway. */
  readonly network: string;
  readonly env: NodeJS.ProcessEnv;
  readonly rounds: number;
}

const host = 'svc1.discovery.wmnet';
const virtualService = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'bench', namespace: 'svc1' },
};

/** Runs `words` once a round, and changes a route at the same moment; the probe watches until a moment after both. */
export async function measureHarm({ network, env, rounds }: Surroundings, words: readonly string[]): Promise<Harm> {
  const samples: Sample[] = [];
  const probe = startProbe(network, samples);
  const all: Harm[] = [];
  try {
    await pause(1_000);
    for (let round = 0; round < rounds; round++)
      all.push(await measureRound(samples, env, words, `round${round}-${words.length}.example`));
  } finally {
    probe.stdin?.end();
    execFileSync('kubectl', ['-n', 'svc1', 'delete', 'virtualservice', 'bench', '--ignore-not-found'], {
      env,
      stdio: 'ignore',
    });
  }
  const median = (key: keyof Harm): number =>
    quantile(
      all.map((one) => one[key]),
      0.5,
    );
  return { ready: median('ready'), request: median('request'), update: median('update') };
}

async function measureRound(
  samples: Sample[],
  env: NodeJS.ProcessEnv,
  words: readonly string[],
  target: string,
): Promise<Harm> {
  samples.length = 0;
  const spec = {
    hosts: [host],
    gateways: ['svc1/svc1-main'],
    http: [{ match: [{ uri: { exact: '/bench' } }], redirect: { authority: target } }],
  };
  const change = spawn('kubectl', ['apply', '-f', '-'], { env, stdio: ['pipe', 'ignore', 'inherit'] });
  change.stdin.end(JSON.stringify({ ...virtualService, spec }));
  const command = spawn(words[0] as string, words.slice(1), { env, stdio: 'ignore' });
  const began = performance.now();
  await Promise.all([ended(change), ended(command)]);
  const updated = (): Sample | undefined => samples.find(({ location }) => location?.includes(target));
  for (let waited = 0; waited < 30_000 && !updated(); waited += 50) await pause(50);
  await pause(500);
  const slowest = (what: Sample['what']): number =>
    Math.max(...samples.filter((sample) => sample.what === what).map(({ ms }) => ms));
  return {
    ready: slowest('ready'),
    request: slowest('request'),
    update: (updated()?.seen ?? Number.POSITIVE_INFINITY) - began,
  };
}

function startProbe(network: string, samples: Sample[]): ChildProcess {
  const script = new URL('./probe.ts', import.meta.url).pathname;
  const probe = spawn('ip', ['netns', 'exec', network, process.execPath, script, host], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  createInterface({ input: probe.stdout }).on('line', (line) =>
    samples.push({ ...(JSON.parse(line) as Omit<Sample, 'seen'>), seen: performance.now() }),
  );
  return probe;
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));
