// `wait`: until something holds on every pod, or the time is over.

import { readCondition } from '#analysis/fleet/wait-condition.ts';
import { answer, defineCommand } from '#command/command.ts';
import { ToolError } from '#core/error.ts';
import { askWait } from '#questions/wait.ts';
import { waitView } from '#render/views/wait.ts';
import { describeWaiting } from '#render/words/describe-waiting.ts';

export default defineCommand({
  name: 'wait',
  group: 'ask',
  summary: 'Wait until every pod is in sync, has a route, serves a certificate or runs a version',
  details: `Pods are listed anew and asked once every five seconds or more, each for as little as tells. Several --for have to hold together.
A route for every path (prefix /) counts for route=HOST/ alone. A certificate is what a real TLS handshake through the pod gets; without
SERIAL any that is for the host and valid. absent:CONDITION waits until no pod has it. Exit code 1 when the time is over, with what is
missing and where; 3 where only pods that did not answer may lack it.`,
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

const unjudged = '--for cannot be judged, so the exit code is 3: not every pod told how far it is';
