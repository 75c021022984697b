// `check`: what is wrong right now, why it matters, and what to do about it.

import { type Check, isIdOrName, isNamed } from '#analysis/check/check.ts';
import { answer, defineCommand } from '#command/command.ts';
import { nextStepsAgain } from '#command/next-step.ts';
import { ToolError } from '#core/error.ts';
import { nearest } from '#core/suggestion.ts';
import { type KnownFinding, type Severity, sections, severities } from '#model/finding.ts';
import { checkView } from '#render/views/check.ts';

export default defineCommand({
  name: 'check',
  group: 'ask',
  summary: 'What is wrong right now, why it matters, and what to do about it',
  details: `Each check has an id (KII001…) that stays, and a page in docs/checks.md. A check whose facts cannot be had is shown as not evaluated,
with the reason, and the exit code is 3. Where all that it lacks is a right, or what was not saved, the exit code is 3 only if --only names it.
Every pod is asked for little; listeners and clusters of one pod for each group that serves the same.
Where there are doubts that a host is served what Envoy holds, a TLS handshake tells: for 20 hosts on 3 pods at most, one at a time on each.
--known takes a list of findings, each with id, subject (a pattern for an object, host, secret, pod or text), until (a day) and reason: they are
counted, not repeated, and no part of the exit code; an entry that has expired is.`,
  examples: [
    { args: 'check', describe: 'everything, in sections, the worst first' },
    { args: 'check --for svc1', describe: 'what concerns the owner of a namespace' },
    {
      args: 'check --only certificates --fail-on warning',
      describe: 'exit code 1 already when a certificate ends soon',
    },
    { args: 'check --known known.yaml', describe: 'without what is known for now: id, subject, until, reason' },
    { args: 'check --skip KII039,load -o json', describe: 'for scripts' },
    { args: 'check -o openmetrics', describe: 'for the textfile collector of the node exporter' },
  ],
  outputs: ['table', 'wide', 'json', 'yaml', 'name', 'jsonpath', 'openmetrics'],
  flags: {
    only: {
      type: 'strings',
      value: 'CHECK',
      describe: `only these checks: ids, names or sections (${sections.join(', ')})`,
    },
    skip: { type: 'strings', value: 'CHECK', describe: 'not these checks: ids, names or sections' },
    for: {
      type: 'string',
      value: 'NS[/NAME]',
      describe: "only what concerns the owner of this namespace or object, not the gateway's own state",
    },
    known: {
      type: 'string',
      value: 'FILE',
      completes: 'file',
      describe: 'findings that are known: a list of id, subject, until and reason, in YAML or JSON',
    },
    'no-handshake': {
      type: 'boolean',
      describe: 'no handshake for hosts of which there are doubts that they are served what Envoy holds',
    },
    'fail-on': {
      type: 'string',
      default: 'error',
      choices: severities,
      describe: 'exit code 1 from this severity on: info, warning or error',
    },
  },
  run: async (context, flags) => {
    // Imported only here: no other command should load three dozen modules at its start.
    const [{ checks: all }, { askCheck }] = await Promise.all([
      import('#analysis/checks/all.gen.ts'),
      import('#questions/check/check.ts'),
    ]);
    const known = flags.known === undefined ? undefined : await readKnown(flags.known, all, context.signal);
    const question = {
      checks: [...choose(all.filter(isNotOfKnown), flags.only, flags.skip), ...(known ? all.filter(isOfKnown) : [])],
      known,
      named: flags.only,
      for: flags.for,
      failOn: flags['fail-on'] as Severity,
      handshake: !flags['no-handshake'],
    };
    const asked = await askCheck(await context.source(), question, context);
    const items = asked.items.map((result) => ({
      ...result,
      findings: nextStepsAgain(result.findings, context.again),
    }));
    return answer({ view: checkView, ...asked, items });
  },
});

/** Made for the file alone, and then always. */
const isOfKnown = ({ needs }: Check): boolean => needs.includes('knownFindings');
const isNotOfKnown = (check: Check): boolean => !isOfKnown(check);

async function readKnown(path: string, all: readonly Check[], signal: AbortSignal): Promise<readonly KnownFinding[]> {
  const { readKnownFindings } = await import('#questions/check/known-file.ts');
  return readKnownFindings(path, (word) => all.some((check) => isIdOrName(check, word)), signal);
}

function choose(checks: readonly Check[], only: readonly string[], skip: readonly string[]): readonly Check[] {
  for (const word of [...only, ...skip]) mustBeNamed(checks, word);
  const kept = checks.filter((check) => (only.length === 0 || isNamed(check, only)) && !isNamed(check, skip));
  if (kept.length === 0) throw new ToolError('usage', '--only and --skip leave no check to make');
  return kept.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function mustBeNamed(checks: readonly Check[], word: string): void {
  if (checks.some((check) => isNamed(check, [word]))) return;
  const near = nearest(word, [...sections, ...checks.flatMap(({ id, name }) => [name, id])]);
  throw new ToolError('usage', `there is no check or section "${word}"`, {
    hint: near === undefined ? 'see: kubectl istio-ingress check --help, and docs/checks.md' : `did you mean ${near}?`,
  });
}
