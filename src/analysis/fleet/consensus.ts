// What most pods serve, and how far each other pod is from it.

import { compareText } from '#core/compare.ts';
import type { PodReport, PodStatus } from '#model/status.ts';

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
  return {
    routes: Math.max(
      lacking(consensus.contents, report.contents, 'route'),
      lacking(report.contents, consensus.contents, 'route'),
    ),
    certificates: Math.max(
      lacking(consensus.contents, report.contents, 'certificate'),
      lacking(report.contents, consensus.contents, 'certificate'),
    ),
  };
}

function lacking(of: Contents, inOther: Contents, kind: 'route' | 'certificate'): number {
  return [...of].filter(([key, is]) => is === kind && !inOther.has(key)).length;
}
