// In which formats the gateway writes its access log, as one of its pods has it.

import { hasAnswered } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { readAccessLogFormats } from '#dump/access-log-format.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import type { AccessLogFormat } from '#model/access-log.ts';

/** So many pods are asked, one after the other, until one answers. */
const mostPods = 3;

/** Empty where nothing is logged; undefined where no pod answered. The listeners are large: one pod is enough. */
export async function liveAccessLogFormats(source: Source): Promise<readonly AccessLogFormat[] | undefined> {
  const { pods } = await source.gateway();
  const candidates = pods.toSorted((a, b) => Number(b.isReady) - Number(a.isReady)).slice(0, mostPods);
  for (const candidate of candidates) {
    const outcome = await source.onePod(candidate, async (admin) =>
      readAccessLogFormats(await fetchConfigDump(admin, { resource: 'dynamic_listeners' })),
    );
    if (hasAnswered(outcome)) return outcome.ok;
  }
  return undefined;
}
