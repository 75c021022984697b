// What would happen to one request after the change, beside what happens now.

import { explain } from '#analysis/request/explain.ts';
import type { TypedRequest } from '#analysis/request/request.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import type { Endpoint } from '#model/cluster.ts';
import type { Entry, Explanation } from '#model/explanation.ts';
import type { Gathered, SharedConfiguration } from '#model/gathered.ts';
import type { RequestChange } from '#model/preview.ts';
import { askOneOfEach } from '#questions/one-of-each.ts';
import { fetchEndpoints } from '#questions/pod-configuration.ts';

export interface PreviewedRequest extends TypedRequest {
  /** As it was typed. */
  readonly url: string;
}

interface Entered extends Gathered {
  /** By the port of the request. */
  readonly entry: Entry;
}

/** Pods on which the same happens stand together, whatever else they serve. */
export async function explainBoth(
  source: Source,
  { url, request }: PreviewedRequest,
  { before, after }: { readonly before: Entered; readonly after: Entered },
): Promise<RequestChange[]> {
  const groups = before.configurations.map(({ pods }) => pods);
  const outcomes = await askOneOfEach(source, groups, fetchEndpoints);
  const explained = before.configurations.flatMap((now, index) => {
    const [outcome, later] = [outcomes[index], after.configurations[index]];
    if (!later || !now.large || !outcome || !hasAnswered(outcome)) return [];
    const explainOn = (one: SharedConfiguration, { entry }: Entered): Explanation =>
      explain(configurationOf(one, outcome.ok, before), request, entry);
    const both = { before: explainOn(now, before), after: explainOn(later, after) };
    return [{ type: 'request' as const, url, ...both, pods: now.pods }];
  });
  const contentOf = ({ pods: _, ...content }: RequestChange): string => JSON.stringify(content);
  return [...Map.groupBy(explained, contentOf).values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, pods: [...first.pods, ...others.flatMap(({ pods }) => pods)] }] : [],
  );
}

function configurationOf(
  { routes, secrets, large, pods }: SharedConfiguration,
  endpoints: readonly Endpoint[],
  { pods: asked }: Gathered,
): Parameters<typeof explain>[0] {
  const states = 'known' in asked ? asked.known : [];
  const own = states.filter(hasAnswered).find(({ pod }) => pods.includes(pod.name));
  return {
    envoyVersion: own?.ok.report.proxy.envoyVersion ?? '',
    podIp: own?.pod.ip,
    listeners: large?.listeners ?? [],
    routeConfigurations: routes,
    clusters: large?.clusters ?? [],
    endpoints,
    secrets,
  };
}
