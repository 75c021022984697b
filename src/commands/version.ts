// `version`: this tool, every istiod, every proxy; equal versions on one line.

import { answer, defineCommand } from '#command/command.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import type { ComponentVersion } from '#model/version.ts';
import { versionView } from '#render/views/version.ts';
import { fetchVersion } from '#source/istiod-answers.ts';

export default defineCommand({
  name: 'version',
  group: 'tool',
  summary: 'Versions of this tool, of every istiod and of every proxy',
  examples: [
    { args: 'version', describe: 'everything' },
    { args: 'version --client', describe: 'this tool only, without a cluster' },
  ],
  flags: { client: { type: 'boolean', describe: 'only the version of this tool; reads no cluster' } },
  run: async (context, flags) => {
    if (flags.client) return { text: context.version };
    const source = await context.source();
    const [gateway, pods, istiods] = await Promise.all([
      source.gateway(),
      source.everyPod(async (admin) => readServerInfo(await fetchJson(admin, { path: 'server_info' }))),
      source.everyIstiod(fetchVersion),
    ]);
    return answer({
      view: versionView,
      gateway,
      pods,
      items: [
        { component: 'client', version: context.version, envoyVersion: undefined, pods: [] },
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
    });
  },
});

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
