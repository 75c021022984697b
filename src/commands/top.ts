// `top`: how much traffic, how many errors, how slow, now: per host, route, pod, upstream or code.

import { defineCommand } from '#command/command.ts';
import { topFlags } from '#command/log-flags.ts';

export default defineCommand({
  name: 'top',
  group: 'ask',
  summary:
    'Live from the access logs of every pod: requests per second, error share, latency, per host or route, pod, upstream, code',
  details: `Each snapshot is about the requests that ended in the last interval. On a terminal it takes the place of the one before; piped,
one follows the other. An error is what logs --help says; --errors shows them alone.`,
  examples: [
    { args: 'top', describe: 'the busiest hosts, every five seconds' },
    { args: 'top --by pod --status 5xx', describe: 'which gateway pods answer with errors?' },
    { args: 'top --by upstream --for svc1 --interval 10s', describe: 'the services of a namespace' },
    { args: 'top --count 1 -o json', describe: 'one snapshot, for a script' },
  ],
  flags: topFlags,
  outputs: ['table', 'wide', 'json'],
  needsLive: true,
  run: async (context, flags) => (await import('#questions/logs/run-top.ts')).runTop(context, flags),
});
