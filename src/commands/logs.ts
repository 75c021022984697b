// `logs`: the access logs of every gateway pod as one stream: who gets errors, since when, and why.

import { defineCommand } from '#command/command.ts';
import { logsFlags } from '#command/log-flags.ts';

export default defineCommand({
  name: 'logs',
  group: 'ask',
  summary: 'The access logs of every gateway pod as one stream: who gets errors, since when, and why',
  details: `Lines stand in the order of the kubelet's time, which is when the request ended. The format is found in the live configuration.
A line that cannot be parsed is shown as it is. Where a pod's current log file does not reach back to --since, that is said and the exit
code is 3. An error is a 5xx, a flag that means failure (UF, UC, URX…), a gRPC failure, a gRPC request that the gateway refused (both have code 200),
or a request or connection without a response code that has a flag. 4xx that the gateway itself answers are counted beside the errors.
--fail-on with nothing to judge (no access log, no line in the window) is exit code 3, not 0.`,
  examples: [
    { args: 'logs --status 5xx --explain', describe: 'the errors of the last five minutes, and what they mean' },
    { args: 'logs -f --host svc1.discovery.wmnet', describe: 'follow the requests for a host on all pods' },
    { args: 'logs --summary --since 1h', describe: 'how many errors, where, since when' },
    {
      args: "logs --summary --for svc1 --fail-on 'errors>1%'",
      describe: 'for a deployment script: exit code 1 if the errors are too many',
    },
    { args: 'logs --from export.json.gz --flag UF', describe: 'the same questions of exported logs' },
  ],
  flags: logsFlags,
  outputs: ['table', 'wide', 'json'],
  needsLive: true,
  // The parsers and what they need are loaded only now: other commands start without them.
  run: async (context, flags) => (await import('#questions/logs/run-logs.ts')).runLogs(context, flags),
});
