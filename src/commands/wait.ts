// `wait`: until something holds on every pod, or the time is over.

import { readCondition } from '#analysis/fleet/wait-condition.ts';
import { answer, defineCommand } from '#command/command.ts';
import { ToolError } from '#core/error.ts';
import { askWait } from '#questions/wait/wait.ts';
import { waitView } from '#render/views/wait.ts';
import { describeWaiting } from '#render/words/describe-waiting.ts';

export default defineCommand({
  name: 'wait',
  group: 'ask',
  summary: 'Wait until every pod is in sync, has a route, serves a certificate or runs a version',
  details: `The tool lists the pods and asks each for a little, once every five seconds or less often. All --for have to hold at the same time.
A route for every path (prefix /) counts only for route=HOST/. A certificate is what a real TLS handshake through the pod gets; without
SERIAL, any certificate that is valid and for the host. absent:CONDITION waits until no pod has it. When the time is over, the exit code is 1
and the answer says what is missing where; it is 3 when only pods that did not answer may lack it.`,
  examples: [
    { args: 'wait --for synced', describe: 'after a change, before a test' },
    { args: 'wait --for route=svc1.discovery.wmnet/new --timeout 5m', describe: 'a new route is on every pod' },
    { args: 'wait --for cert=svc1.discovery.wmnet=1001', describe: 'a renewed certificate is served by every pod' },
    { args: 'wait --for absent:route=svc1.discovery.wmnet/old', describe: 'a route is gone from every pod' },
    { args: 'wait --for version=1.31 --for synced', describe: 'an upgrade has come through' },
  ],
  needsLive: true,
  flags: {
    for: {
      type: 'strings',
      raw: true,
      value: 'CONDITION',
      describe: 'synced, route=HOST/PATH, cert=HOST[:PORT][=SERIAL], version=V, absent:…; may be repeated',
    },
    timeout: { type: 'duration', default: '2m', value: 'TIME', describe: 'how long to wait' },
  },
  run: async (context, flags) => {
    if (flags.for.length === 0)
      throw new ToolError('usage', 'wait needs --for', { hint: 'e.g. kubectl istio-ingress wait --for synced' });
    const question = { conditions: flags.for.map(readCondition), timeoutMs: flags.timeout };
    const waited = await askWait(context.freshSource, question, context, describeWaiting);
    return answer({ view: waitView, ...waited, notes: waited.incomplete && !waited.findings ? [unjudged] : [] });
  },
});

const unjudged = '--for cannot be judged, so the exit code is 3: some pods did not say how far they are';
