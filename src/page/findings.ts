// What `check` has found, the worst first, each with why it matters and what to do; and what was not evaluated.

import { count } from '#core/phrase.ts';
import { stepText } from '#core/shell.ts';
import { type CheckResult, type Finding, severities } from '#model/finding.ts';
import type { Report } from '#model/report.ts';
import { type Child, h, hidden, section } from './dom.ts';
import { onPods } from './words.ts';

/** What is known is counted elsewhere; what follows from another finding stands under that. */
export const isShown = ({ known, causedBy }: Finding): boolean => !known && !causedBy;

interface Found {
  readonly check: CheckResult;
  readonly finding: Finding;
}

export function findingsSection({ checks, fleet }: Report): HTMLElement {
  const all = checks.flatMap((check) => check.findings.map((finding): Found => ({ check, finding })));
  const shown = severities.flatMap((severity) =>
    all
      .filter(({ finding }) => finding.severity === severity && isShown(finding))
      .map((found) => ({ found, weight: followingOf(found, all).length }))
      .sort((a, b) => b.weight - a.weight)
      .map(({ found }) => found),
  );
  const skipped = checks.filter(({ outcome }) => outcome === 'not-evaluated');
  const passed = checks.filter(({ outcome }) => outcome === 'passed');
  return section(
    'findings',
    'Findings',
    h(
      'p',
      { class: 'note' },
      checks.length === 0
        ? 'Nothing could be checked.'
        : [
            count(shown.length, 'finding'),
            `${count(passed.length, 'check')} passed`,
            `${skipped.length} not evaluated`,
          ].join(' · '),
    ),
    shown.map((found) => findingOf(found, all, fleet.pods.length)),
    skipped.length > 0 && skippedList(skipped),
    passed.length > 0 && passedList(passed),
  );
}

const labels = { error: 'Error', warning: 'Warning', info: 'For information' } as const;

/** What goes with it. */
const followingOf = ({ check, finding: { text } }: Found, all: readonly Found[]): Found[] =>
  all.filter(({ finding: { causedBy } }) => causedBy?.id === check.id && causedBy.text === text);

function findingOf({ check, finding }: Found, all: readonly Found[], pods: number): HTMLElement {
  const following = followingOf({ check, finding }, all);
  const where = onPods(finding.pods, pods);
  const avoid = finding.avoid ?? check.avoid;
  return h(
    'article',
    { class: `finding ${finding.severity}` },
    h(
      'h3',
      {},
      h('span', { class: 'badge' }, labels[finding.severity]),
      ' ',
      finding.text,
      where !== '' && h('span', { class: 'where' }, ` ${where}`),
    ),
    following.length > 0 && [
      h('p', { class: 'label' }, 'From it follows'),
      h(
        'ul',
        {},
        following.map((one) => h('li', {}, `${one.finding.text} (${one.check.id})`)),
      ),
    ],
    h('p', {}, h('span', { class: 'label' }, `Why it matters (${check.id})`), ' ', check.reason),
    finding.next.length > 0 && [
      h('p', { class: 'label' }, 'Next'),
      finding.next.map((next) => command(stepText(next))),
    ],
    avoid !== undefined && h('p', { class: 'avoid' }, h('span', { 'aria-hidden': 'true' }, '⚠ '), avoid),
  );
}

/** One click selects all of it. */
export const command = (text: string): HTMLElement =>
  h('pre', { class: 'command', tabindex: '0' }, h('code', {}, text));

const skippedList = (checks: readonly CheckResult[]): Child => [
  h('h3', {}, 'Not evaluated'),
  h(
    'ul',
    { class: 'plain' },
    checks.map(({ id, title, notEvaluated }) =>
      h(
        'li',
        {},
        h('span', { class: 'badge unknown' }, '?'),
        hidden('not evaluated: '),
        ` ${title} (${id}): ${notEvaluated.join('; ')}`,
      ),
    ),
  ),
];

const passedList = (checks: readonly CheckResult[]): Child =>
  h(
    'details',
    { class: 'more' },
    h('summary', {}, `${count(checks.length, 'check')} passed`),
    h(
      'ul',
      { class: 'plain' },
      checks.map(({ id, title }) => h('li', {}, `✓ ${title} (${id})`)),
    ),
  );
