// What install files ask of the gateway, against what runs.

import { compareInstall, type InstallSpec, type Path } from '#analysis/chart/install-file.ts';
import { hasAnswered } from '#core/fleet.ts';
import { type Known, orWhyNot } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import type { Gathered } from '#model/gathered.ts';
import type { MeshSettings } from '#model/mesh-settings.ts';
import type { InstallSetting } from '#model/preview.ts';
import { liveAccessLogFormats } from '#questions/logs/access-log-formats.ts';

export interface GivenInstall {
  readonly spec: InstallSpec;
  /** `config.yaml:14`. */
  placeOf(path: Path): string;
}

export async function compareInstalls(
  source: Source,
  given: readonly GivenInstall[],
  { pods, mesh }: { readonly pods: Gathered['pods']; readonly mesh: Known<readonly MeshSettings[]> },
): Promise<InstallSetting[]> {
  if (given.length === 0) return [];
  const gateway = await source.gateway();
  const resource = gateway.kind === 'DaemonSet' ? 'daemonsets' : 'deployments';
  const found = async (of: 'services' | typeof resource): Promise<Known<KubeObject | undefined>> => {
    const all = await orWhyNot(source.list(of, { namespace: gateway.namespace }));
    return 'known' in all ? { known: all.known.find(({ metadata }) => metadata.name === gateway.name) } : all;
  };
  const running = {
    gateway,
    service: await found('services'),
    workload: await found(resource),
    versions: versionsOf(pods),
    formats: await liveAccessLogFormats(source),
    mesh,
  };
  return given.flatMap(({ spec, placeOf }) =>
    compareInstall(spec, running).map(({ path, ...one }) => ({ type: 'setting', ...one, place: placeOf(path) })),
  );
}

function versionsOf(pods: Gathered['pods']): string[] {
  const answered = 'known' in pods ? pods.known.filter(hasAnswered) : [];
  return [...new Set(answered.flatMap(({ ok }) => ok.report.proxy.istioVersion ?? []))].sort();
}
