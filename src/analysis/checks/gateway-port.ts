import { defineCheck } from '#analysis/check/check.ts';
import { type GatewayServer, mergeGateways, plainHost } from '#analysis/istio/gateway-merge.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { listenerPorts, whyNotInFront } from '#analysis/request/entry.ts';
import { someOf } from '#core/phrase.ts';
import { step } from '#core/shell.ts';
import { describeObject } from '#model/resource.ts';

const placeOf = ({ gateway, port }: GatewayServer): string => `${gateway.namespace}/${gateway.name} ${port}`;

export default defineCheck({
  id: 'KII048',
  section: 'gateways',
  severity: 'warning',
  name: 'gateway-port',
  title: 'a Service of the gateway leads to the port of every Gateway',
  reason:
    'The pods may listen there, and no client gets to them: a Service leads to the ports that it names, and to no other.',
  remedy: "Add the port to the gateway's Service, or give the Gateway's server one that the Service has.",
  needs: ['gateway', 'gateways', 'services'],
  find: ({ gateway: { pods, namespace }, gateways, services }) => {
    const [pod] = pods;
    const own = services.filter(({ metadata }) => metadata.namespace === namespace);
    const labels = pod?.labels ?? {};
    const { kept } = mergeGateways(gateways, labels, listenerPorts(own, labels, namespace));
    return [...Map.groupBy(kept, placeOf).values()].flatMap((servers) => {
      const { gateway, port, listenerPort } = servers[0] as GatewayServer;
      const why = whyNotInFront(listenerPort, own, pod);
      const hosts = servers.flatMap((server) => server.hosts.map(plainHost));
      return why === undefined
        ? []
        : [
            {
              place: `${describeObject(gateway)} on port ${port} (${hosts.length === 0 ? 'without hosts' : someOf(hosts, 3)})`,
              text: why,
              concerns: [gateway],
              hosts,
              next: [showObject(gateway), step`kubectl -n ${namespace} get services`],
            },
          ];
    });
  },
});
