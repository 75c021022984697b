import { defineCheck } from '#analysis/check/check.ts';
import { who } from '#analysis/fleet/per-pods.ts';
import { step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII010',
  section: 'istiod',
  severity: 'error',
  name: 'not-connected',
  title: 'every pod is connected to istiod',
  reason: 'It goes on serving what it last got: changes, new certificates and new endpoints do not reach it.',
  remedy:
    'Look for a network policy, a full node or an expired token: the log of the proxy says why it cannot connect.',
  avoid: 'Do not restart the pod before it can reach istiod: a fresh pod has no configuration at all.',
  needs: ['statuses', 'gateway'],
  find: ({ statuses, gateway: { namespace } }) => {
    const names = statuses
      .filter(({ sync, report }) => sync.state === 'not-connected' && report)
      .map(({ pod }) => pod.name);
    if (names.length === 0) return [];
    const next = [step`kubectl -n ${namespace} logs ${names[0] ?? ''} --all-containers --tail 50`];
    return [{ text: `${who(names, 'is', 'are')} connected to no istiod`, pods: names, next }];
  },
});
