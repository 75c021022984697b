import { defineCheck } from '#analysis/check/check.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { gatewaysOf, keyOf, refOf, unboundHosts } from '#analysis/istio/virtual-service-binding.ts';

export default defineCheck({
  id: 'KII043',
  section: 'gateways',
  severity: 'warning',
  name: 'virtual-service-host',
  title: 'the Gateways of every VirtualService take its hosts',
  reason: 'Routes for a host that no server of the Gateway takes are never used.',
  remedy:
    "Name the host in the Gateway's server, or take it out of the VirtualService. NAMESPACE/HOST in a Gateway takes VirtualServices of that namespace only.",
  needs: ['gateways', 'virtualservices'],
  find: ({ gateways, virtualservices }) => {
    const known = new Map(gateways.map((gateway) => [keyOf(refOf('Gateway', gateway)), gateway]));
    return virtualservices.flatMap((one) => {
      const named = gatewaysOf(one).flatMap((name) => known.get(name) ?? []);
      const hosts = named.length === 0 ? [] : unboundHosts(one, named);
      if (hosts.length === 0) return [];
      const ref = refOf('VirtualService', one);
      const of = named.map((gateway) => keyOf(refOf('Gateway', gateway))).join(', ');
      return [
        {
          text: `VirtualService ${keyOf(ref)} has ${hosts.join(', ')}, which ${named.length === 1 ? `its Gateway ${of} does` : `its Gateways ${of} do`} not take`,
          concerns: [ref, ...named.map((gateway) => refOf('Gateway', gateway))],
          next: [ref, ...named.map((gateway) => refOf('Gateway', gateway))].map(showObject),
        },
      ];
    });
  },
});
