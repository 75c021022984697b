// `listeners`: where every gateway pod listens, and what it does with a connection by its server name.

import { answer, defineCommand, outputFormats } from '#command/command.ts';
import { askListeners } from '#questions/listeners.ts';
import { listenersView } from '#render/views/listeners.ts';

export default defineCommand({
  name: 'listeners',
  aliases: ['listener'],
  group: 'look',
  summary: 'List where every gateway pod listens: server names, TLS, certificate, and where the connections go',
  details: `A line for each filter chain: Envoy takes the one whose server name fits best. Updates that Envoy rejected, and listeners that
warm or drain, are lines of their own. -o envoy has the whole listeners in which something matches.`,
  examples: [
    { args: 'listeners', describe: 'every filter chain of every pod, equal ones once' },
    { args: 'listeners --host svc1.discovery.wmnet', describe: 'which certificate and which routes does a host get?' },
    { args: 'listeners --port 8445', describe: 'what happens on one port?' },
    { args: 'listeners --pod NAME -o envoy', describe: 'the JSON that istioctl proxy-config listeners -o json prints' },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'filter chains that serve this host, or with a server name that matches the pattern',
    },
    port: {
      type: 'number',
      value: 'PORT',
      describe: "the listener's port, or one of the gateway's Service, which Gateways name",
    },
    name: {
      type: 'string',
      value: 'NAME',
      describe: 'listeners, filter chains or route configurations with this name; patterns allowed',
    },
  },
  run: async (context, filter) => {
    const question = { filter, keepDumps: context.output === 'envoy' };
    return answer({ view: listenersView, ...(await askListeners(await context.source(), question, context)) });
  },
});
