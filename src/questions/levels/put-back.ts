// Puts log levels back as each pod had them. Uses its own Source, because the command's may already be aborted by
// Ctrl-C; each pod has a short deadline instead.

import type { LogLevel } from '#core/admin.ts';
import { pause } from '#core/concurrency.ts';
import { asToolError, ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import { step, stepText } from '#core/shell.ts';
import type { Source } from '#core/source.ts';
import { levelsBack } from '#envoy/log-level-requests.ts';
import type { PreviousLevels } from '#model/log-level.ts';
import { fetchLevels, setLevels } from './pod-levels.ts';

export interface PutBack {
  readonly of: PreviousLevels;
  /** `gone`: the pod is, and its levels with it. */
  readonly result: { readonly levels: readonly LogLevel[] } | 'gone' | ToolError;
}

export interface PutBackOptions {
  /** Opens a source that hears only this signal; `putBack` closes it. */
  open(signal: AbortSignal): Promise<Source>;
  /** Called after each round with the pods that are left; empty when all is done. */
  left(pods: readonly PreviousLevels[]): Promise<void>;
  readonly pausesMs?: readonly number[];
}

const podMs = 20_000;
/** The pauses before the rounds: a lost connection, or an API server that restarts, is tried again. */
const defaultPausesMs = [0, 1_000, 4_000];

/** Never rejects for what a pod or the API server did. Results in the order of `previous`. */
export async function putBack(
  previous: readonly PreviousLevels[],
  { open, left, pausesMs = defaultPausesMs }: PutBackOptions,
): Promise<readonly PutBack[]> {
  const unheard = new AbortController().signal;
  const done = new Map<PreviousLevels, PutBack['result']>();
  const waiting = (): PreviousLevels[] => previous.filter((of) => !done.has(of) || done.get(of) instanceof ToolError);
  for (const ms of pausesMs) {
    await pause(ms, unheard);
    for (const { of, result } of await oneRound(waiting(), () => open(unheard))) done.set(of, result);
    await left(waiting());
    if (waiting().length === 0) break;
  }
  return previous.map((of) => ({ of, result: done.get(of) as PutBack['result'] }));
}

async function oneRound(previous: readonly PreviousLevels[], open: () => Promise<Source>): Promise<readonly PutBack[]> {
  try {
    const source = await open();
    try {
      return await withSource(source, previous);
    } finally {
      await source.close();
    }
  } catch (thrown) {
    const error = asToolError(thrown, 'put log levels back');
    return previous.map((of) => ({ of, result: error }));
  }
}

async function withSource(source: Source, previous: readonly PreviousLevels[]): Promise<readonly PutBack[]> {
  const wanted = new Map(previous.map((of) => [`${of.namespace}/${of.pod}`, of]));
  const asked = source.everyPod(
    async (admin) => {
      const current = await fetchLevels(admin);
      const { levels, all } = wanted.get(`${admin.pod.namespace}/${admin.pod.name}`) as PreviousLevels;
      return setLevels(admin, current, levelsBack(current, levels, all));
    },
    (pod) => wanted.has(`${pod.namespace}/${pod.name}`),
    { withOthers: true, podTimeoutMs: podMs },
  );
  const outcomes = await asked.catch(ifNoGateway);
  const found = new Map(outcomes.map((outcome) => [`${outcome.pod.namespace}/${outcome.pod.name}`, outcome]));
  return Promise.all(
    previous.map(async (of): Promise<PutBack> => {
      const outcome = found.get(`${of.namespace}/${of.pod}`);
      if (outcome === undefined) return { of, result: await whyNotThere(source, of) };
      if (hasAnswered(outcome)) return { of, result: { levels: outcome.ok } };
      return { of, result: outcome.failed.code === 'not-found' ? 'gone' : outcome.failed };
    }),
  );
}

/** The gateway itself may be gone, and its pods with it. */
function ifNoGateway(error: unknown): readonly never[] {
  if (error instanceof ToolError && error.code === 'not-found') return [];
  throw error;
}

/** A pod that is not among the gateway's is gone, or is another gateway's. */
async function whyNotThere(source: Source, { namespace, pod }: PreviousLevels): Promise<PutBack['result']> {
  try {
    if ((await source.read('pods', namespace, pod)) === undefined) return 'gone';
  } catch (thrown) {
    return asToolError(thrown, `read pod ${namespace}/${pod}`);
  }
  return new ToolError(
    'not-found',
    `cannot put back the log levels of ${namespace}/${pod}: it is no pod of this gateway`,
    {
      hint: `name its gateway: ${stepText(step`kubectl istio-ingress log-level --restore -n ${namespace} -g pod/${pod}`)}`,
    },
  );
}
