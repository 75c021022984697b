// An answer in the format asked for: what goes to stdout, what to stderr, and the exit code.

import type { Answer, OutputFormat, Style, Text } from '#command/command.ts';
import { ToolError } from '#core/error.ts';
import { type ExitCode, exitCode } from '#core/exit-code.ts';
import { hasAnswered, type PodOutcome, withoutPods } from '#core/fleet.ts';
import { someOf } from '#core/phrase.ts';
import { quoted } from '#core/shell.ts';
import { mapOutcomes } from '#model/merge-pods.ts';
import { renderDocument } from './document.ts';
import { isSameEnvoy } from './envoy.ts';
import { errorLines } from './error.ts';
import { cleanName } from './terminal.ts';

export interface Rendered {
  readonly stdout: Text;
  /** Lines. */
  readonly stderr: readonly string[];
  readonly exitCode: ExitCode;
}

/**
 * Where no pod answered there is no answer: that is an error, whatever the format; but where something was to be judged,
 * that it could not be.
 */
export async function renderAnswer(
  answer: Answer,
  format: OutputFormat,
  template: string | undefined,
  style: Style,
): Promise<Rendered> {
  const failures = answer.pods.filter((outcome) => !hasAnswered(outcome));
  const nobody = failures.length === answer.pods.length && answer.items.length === 0 && answer.judges === undefined;
  if (nobody && failures.length > 0) throw nobodyAnswered(failures);
  if (nobody && answer.gateway.pods.length === 0 && answer.tellsOfNoPod !== true) throw withoutPods(answer.gateway);
  return {
    stdout: await renderItems(answer, format, template, style),
    stderr: [...failureLines(failures, style.color), ...(answer.notes ?? []), ...unjudged(answer, failures.length)],
    exitCode: exitCodeOf(answer, failures.length),
  };
}

const isUnjudged = ({ judges, items, findings }: Answer): boolean =>
  judges !== undefined && items.length === 0 && findings !== true;

function unjudged(answer: Answer, failures: number): string[] {
  if (!isUnjudged(answer)) return [];
  const why = failures === answer.pods.length ? 'no pod answered' : 'the answer is empty';
  return [`${answer.judges} cannot be judged, so the exit code is 3: ${why}`];
}

function exitCodeOf(answer: Answer, failures: number): ExitCode {
  if (answer.failed === true) return exitCode.failed;
  if (answer.findings === true) return exitCode.findings;
  return failures > 0 || answer.incomplete === true || isUnjudged(answer) ? exitCode.partial : exitCode.ok;
}

async function renderItems(
  answer: Answer,
  format: OutputFormat,
  template: string | undefined,
  style: Style,
): Promise<Text> {
  switch (format) {
    case 'table':
    case 'wide':
      return answer.view.table(answer.items, answer, style);
    case 'name':
      return answer.items.map((item) => cleanName(answer.view.name(item)));
    case 'openmetrics':
      return { document: answer.view.openmetrics?.(answer.items, answer, style.now) ?? '' };
    case 'envoy':
      return { document: `${JSON.stringify(consensus(envoyDocuments(answer)), null, 4)}\n` };
    case 'json':
      return { document: `${JSON.stringify(renderDocument(answer, style.now), null, 2)}\n` };
    case 'yaml': {
      const { renderYaml } = await import('./yaml.ts');
      return { document: await renderYaml(renderDocument(answer, style.now)) };
    }
    case 'jsonpath': {
      const { renderJsonPath } = await import('./jsonpath.ts');
      return { document: renderJsonPath(renderDocument(answer, style.now), template ?? '') };
    }
  }
}

const envoyDocuments = ({ view, dumps = [] }: Answer): readonly PodOutcome<unknown>[] =>
  mapOutcomes(dumps, (ok) => view.envoy?.(...ok));

/** `-o envoy` is one document: that of every pod, where they agree. */
function consensus(outcomes: readonly PodOutcome<unknown>[]): unknown {
  const [first, ...others] = outcomes.filter(hasAnswered);
  const other = others.find((outcome) => !isSameEnvoy(outcome.ok, first?.ok));
  if (first && other) {
    throw new ToolError('differs', `cannot print one Envoy document: ${first.pod.name} and ${other.pod.name} differ`, {
      hint: `choose one with --pod ${quoted(first.pod.name)}, or see what differs: kubectl istio-ingress diff`,
    });
  }
  return first?.ok;
}

/** Pods that fail at the same are told of once: of an interrupted snapshot, most do. */
function failureLines(failures: readonly PodOutcome<unknown>[], color: boolean): string[] {
  const failed = failures.flatMap((outcome) => ('failed' in outcome ? [outcome] : []));
  return [...Map.groupBy(failed, (one) => one.failed.message).values()].flatMap((alike) => {
    const { code, message, hint } = (alike[0] as (typeof failed)[number]).failed;
    const isNamed = alike.every(({ pod }) => message.includes(pod.name));
    const names = alike.map(({ pod }) => pod.name);
    return errorLines(new ToolError(code, isNamed ? message : `${message} (${someOf(names, 3)})`, { hint }), color);
  });
}

function nobodyAnswered(failures: readonly PodOutcome<unknown>[]): ToolError {
  const [first] = failures;
  const error = first && 'failed' in first ? first.failed : new ToolError('internal', 'no pod was asked');
  if (failures.length === 1) return error;
  const others = new Set(failures.flatMap((outcome) => ('failed' in outcome ? [outcome.failed.code] : []))).size > 1;
  const all = others
    ? `none of ${failures.length} pods answered; the first: `
    : `none of ${failures.length} pods answered: `;
  return new ToolError(error.code, `${all}${error.message}`, { hint: error.hint, cause: error.cause });
}
