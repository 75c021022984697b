import { defineCheck } from '#analysis/check/check.ts';
import { perPods, who } from '#analysis/fleet/per-pods.ts';
import type { PodStatus } from '#model/status.ts';

const allowedMs = 60_000;

/** How far a date lies in the future, in ms: the clock that made it is ahead of this computer's. */
function aheadMs(
  { pod, report, sync }: PodStatus,
  now: Date,
): { readonly whose: string; readonly ms: number } | undefined {
  const sent = sync.state === 'connected' ? Object.values(sync.types).flatMap(({ sentAt }) => sentAt ?? []) : [];
  const dates = [
    { whose: "the node's clock", at: report?.lastUpdated },
    { whose: "istiod's clock", at: sent.sort().at(-1) },
    // Envoy cannot have run for longer than its pod is there.
    {
      whose: "the node's clock",
      at: report?.proxy.uptimeSeconds === undefined ? undefined : laterStart(pod.startedAt, report.proxy.uptimeSeconds),
    },
  ];
  const late = dates.flatMap(({ whose, at }) =>
    at === undefined ? [] : [{ whose, ms: Date.parse(at) - now.getTime() }],
  );
  return late.filter(({ ms }) => ms > allowedMs).sort((a, b) => b.ms - a.ms)[0];
}

const laterStart = (startedAt: string | undefined, uptimeSeconds: number): string | undefined =>
  startedAt === undefined ? undefined : new Date(Date.parse(startedAt) + uptimeSeconds * 1000).toISOString();

export default defineCheck({
  id: 'KII015',
  section: 'istiod',
  severity: 'warning',
  name: 'clock-skew',
  title: 'no clock is more than a minute ahead of this one',
  reason:
    'Clocks that differ make certificates invalid early or late, tokens refused, and the order of log lines wrong.',
  remedy:
    'Compare `date -u` here and on the node: the one that differs from a time server is wrong. Clocks that are behind cannot be seen from here.',
  needs: ['statuses'],
  find: ({ statuses, now }) =>
    perPods(
      statuses.flatMap((status) => {
        const ahead = aheadMs(status, now);
        return ahead
          ? [
              [
                `${ahead.whose} is ${Math.floor(ahead.ms / 60_000)} min ahead of this computer's`,
                status.pod.name,
              ] as const,
            ]
          : [];
      }),
      (text, names) => ({ text: `${text}, by what ${who(names, 'says', 'say')}`, pods: names, next: ['date -u'] }),
    ),
});
