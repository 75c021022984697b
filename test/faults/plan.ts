// What one run of the campaign does: a command line, and one to three things that go wrong meanwhile. All of it follows
// from the seed.

import type { Fault } from '#apiserver/fault.ts';
import type { Command } from '#command/command.ts';
import { commands } from '#commands/all.gen.ts';
import { type Random, randomOf } from './random.ts';

export interface Plan {
  readonly seed: number;
  readonly words: string;
  readonly faults: readonly Fault[];
}

/** The gateway's pods in the demo; one of them is stale. */
export const pods = ['istio-ingressgateway-66qlf', 'istio-ingressgateway-gfn8x', 'istio-ingressgateway-l9b5b'] as const;

const readsPods = ({ usesCluster, needsLive, outputs }: Command): boolean =>
  usesCluster !== false && !needsLive && (outputs === undefined || outputs.includes('json'));

/**
 * `explain` takes a URL or a flag, `preview` files or a flag; `top` goes on until Ctrl-C; what `doctor` answers is that
 * something is wrong.
 */
const needsWords = ({ name, arguments: all = [] }: Command): boolean =>
  ['doctor', 'explain', 'preview', 'top'].includes(name) || all.some(({ optional }) => !optional);

/** Every command that reads pods and prints JSON, and some of them with words of their own. */
export const commandLines: readonly string[] = [
  ...commands.filter((command) => readsPods(command) && !needsWords(command)).map(({ name }) => name),
  'routes --host svc1.discovery.wmnet',
  'explain https://svc1.discovery.wmnet/two',
  'admin server_info',
  'preview --delete virtualservice/svc1/two',
];

export function planOf(seed: number): Plan {
  const random = randomOf(seed);
  const words = random.pick(commandLines);
  return { seed, words, faults: Array.from({ length: 1 + random.number(3) }, () => faultOf(random)) };
}

function faultOf(random: Random): Fault {
  const where = { ...(random.number(5) === 0 ? {} : { pod: random.pick(pods) }), ...timesOf(random) };
  const make = random.pick([
    requestFault,
    requestFault,
    connectionFault,
    connectionFault,
    cutAnswer,
    cutAnswer,
    otherAnswer,
  ]);
  return { ...where, ...make(random) };
}

/** Once, twice, or always. */
const timesOf = (random: Random): { readonly times?: number } => random.pick([{ times: 1 }, { times: 2 }, {}]);

function requestFault(random: Random): Fault {
  const on = random.pick(['portforward', 'portforward', 'list', 'read'] as const);
  const does = random.number(4);
  if (does === 0) return { on, at: 'request', does: 'stall' };
  if (does === 1) return { on, at: 'request', does: 'reset' };
  return { on, at: 'request', does: 'status', ...random.pick(statuses) };
}

/** As API server, kubelet and proxies say them: research of a real node. */
const statuses = [
  { code: 401, reason: 'Unauthorized', message: 'Unauthorized' },
  { code: 403, reason: 'Forbidden', message: 'pods "x" is forbidden: ' },
  { code: 403, body: 'empty' },
  { code: 429, reason: 'TooManyRequests', message: 'too many requests', retryAfterSeconds: 1 },
  { code: 500, message: 'error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused' },
  { code: 500, body: 'text', message: 'pod not found ("app_ns")' },
  { code: 502, body: 'text', message: '<html>bad gateway</html>' },
  { code: 503, reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' },
] as const;

const connectionFault = (random: Random): Fault => ({
  at: 'connection',
  does: random.pick(['refuse', 'stall', 'reset', 'close', 'drop'] as const),
});

const cutAnswer = (random: Random): Fault => ({
  at: 'answer',
  does: random.pick(['stall', 'close', 'reset', 'drop'] as const),
  ...(random.number(4) === 0 ? {} : { afterBytes: random.number(random.pick([10, 1_000, 100_000])) }),
});

function otherAnswer(random: Random): Fault {
  return random.pick([
    () => ({ at: 'answer', does: 'junk' }) as const,
    () => ({ at: 'answer', does: 'wrong-length', by: random.pick([-10, -1, 1, 1_000]) }) as const,
    () => ({ at: 'answer', does: 'drip', bytes: 20_000, everyMs: 1 }) as const,
    () =>
      ({
        at: 'answer',
        does: 'answer',
        status: random.pick([200, 404, 500, 503]),
        body: random.pick(['', 'no', '{"configs":', '[]', '"x"']),
      }) as const,
  ])();
}
