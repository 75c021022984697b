import { defineCheck } from '#analysis/check/check.ts';
import { gatewaysOf, keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';

export default defineCheck({
  id: 'KII042',
  section: 'gateways',
  severity: 'warning',
  name: 'virtual-service-gateway',
  title: 'every Gateway that a VirtualService names is there',
  reason: 'The VirtualService does nothing at a Gateway that does not exist: its hosts get 404 or no connection.',
  remedy: 'Write NAMESPACE/NAME: without a namespace it is the own one of the VirtualService.',
  needs: ['gateways', 'virtualservices'],
  find: ({ gateways, virtualservices }) => {
    const known = new Set(gateways.map((gateway) => keyOf(refOf('Gateway', gateway))));
    return virtualservices.flatMap((one) => {
      const ref = refOf('VirtualService', one);
      const missing = gatewaysOf(one).filter((name) => !known.has(name));
      if (missing.length === 0) return [];
      const next = ['kubectl get gateways.networking.istio.io -A'];
      return [
        {
          text: `VirtualService ${keyOf(ref)} names Gateway ${missing.join(', ')}, which is not there`,
          concerns: [ref],
          next,
        },
      ];
    });
  },
});
