// One ready pod of the gateway, and another one when that is gone.

import type { AdminRequest } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import { type Gateway, hasAnswered, type Pod } from '#core/fleet.ts';
import { failureOf } from '#core/known.ts';
import type { Source } from '#core/source.ts';

export interface PodTarget {
  /** Throws ToolError `not-ready` where there is no pod to take. */
  pod(): Promise<Pod>;
  /** Tries `use` with the pod and, where that fails because the pod is gone, once more with another. */
  with<T>(use: (pod: Pod, source: Source) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface PodTargetOptions {
  /** A source that finds the gateway anew. */
  open(): Promise<Source>;
  /** Called when another pod takes the place of the one before. */
  moved(from: Pod, to: Pod): void;
}

/** The failure is the pod's own: another pod may answer. */
const isAway = ({ code }: ToolError): boolean => ['not-found', 'not-ready', 'unreachable'].includes(code);

interface Chosen {
  readonly source: Source;
  readonly pod: Pod;
}

export function podTarget({ open, moved }: PodTargetOptions): PodTarget {
  let chosen: Promise<Chosen> | undefined;
  let last: Chosen | undefined;
  const choose = async (avoided: Pod | undefined): Promise<Chosen> => {
    const before = last;
    const source = await open();
    try {
      const pod = bestPod(await source.gateway(), before?.pod, avoided);
      if (before && pod.name !== before.pod.name) moved(before.pod, pod);
      last = { source, pod };
    } catch (error) {
      await source.close();
      throw error;
    }
    await before?.source.close();
    return last;
  };
  const current = (): Promise<Chosen> => (chosen ??= begin(undefined));
  const begin = (avoided: Pod | undefined): Promise<Chosen> => {
    const choice = choose(avoided);
    // The next caller repeats a choice that failed.
    choice.catch(() => {
      if (chosen === choice) chosen = undefined;
    });
    return choice;
  };
  const chosenAfter = (choice: Promise<Chosen>, pod: Pod, error: unknown): Promise<Chosen> => {
    const failure = failureOf(error);
    // The first of several failing connections chooses for all.
    if (chosen === choice) chosen = begin(isAway(failure) ? pod : undefined);
    return current();
  };
  return {
    pod: async () => (await current()).pod,
    with: async (use) => {
      const choice = current();
      const first = await choice;
      try {
        return await use(first.pod, first.source);
      } catch (error) {
        const second = await chosenAfter(choice, first.pod, error);
        if (second.pod.name === first.pod.name) throw error;
        return use(second.pod, second.source);
      }
    },
    close: async () => {
      await last?.source.close();
    },
  };
}

/** The pod of before where it is still ready, else the first ready pod, else one that runs. */
function bestPod({ pods, namespace, name }: Gateway, before: Pod | undefined, avoided: Pod | undefined): Pod {
  const here = pods.filter(({ phase, deletedAt }) => phase === 'Running' && deletedAt === undefined);
  const ready = here.filter(({ isReady }) => isReady);
  const fresh = ready.filter((pod) => pod.name !== avoided?.name);
  const best = fresh.find((pod) => pod.name === before?.name) ?? fresh[0] ?? ready[0] ?? here[0];
  if (best) return best;
  throw new ToolError('not-ready', `cannot reach a pod of ${namespace}/${name}: none of ${pods.length} runs`, {
    hint: 'see: kubectl istio-ingress status',
  });
}

/** The body of the admin port's answer. */
export async function fetchBody(source: Source, pod: Pod, request: AdminRequest): Promise<Buffer> {
  const outcome = await source.onePod(pod, (admin) => admin.get(request));
  if (hasAnswered(outcome)) return outcome.ok;
  throw outcome.failed;
}
