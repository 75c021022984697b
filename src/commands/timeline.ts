// `timeline`: what changed, when, by whom, on which pods, beside the onset of errors.

import { answer, defineCommand } from '#command/command.ts';
import { timelineFlags } from '#command/log-flags.ts';
import { sourceOptions } from '#command/source-options.ts';
import { limits } from '#core/limits.ts';
import { momentKinds } from '#model/timeline.ts';
import { timelineView } from '#render/views/timeline.ts';

export default defineCommand({
  name: 'timeline',
  group: 'ask',
  summary: 'What changed, when, by whom, on which pods, beside the onset of errors: of a snapshot, or now',
  details: `Updates that Envoy took (those of one push are one line), updates that it rejected, what istiod's log has of these pods (pushes to them, when they
came and went, what they rejected), writes to objects and their managers, Events, starts of pods, the first day of certificates, and the first error of
each kind: host, code, flags, details and upstream alike. The filters are about the requests. istiod names one of the objects that had changed. It states the order in time: that one thing comes after another does not say that it comes from it. Envoy knows the last update of each
element only, and the API server the last write of each manager. Whole dumps are asked for: a snapshot spares the gateways that.`,
  examples: [
    { args: 'timeline --from incident.tgz', describe: 'the last 15 minutes before the snapshot' },
    { args: 'timeline --since 1h --host svc9.discovery.wmnet', describe: 'with the errors of one host' },
    { args: 'timeline --only errors,object -o json', describe: 'for the post-mortem' },
  ],
  flags: {
    only: { type: 'strings', value: 'KIND', choices: momentKinds, describe: 'only these kinds; may be repeated' },
    ...timelineFlags,
  },
  run: async (context, flags) => {
    const [{ readCriteria }, { askTimeline }] = await Promise.all([
      import('#accesslog/criteria.ts'),
      import('#questions/timeline.ts'),
    ]);
    const source = await context.source();
    const { istioNamespace } = source.chosenBy ?? sourceOptions(flags, context.env).gateway;
    const question = {
      criteria: readCriteria(flags),
      format: flags.format,
      owner: flags.for,
      since: new Date(context.now.getTime() - (flags.since ?? limits.logSpanMs)),
      maxBytes: limits.logBytes,
      istioNamespace,
    };
    const { items: all, notes = [], ...rest } = await askTimeline(source, question, context);
    const items = flags.only.length === 0 ? all : all.filter(({ kind }) => flags.only.includes(kind));
    const none = `none of the ${all.length} lines since ${question.since.toISOString()} is of ${flags.only.join(' or ')}`;
    return answer({
      view: timelineView,
      ...rest,
      items,
      notes: all.length > 0 && items.length === 0 ? [none, ...notes] : notes,
    });
  },
});
