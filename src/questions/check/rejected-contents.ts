// What Envoy has rejected, in full, and the objects that may have brought it: asked for only where something is rejected.

import type { FactName } from '#analysis/check/facts.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { readRejectedContents } from '#dump/listener-state.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { raw } from '#model/content.ts';
import type { Gathered, RejectedContent } from '#model/gathered.ts';
import { wholeError, type XdsType, xdsTypes } from '#model/sync.ts';
import { withObjects } from './gather.ts';

/** Kinds of which an object may bring what Envoy rejects. */
export const bringers = [
  'envoyfilters',
  'gateways',
  'virtualservices',
  'destinationrules',
] as const satisfies readonly FactName[];

/** The same, with what was rejected, and with the objects that were not listed yet. */
export async function withRejectedContents(source: Source, gathered: Gathered): Promise<Gathered> {
  const ofTypes = rejectedTypes(gathered);
  const pods = podsWithRejections(gathered);
  if (ofTypes.length === 0 && pods.length === 0) return gathered;
  const [ofListeners, listed] = await Promise.all([
    fetchListenerContents(source, pods),
    withObjects(source, gathered, bringers),
  ]);
  return { ...listed, rejectedContents: [...ofListeners, ...ofTypes] };
}

/** One pod of those that have rejected the same. */
function podsWithRejections({ pods }: Gathered): string[] {
  const answered = 'known' in pods ? pods.known.filter(hasAnswered) : [];
  const alike = Map.groupBy(answered, ({ ok }) =>
    JSON.stringify(ok.report.rejections.map(({ kind, name, details }) => [kind, name, details])),
  );
  return [...alike.values()].flatMap(([first]) =>
    first?.ok.report.rejections.some(({ kind }) => kind === 'listener') ? [first.pod.name] : [],
  );
}

async function fetchListenerContents(source: Source, pods: readonly string[]): Promise<RejectedContent[]> {
  if (pods.length === 0) return [];
  const outcomes = await source.everyPod(
    async (admin) => readRejectedContents(await fetchConfigDump(admin, { resource: 'dynamic_listeners' })),
    ({ name }) => pods.includes(name),
  );
  return outcomes.flatMap((outcome) => (hasAnswered(outcome) ? outcome.ok : []));
}

/** Of types that Envoy keeps no record of; that of the route configuration which istiod's text names is told apart. */
function rejectedTypes({ istiods, configurations }: Gathered): RejectedContent[] {
  const proxies = 'known' in istiods ? istiods.known.flatMap((one) => (hasAnswered(one) ? one.ok.proxies : [])) : [];
  const errors = new Map<string, XdsType>();
  for (const { types } of proxies)
    for (const type of xdsTypes) {
      const text = types[type]?.[wholeError];
      if (types[type]?.state === 'NACK' && text !== undefined) errors.set(text, type);
    }
  const routes = configurations.flatMap((one) => one.routes);
  return [...errors].map(([failed, kind]) => {
    const [, name = ''] = /\bname: "((?:[^"\\]|\\.)*)"/.exec(failed) ?? [];
    const active = kind === 'RDS' ? routes.find((one) => one.name === name) : undefined;
    return { kind, name: active?.name ?? '', failed, active: JSON.stringify(active?.[raw] ?? '') };
  });
}
