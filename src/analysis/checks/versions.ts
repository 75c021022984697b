import { defineCheck } from '#analysis/check/check.ts';
import { who } from '#analysis/fleet/per-pods.ts';
import { step } from '#core/shell.ts';
import { minorOf } from '#core/version.ts';

export default defineCheck({
  id: 'KII014',
  section: 'istiod',
  severity: 'warning',
  name: 'versions',
  title: 'proxies are at most one minor version behind istiod, and none is ahead',
  reason:
    'Istio is tested with proxies that are as new as istiod or one minor version older; others may refuse what istiod sends.',
  remedy: 'Upgrade istiod before the gateways, and the gateways soon after.',
  needs: ['statuses', 'istiods'],
  find: ({ statuses, istiods }) => {
    const known = istiods.flatMap(({ version }) => minorOf(version) ?? []);
    if (known.length === 0) return [];
    const [oldest, newest] = [Math.min(...known), Math.max(...known)];
    const versions = [...new Set(istiods.flatMap(({ version }) => version ?? []))].join(', ');
    const byVersion = Map.groupBy(statuses, ({ report }) => report?.proxy.istioVersion);
    return [...byVersion].flatMap(([version, group]) => {
      const minor = minorOf(version);
      if (minor === undefined || (minor <= oldest && newest - minor <= 1)) return [];
      const pods = group.map(({ pod }) => pod.name);
      return [
        {
          text: `${who(pods, 'runs', 'run')} Istio ${version}, istiod ${versions}`,
          pods,
          next: [step`kubectl istio-ingress version`],
        },
      ];
    });
  },
});
