import { defineCheck } from '#analysis/check/check.ts';
import { specOf } from '#analysis/istio/gateway-merge.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { gatewaysOf, keyOf, refOf, unboundHosts } from '#analysis/istio/virtual-service-binding.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { someOf } from '#core/phrase.ts';

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
      const misspelt = hosts.length - unboundHosts(one, named, (host) => host.toLowerCase()).length;
      const whose = named.map(
        (gateway) => `Gateway ${keyOf(refOf('Gateway', gateway))} takes only ${describeHosts(gateway)}`,
      );
      return [
        {
          text: `VirtualService ${keyOf(ref)} is for ${hosts.join(', ')}; ${whose.join('; ')}${misspelt === 0 ? '' : '. istiod tells capitals from small letters here'}`,
          concerns: [ref, ...named.map((gateway) => refOf('Gateway', gateway))],
          next: [ref, ...named.map((gateway) => refOf('Gateway', gateway))].map(showObject),
        },
      ];
    });
  },
});

/** As the Gateway writes them: NAMESPACE/HOST is for VirtualServices of that namespace. */
const describeHosts = (gateway: KubeObject): string =>
  someOf((specOf(gateway).servers ?? []).flatMap((server) => server.hosts ?? []));
