// Would the gateway take the certificates of the pods behind the services, by a handshake with each?

import { upstreamChecks } from '#analysis/certificates/upstream-checks.ts';
import { mapBounded } from '#core/concurrency.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { UpstreamCheck } from '#model/upstream-check.ts';
import { bundlesOf } from './rows.ts';
import { fetchFleetUpstreams } from './upstream-cas.ts';

const servicesAtOnce = 4;

/** `asked`: a host, patterns allowed; undefined: all. */
export async function askUpstreamChecks(
  source: Source,
  asked: string | undefined,
  { now }: Asking,
): Promise<QuestionAnswer<OnPods<UpstreamCheck>>> {
  const { gateway, pods, rows, notes } = await fetchFleetUpstreams(source, asked, true);
  // Loaded when it is asked for: few ask.
  const { tryService } = await import('./service-pods.ts');
  const bundles = bundlesOf(pods);
  const checks = await mapBounded(rows, servicesAtOnce, async ({ value, pods: having }) => {
    const authorities = bundles.get(having[0] ?? '')?.get(value.secret ?? '') ?? [];
    const tried = await tryService(source, value, authorities, now);
    return upstreamChecks(value, tried).map((check) => ({ value: check, pods: having }));
  });
  return { gateway, pods, items: checks.flat(), notes };
}
