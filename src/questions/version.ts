// Which versions do every istiod and every proxy run?

import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import type { ComponentVersion } from '#model/version.ts';
import { fetchVersion } from './istiod-answers.ts';

/** Equal versions once, with their pods. */
export async function askVersions(source: Source): Promise<QuestionAnswer<ComponentVersion>> {
  const [gateway, pods, istiods] = await Promise.all([
    source.gateway(),
    source.everyPod(async (admin) => readServerInfo(await fetchJson(admin, { path: 'server_info' }))),
    source.everyIstiod(fetchVersion),
  ]);
  return {
    gateway,
    pods,
    items: [
      ...grouped('istiod', istiods, (version) => ({ version, envoyVersion: undefined })),
      ...grouped('proxy', pods, (info) => ({
        version: info.istioVersion ?? 'unknown',
        envoyVersion: info.envoyVersion,
      })),
    ],
    incomplete: istiods.some((outcome) => !hasAnswered(outcome)),
    notes: istiods.flatMap((outcome) =>
      'failed' in outcome ? [`istiod ${outcome.pod.name}: ${outcome.failed.message}`] : [],
    ),
  };
}

type Version = Pick<ComponentVersion, 'version' | 'envoyVersion'>;

function grouped<T>(
  component: ComponentVersion['component'],
  outcomes: readonly PodOutcome<T>[],
  read: (ok: T) => Version,
): ComponentVersion[] {
  const groups = Map.groupBy(outcomes.filter(hasAnswered), ({ ok }) => JSON.stringify(read(ok)));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ component, ...read(first.ok), pods: group.map(({ pod }) => pod.name) }] : [];
  });
}
