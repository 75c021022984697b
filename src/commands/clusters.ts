// `clusters`: the services that the ingress routes to, as every gateway pod's Envoy has them: TLS, limits,
// DestinationRule.

import { answer, defineCommand, outputFormats } from '#command/command.ts';
import { askClusters } from '#questions/clusters.ts';
import { clustersView } from '#render/views/clusters.ts';
import { describeSelection } from '#render/words/describe-selection.ts';

export default defineCommand({
  name: 'clusters',
  aliases: ['cluster'],
  group: 'look',
  summary: 'List the services that the ingress routes to, with TLS towards them, limits and DestinationRule',
  details: `Routed to is what routes name as destination, share or mirror, and what TCP and passthrough chains lead to; --whole-mesh shows
every cluster that istiod gives to the gateway, with -o wide which of them are routed to. A cluster that routes lead to and that Envoy does not have is a line of its own.`,
  examples: [
    { args: 'clusters', describe: 'every service behind the ingress: is TLS spoken to it, and is it verified?' },
    { args: 'clusters --host svc1.discovery.wmnet --path /two', describe: 'where can this URL lead?' },
    {
      args: 'clusters --service svc1/* --whole-mesh',
      describe: 'the services of a namespace, whether the ingress routes to them or not',
    },
    {
      args: 'clusters --whole-mesh --pod NAME -o envoy',
      describe: 'the JSON that istioctl proxy-config clusters -o json prints',
    },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'clusters that routes and passthrough chains of this host lead to; patterns allowed',
    },
    path: { type: 'string', value: 'PATH', describe: 'clusters of the routes whose path matcher accepts this path' },
    vs: {
      type: 'string',
      value: 'NAME',
      completes: 'virtualservice',
      describe: 'clusters that this VirtualService leads to: NAME or NAMESPACE/NAME; patterns allowed',
    },
    port: { type: 'number', value: 'PORT', describe: "the Service's port" },
    service: {
      type: 'string',
      value: 'NAME',
      describe: 'clusters of this service: NAME, NAMESPACE/NAME or FQDN; patterns allowed',
    },
    name: {
      type: 'string',
      value: 'NAME',
      describe: "the cluster with this name of Envoy's, such as outbound|80||FQDN; patterns allowed",
    },
    for: { type: 'string', value: 'NS[/NAME]', describe: 'what concerns the owner of this namespace or service' },
    'whole-mesh': { type: 'boolean', describe: 'also the clusters that the ingress does not route to' },
  },
  run: async (context, { 'whole-mesh': wholeMesh, ...filter }) => {
    const question = {
      filter,
      wholeMesh,
      keepDumps: context.output === 'envoy',
      withRouted: context.output !== 'table',
    };
    const { selection, ...asked } = await askClusters(await context.source(), question);
    return answer({
      view: clustersView,
      ...asked,
      notes: [...asked.notes, ...describeSelection('cluster', asked, wholeMesh, selection)],
    });
  },
});
