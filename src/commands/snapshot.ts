// `snapshot`: everything that the commands read, with logs and events, in one file that --from reads.

import { type Context, defineCommand, type Outcome } from '#command/command.ts';
import { sourceOptions } from '#command/source-options.ts';
import { ToolError } from '#core/error.ts';
import { type ExitCode, exitCode } from '#core/exit-code.ts';
import { hasAnswered } from '#core/fleet.ts';
import { count } from '#core/phrase.ts';
import { step, stepText } from '#core/shell.ts';
import type { SnapshotAnswer } from '#questions/snapshot/snapshot.ts';
import { errorLines } from '#render/format/error.ts';

export default defineCommand({
  name: 'snapshot',
  group: 'look',
  summary: 'Save the whole incident in one file, with logs and events, that every reading command takes with --from',
  details: `In the file are: the configuration, clusters, stats and log levels of every pod, what istiod says of them, the Kubernetes objects around them
with who changed them and when, Events, the public certificates of their Secrets, the last 15 minutes of every pod's log and of istiod's. Private
keys, tokens, Secret data and other credentials are taken out; in logs, addresses of clients and what stands behind the ? of a path become tokens,
the same one for the same value. What was replaced is listed in it (replaced.json), and what could not be read is in it as a reason. Pods are asked
one after the other. Ctrl-C ends it early: what was read until then is a whole snapshot.`,
  examples: [
    { args: 'snapshot', describe: 'incident-TIME.tgz, here' },
    { args: 'snapshot before.tgz --since 1h', describe: 'with the logs of an hour' },
    { args: 'check --from incident.tgz', describe: 'ask it, as of then' },
    { args: 'diff --against before.tgz', describe: 'what has changed since' },
  ],
  arguments: [{ name: 'FILE', describe: 'the file to write', optional: true }],
  flags: {
    since: { type: 'duration', value: 'TIME', describe: 'how far the logs reach back (15m)' },
    anonymous: {
      type: 'boolean',
      describe:
        'names, hosts and addresses become others, and certificates are withheld; FILE.key.json, for nobody else to read, has what stands for what',
    },
    force: { type: 'boolean', describe: 'replace the file where it exists' },
    certs: { type: 'boolean', describe: "also Envoy's /certs, which repeats the certificates for each cluster" },
    served: {
      type: 'boolean',
      describe: 'also what certs --served tells: a TLS handshake for each host through every pod',
    },
    'max-log': { type: 'number', value: 'MIB', describe: 'limit for what is read of the log of one pod in MiB (256)' },
    'exec-dump': {
      type: 'boolean',
      describe:
        "where port-forward is forbidden, ask for whole dumps through exec: each is then held in the gateway's memory several times",
    },
  },
  outputs: [],
  needsLive: true,
  run: async (context, flags, [path = defaultName(context.now)]) => {
    const [{ askSnapshot }, { snapshotQuestion }] = await Promise.all([
      import('#questions/snapshot/snapshot.ts'),
      import('#questions/snapshot/making.ts'),
    ]);
    const question = snapshotQuestion(sourceOptions(flags, context.env).gateway, context.version, {
      sinceMs: flags.since,
      maxLogBytes: flags['max-log'] && flags['max-log'] * 1024 * 1024,
      withCerts: flags.certs,
      served: flags.served,
      anonymous: flags.anonymous,
    });
    const file = { path, keyPath: `${path}.key.json`, mayReplace: flags.force };
    const saved = await askSnapshot(await context.source(), question, file, context);
    if (flags.anonymous) context.warn(`the key is in ${file.keyPath}: do not give it away with the snapshot`);
    return outcomeOf(saved, path, context);
  },
});

/** `incident-20261123T120844Z.tgz` */
const defaultName = (now: Date): string => `incident-${now.toISOString().replace(/[-:]|\.\d+/g, '')}.tgz`;

function outcomeOf(saved: SnapshotAnswer, path: string, { warn }: Context): Outcome {
  const { pods, missing, interruptedAt } = saved;
  const failed = pods.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  const others = missing.map(({ code, message, hint }) => new ToolError(code, message, { hint }));
  if (interruptedAt === undefined) for (const line of failureLines([...failed, ...others])) warn(line);
  else warn(`interrupted at ${interruptedAt}: the snapshot has what was read until then`);
  return {
    text: [
      describeSaved(saved, path),
      ...describeReplaced(saved),
      `ask it: ${stepText(step`kubectl istio-ingress check --from ${path}`)}`,
    ],
    exitCode: codeOf(saved, failed.length + others.length),
  };
}

/** One set of roles allows all that was forbidden: it is named once, at the end. */
function failureLines(failures: readonly ToolError[]): string[] {
  const isForbidden = ({ code }: ToolError): boolean => code === 'forbidden';
  const lines = failures.flatMap((one) =>
    errorLines(isForbidden(one) ? new ToolError(one.code, one.message) : one, false),
  );
  return failures.some(isForbidden)
    ? [...lines, `the roles that allow what was forbidden: ${stepText(step`kubectl istio-ingress help rbac`)}`]
    : lines;
}

function codeOf({ interruptedAt }: SnapshotAnswer, failures: number): ExitCode {
  if (interruptedAt !== undefined) return exitCode.interrupted;
  return failures > 0 ? exitCode.partial : exitCode.ok;
}

function describeSaved({ pods, bytes }: SnapshotAnswer, path: string): string {
  const answered = pods.filter(hasAnswered).length;
  const which = answered === pods.length ? count(answered, 'pod') : `${answered} of ${count(pods.length, 'pod')}`;
  return `saved ${which}, ${(bytes / 1024 / 1024).toFixed(1)} MiB, in ${path}`;
}

function describeReplaced({ replaced }: SnapshotAnswer): string[] {
  if (replaced.length === 0) return [];
  const classes = replaced.map(({ class: name, places, values }) => `${name} ${places} times (${values} different)`);
  return [`replaced, as its replaced.json lists: ${classes.join(', ')}`];
}
