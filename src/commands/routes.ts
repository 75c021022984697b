// `routes`: the whole match and the whole action of every route that the gateway serves, on every pod.

import { answer, defineCommand, outputFormats } from '#command/command.ts';
import { askRoutes } from '#questions/routes.ts';
import { routesView } from '#render/views/routes.ts';

export default defineCommand({
  name: 'routes',
  aliases: ['route'],
  group: 'look',
  summary: 'List the routes that every gateway pod serves, with their whole match and action',
  details: `Routes stand in the order in which Envoy tries them: the first that matches wins. A route that some pods lack names
the pods that have it. --path keeps the routes whose path matcher accepts that path; other conditions still apply.`,
  examples: [
    { args: 'routes', describe: 'every route of every pod, equal ones once' },
    {
      args: 'routes --host svc1.discovery.wmnet --path /v2/items/3',
      describe: 'which routes can a path of a host take?',
    },
    { args: 'routes --for svc2', describe: 'what concerns the services of a namespace?' },
    { args: 'routes --pod NAME -o envoy', describe: 'the JSON that istioctl proxy-config routes -o json prints' },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'routes of the virtual hosts that serve this host, or whose domain matches the pattern',
    },
    path: { type: 'string', value: 'PATH', describe: 'routes whose path matcher accepts this path' },
    port: { type: 'number', value: 'PORT', describe: "the Gateway's port, or the listener's" },
    service: {
      type: 'string',
      value: 'NAME',
      describe: 'routes to this service: NAME, NAMESPACE/NAME or FQDN; patterns allowed',
    },
    vs: {
      type: 'string',
      value: 'NAME',
      completes: 'virtualservice',
      describe: 'routes of this VirtualService, or of this delegate of one: NAME or NAMESPACE/NAME; patterns allowed',
    },
    name: {
      type: 'string',
      value: 'NAME',
      describe: 'routes of this route configuration, or with this name; patterns allowed',
    },
    for: { type: 'string', value: 'NS[/NAME]', describe: 'what concerns the owner of this namespace or service' },
  },
  run: async (context, filter) =>
    answer({
      view: routesView,
      ...(await askRoutes(await context.source(), { filter, keepDumps: context.output === 'envoy' })),
    }),
});
