import { defineCheck } from '#analysis/check/check.ts';
import { selects, specOf } from '#analysis/istio/gateway-merge.ts';
import { refOf } from '#analysis/istio/virtual-service-binding.ts';
import { step } from '#core/shell.ts';

/**
 * After a star for namespace and name, istiod has only one host left, and still writes to the place of a later one that
 * it has to shorten. Source: istio pilot/pkg/model/gateway.go sanitizeServerHostNamespace (1.31).
 */
function crashes(hosts: readonly string[]): boolean {
  const all = hosts.indexOf('*/*');
  return all >= 0 && hosts.slice(all + 1).some((host) => /^(\.|\*)\//.test(host) && host !== '*/*');
}

export default defineCheck({
  id: 'KII045',
  section: 'gateways',
  severity: 'error',
  name: 'gateway-hosts',
  title: 'no Gateway has hosts at which istiod ends',
  reason:
    'istiod ends with "index out of range" as soon as a gateway connects, and again after each restart: no pod of any gateway gets configuration.',
  remedy: 'Put the host */* last, or write * for it.',
  needs: ['gateway', 'gateways'],
  find: ({ gateway: { pods }, gateways }) =>
    gateways
      .filter((one) => pods[0] && selects(one, pods[0].labels ?? {}))
      .flatMap((one) => {
        const ref = refOf('Gateway', one);
        const own = (specOf(one).servers ?? []).filter(({ hosts = [] }) => crashes(hosts));
        return own.map(({ hosts = [], port }) => ({
          text: `Gateway ${ref.namespace}/${ref.name} has the hosts ${hosts.join(', ')} on port ${port?.number ?? 0}, at which istiod ends`,
          concerns: [ref],
          hosts: ['*'],
          next: [step`kubectl -n ${ref.namespace} get gateways.networking.istio.io ${ref.name} -o yaml`],
        }));
      }),
});
