// `endpoints`: the addresses that every gateway pod's Envoy balances over, with their health and the pods behind them.

import { answer, defineCommand, outputFormats } from '#command/command.ts';
import { askEndpoints } from '#questions/endpoints.ts';
import { endpointsView } from '#render/views/endpoints.ts';
import { describeSelection } from '#render/words/describe-selection.ts';

const healths = ['healthy', 'degraded', 'unhealthy', 'draining', 'none'] as const;

export default defineCommand({
  name: 'endpoints',
  aliases: ['endpoint'],
  group: 'look',
  summary: 'List the endpoints of the services that the ingress routes to, with their health and the pods behind them',
  details: `Health is what Envoy itself goes by: EDS, health checks, ejection by outlier detection. Endpoints that are alike on every pod are
one line; counters (-o wide) are summed up over the pods and are no difference. Pods and nodes come from EndpointSlices, where they may be read.`,
  examples: [
    { args: 'endpoints --host svc1.discovery.wmnet', describe: 'what serves this host?' },
    { args: 'endpoints --health unhealthy,none', describe: 'what is wrong?' },
    { args: 'endpoints --service svc2-tls-service -o wide', describe: 'with outlier state, counters and locality' },
    {
      args: 'endpoints --whole-mesh --pod NAME -o envoy',
      describe: 'the JSON that istioctl proxy-config endpoints -o json prints',
    },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'endpoints that routes and passthrough chains of this host lead to; patterns allowed',
    },
    path: { type: 'string', value: 'PATH', describe: 'endpoints of the routes whose path matcher accepts this path' },
    vs: {
      type: 'string',
      value: 'NAME',
      completes: 'virtualservice',
      describe: 'endpoints that this VirtualService leads to: NAME or NAMESPACE/NAME; patterns allowed',
    },
    port: { type: 'number', value: 'PORT', describe: "the Service's port" },
    service: {
      type: 'string',
      value: 'NAME',
      describe: 'endpoints of this service: NAME, NAMESPACE/NAME or FQDN; patterns allowed',
    },
    name: {
      type: 'string',
      value: 'NAME',
      describe: "endpoints of the cluster with this name of Envoy's; patterns allowed",
    },
    for: { type: 'string', value: 'NS[/NAME]', describe: 'what concerns the owner of this namespace or service' },
    health: {
      type: 'strings',
      value: 'STATE',
      choices: healths,
      describe: 'endpoints in these states; none: clusters without endpoints; may be repeated',
    },
    'whole-mesh': {
      type: 'boolean',
      describe: 'also the endpoints of clusters that the ingress does not route to; which those are: -o wide',
    },
  },
  run: async (context, { 'whole-mesh': wholeMesh, health, ...filter }) => {
    const question = {
      filter,
      wholeMesh,
      health,
      keepDumps: context.output === 'envoy',
      withRouted: context.output !== 'table',
      withCounters: context.output !== 'table',
    };
    const { selection, ...asked } = await askEndpoints(await context.source(), question);
    return answer({
      view: endpointsView,
      ...asked,
      notes: [...asked.notes, ...describeSelection('endpoint', asked, wholeMesh, selection)],
    });
  },
});
