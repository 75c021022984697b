// `top`: how much traffic, how many errors, how slow, now: per host, route, pod, upstream or code.

import { type Context, defineCommand } from '#command/command.ts';
import { topFlags } from '#command/log-flags.ts';
import { ToolError } from '#core/error.ts';
import { exitCode } from '#core/exit-code.ts';
import type { TopKey, TopSnapshot } from '#model/top.ts';

const shortestIntervalMs = 1000;

export default defineCommand({
  name: 'top',
  group: 'ask',
  summary:
    'Live from the access logs of every pod: requests per second, error share, latency, per host or route, pod, upstream, code',
  details: `Each snapshot is about the requests that ended in the last interval. On a terminal it takes the place of the one before; piped,
one follows the other. logs --help says what an error is; --errors shows only those.`,
  examples: [
    { args: 'top', describe: 'the busiest hosts, every five seconds' },
    { args: 'top --by pod --status 5xx', describe: 'which gateway pods answer with errors?' },
    { args: 'top --by upstream --for svc1 --interval 10s', describe: 'the services of a namespace' },
    { args: 'top --count 1 -o json', describe: 'one interval, for a script' },
  ],
  flags: topFlags,
  outputs: ['table', 'wide', 'json'],
  run: async (context, flags) => {
    const source = await context.source();
    if (source.asOf !== undefined && flags.count !== 1)
      throw new ToolError('usage', 'top --from takes --count 1: a snapshot has one last interval', {
        hint: 'see all of it: kubectl istio-ingress logs --summary --from FILE',
      });
    if (flags.interval < shortestIntervalMs) throw new ToolError('usage', '--interval is at least 1s');
    // Loads the parsers only now: no other command pays for them.
    const [{ readCriteria }, { askTop }] = await Promise.all([
      import('#accesslog/criteria.ts'),
      import('#questions/logs/top.ts'),
    ]);
    const { interval: intervalMs, count, most, format, for: owner } = flags;
    const requests = { criteria: readCriteria(flags), errorsOnly: flags.errors, format, owner };
    const question = { ...requests, by: flags.by as TopKey, intervalMs, count, most };
    const { failures } = await askTop(source, question, await snapshotWriter(context), context);
    return { text: [], exitCode: failures.length === 0 ? exitCode.ok : exitCode.partial };
  },
});

/** On a terminal each snapshot takes the place of the one before. */
async function snapshotWriter(context: Context): Promise<(snapshot: TopSnapshot) => Promise<void>> {
  const [{ renderTop, topJson }, { eraseMark }] = await Promise.all([
    import('#render/views/top.ts'),
    import('#render/format/terminal.ts'),
  ]);
  const { terminal, output, now, writeLines, writeDocument } = context;
  const columns = terminal.isTTY ? terminal.columns : Number.POSITIVE_INFINITY;
  const style = { color: terminal.color, columns, wide: output === 'wide', now };
  if (output === 'json') return (snapshot) => writeDocument(topJson(snapshot));
  let printed = 0;
  return async (snapshot) => {
    const [head = '', ...rows] = renderTop(snapshot, style);
    const before = terminal.isTTY || printed === 0 ? [] : [''];
    await writeLines([...before, `${terminal.isTTY ? eraseMark(printed) : ''}${head}`, ...rows]);
    printed = rows.length + 1;
  };
}
