// A handshake for each host of which there are doubts that it is served what Envoy holds: one at a time on each pod.

import {
  describeHandshakes,
  type Handshakes,
  type HostRow,
  mostHosts,
  mostPods,
  type PlannedHandshake,
  placeKey,
  planHandshakes,
  withServed,
} from '#analysis/certificates/doubtful-hosts.ts';
import { mapBounded } from '#core/concurrency.ts';
import type { Pod } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import type { Source } from '#core/source.ts';
import type { Served } from '#model/host-certificate.ts';
import { tryHandshakes } from './pod-certificates.ts';

export interface DoubtfulHandshakes {
  /** With what the handshakes got, or why there was none. */
  readonly rows: readonly HostRow[];
  /** For stderr. */
  readonly notes: readonly string[];
  readonly made: readonly PlannedHandshake[];
}

export async function tryDoubtful(
  source: Source,
  rows: readonly HostRow[],
  isAllowed: boolean,
): Promise<DoubtfulHandshakes> {
  const planned = planHandshakes(rows);
  if (planned.length === 0) return { rows, notes: [], made: [] };
  if (!isAllowed) return { rows: withServed(rows, new Map(), '--no-handshake'), notes: [], made: [] };
  if (source.server === undefined)
    return { rows: withServed(rows, new Map(), 'a directory has no pods to try it with'), notes: [], made: [] };
  const handshakes = await makeHandshakes(source, planned);
  const note = describeHandshakes(planned);
  return {
    rows: withServed(
      rows,
      handshakes,
      `a handshake is made for ${mostHosts} hosts on ${mostPods} pods at most, within ${limits.doubtfulMs / 1000} s`,
    ),
    notes: note === undefined ? [] : [note],
    made: planned,
  };
}

async function makeHandshakes(source: Source, planned: readonly PlannedHandshake[]): Promise<Handshakes> {
  const { pods } = await source.gateway();
  const wanted = pods.filter(({ name }) => planned.some((one) => one.pods.includes(name)));
  const outcomes = await mapBounded(
    wanted,
    mostPods,
    async (pod) => [pod.name, await tryOn(source, pod, planned)] as const,
  );
  return new Map(outcomes);
}

/** A host from which nothing comes costs seconds: what is not reached in time is not judged. */
async function tryOn(source: Source, pod: Pod, planned: readonly PlannedHandshake[]): Promise<Map<string, Served>> {
  const end = performance.now() + limits.doubtfulMs;
  const received = new Map<string, Served>();
  for (const place of planned.filter(({ pods }) => pods.includes(pod.name))) {
    if (performance.now() > end) break;
    const served = (await tryHandshakes(source, pod, [place])).get(place);
    if (served) received.set(placeKey(place), served);
  }
  return received;
}
