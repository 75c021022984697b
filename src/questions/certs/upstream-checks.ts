// Would the gateway take the certificates of the pods behind the services, by a handshake with each?

import { lacksSignatureUse, upstreamChecks } from '#analysis/certificates/upstream-checks.ts';
import { mapBounded } from '#core/concurrency.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
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
  // Loaded only here: few commands need it.
  const { tryService } = await import('./service-pods.ts');
  const bundles = bundlesOf(pods);
  const tried = await mapBounded(rows, servicesAtOnce, async ({ value, pods: having }) => {
    const authorities = bundles.get(having[0] ?? '')?.get(value.secret ?? '') ?? [];
    return { value, having, result: await tryService(source, value, authorities, now) };
  });
  const isAsked = tried.some(({ result }) =>
    result.tried.some(({ tls: one }) => one.outcome === 'certificate' && lacksSignatureUse(one)),
  );
  const versions = isAsked ? await envoyVersions(source) : new Map<string, string>();
  const items = tried.flatMap(({ value, having, result }) =>
    upstreamChecks(
      value,
      result,
      having.flatMap((pod) => versions.get(pod) ?? []),
    ).map((check) => ({ value: check, pods: having })),
  );
  return { gateway, pods, items, notes };
}

/** By the name of the pod; without those that do not answer. */
async function envoyVersions(source: Source): Promise<Map<string, string>> {
  const outcomes = await source.everyPod(async (admin) =>
    readServerInfo(await fetchJson(admin, { path: 'server_info' })),
  );
  return new Map(outcomes.filter(hasAnswered).map(({ pod, ok }) => [pod.name, ok.envoyVersion]));
}
