// What most pods serve, and how far each other pod is from it.

import { compareText } from '#core/compare.ts';
import {
  type ComparedThing,
  comparedAlways,
  comparedInFull,
  countOf,
  type PodReport,
  type PodStatus,
} from '#model/status.ts';

type Contents = PodReport['contents'];

/** The report whose fingerprint most pods share; of two as frequent, the one with the newest update. */
export function consensusOf(reports: readonly PodReport[]): PodReport | undefined {
  const groups = Map.groupBy(reports, (report) => report.fingerprint);
  const ranked = [...groups.values()].sort((a, b) => b.length - a.length || compareText(newest(b), newest(a)));
  return ranked[0]?.[0];
}

const newest = (group: readonly PodReport[]): string =>
  group
    .map((report) => report.lastUpdated ?? '')
    .sort()
    .at(-1) ?? '';

/** Undefined where both serve the same. A changed element counts once, not as one lacking and one extra. */
export function differenceFrom(
  consensus: PodReport | undefined,
  report: PodReport | undefined,
): PodStatus['difference'] {
  if (!consensus || !report || consensus.fingerprint === report.fingerprint) return undefined;
  const differing = (kind: ComparedThing): number =>
    Math.max(lacking(consensus.contents, report.contents, kind), lacking(report.contents, consensus.contents, kind));
  const others = comparedInFull
    .slice(comparedAlways.length)
    .map((thing) => [countOf(thing), differing(thing)] as const);
  return {
    routes: differing('route'),
    certificates: differing('certificate'),
    ...Object.fromEntries(others.filter(([, count]) => count > 0)),
  };
}

function lacking(of: Contents, inOther: Contents, kind: ComparedThing): number {
  return [...of].filter(([key, is]) => is === kind && !inOther.has(key)).length;
}
