// Drift, errors that are alike, versions, and what the file is.

import { count } from '#core/phrase.ts';
import { quoted } from '#core/shell.ts';
import type { Difference } from '#model/difference.ts';
import type { Drift, ErrorSignature, Part, Report } from '#model/report.ts';
import { type Child, h, section } from './dom.ts';
import { command } from './findings.ts';
import { clock, localTime, number, onPods, shortCluster, utc } from './words.ts';

export function driftSection({ drift, fleet, gaps }: Report): HTMLElement {
  const groups = Map.groupBy(drift.shown, ({ pods }) => pods.join('\n'));
  const all = fleet.pods.length;
  const isKnown = !gaps.some(({ part }) => part === 'drift');
  return section(
    'drift',
    'Drift',
    h(
      'p',
      { class: 'note' },
      drift.of === 0
        ? isKnown
          ? 'What the pods are configured with is the same on each of them.'
          : 'Nothing was found that differs; not every pod could be compared.'
        : `${count(drift.of, 'thing')} that a pod has otherwise than most${drift.of > drift.shown.length ? `; the first ${drift.shown.length} are shown` : ''}`,
    ),
    [...groups.values()].map((items) => [
      h('h3', {}, items[0]?.pods.length === all ? 'Every pod' : (items[0]?.pods.join(', ') ?? '')),
      items.map(differenceOf),
    ]),
  );
}

const changes: Readonly<Record<Difference['change'], string>> = {
  missing: 'is missing here',
  extra: 'is only here',
  different: 'is not the same',
};

function differenceOf({ kind, name, change, fields, updated, byNode }: Drift): HTMLElement {
  const title = [
    h('span', { class: 'badge' }, kind),
    ' ',
    h('strong', {}, kind === 'cluster' ? shortCluster(name) : name),
    ` ${changes[change]}`,
    byNode && ' (by node, as locality has it)',
    updated.here !== undefined && h('span', { class: 'by' }, ` · updated here ${utc(updated.here)}`),
    updated.there !== undefined && h('span', { class: 'by' }, ` · elsewhere ${utc(updated.there)}`),
  ];
  if (fields.length === 0) return h('p', { class: 'difference' }, title);
  return h(
    'details',
    { class: 'difference' },
    h('summary', {}, title),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Fields of ${kind} ${name}` },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Field', 'Here', 'Elsewhere'].map((one) => h('th', { scope: 'col' }, one)),
          ),
        ),
        h(
          'tbody',
          {},
          fields.map(({ field, here, there }) =>
            h('tr', {}, h('th', { scope: 'row' }, field), h('td', {}, here || 'none'), h('td', {}, there || 'none')),
          ),
        ),
      ),
    ),
  );
}

export function logsSection({ signatures, traffic, fleet }: Report): HTMLElement {
  return section(
    'logs',
    'Errors that are alike',
    h(
      'p',
      { class: 'note' },
      traffic === undefined
        ? 'No log could be read.'
        : signatures.of === 0
          ? 'No error is in the logs.'
          : `${count(signatures.of, 'kind')} of errors, the most frequent first: host, code, flags, details and upstream are the same${signatures.of > signatures.shown.length ? `; the first ${signatures.shown.length} are shown` : ''}`,
    ),
    signatures.shown.map((one, index) => signatureOf(one, fleet.pods.length, index < 3)),
  );
}

function signatureOf(signature: ErrorSignature, all: number, open: boolean): HTMLElement {
  const { host, code, flags, details, upstream, count: times, first, last, pods, samples } = signature;
  const kind = [...(code === undefined ? [] : [String(code)]), ...flags].join(' ') || 'no code';
  return h(
    'details',
    { class: 'signature', open },
    h(
      'summary',
      {},
      h('span', { class: 'times' }, `${number(times)}×`),
      h('span', { class: 'badge error' }, kind),
      h('span', {}, host ?? 'a connection without a name'),
      upstream !== undefined && h('span', { class: 'by' }, ` → ${shortCluster(upstream)}`),
    ),
    h(
      'p',
      {},
      `${clock(first)}${first === last ? '' : `–${clock(last)}`} UTC`,
      ` · ${onPods(pods, all) || 'on the one pod'}`,
      details !== undefined && [' · ', h('code', {}, details)],
    ),
    h(
      'pre',
      { tabindex: '0', role: 'region', 'aria-label': `Lines of ${kind}, ${host ?? 'no host'}, from ${first}` },
      samples.map(({ pod, text }) => `${pod}  ${text}`).join('\n'),
    ),
  );
}

const partNames: Readonly<Record<Part, string>> = {
  timeline: 'What happened',
  fleet: 'Fleet',
  findings: 'Findings',
  hosts: 'Hosts',
  drift: 'Drift',
  logs: 'Logs',
  versions: 'Versions',
  rights: 'Rights',
};

export function fileSection(report: Report, fileName: string, hasData: boolean): HTMLElement {
  const { versions, gaps, rights, contents } = report;
  return section(
    'file',
    'Versions, and what this file is',
    h(
      'dl',
      {},
      facts(report).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
    ),
    versions.length > 0 && [
      h('h3', {}, 'Versions'),
      h(
        'ul',
        {},
        versions.map(({ component, version, envoyVersion, pods }) =>
          h(
            'li',
            {},
            `${component} ${version}${envoyVersion === undefined ? '' : ` (Envoy ${envoyVersion})`}: ${count(pods.length, 'pod')}`,
          ),
        ),
      ),
    ],
    gaps.length > 0 && [
      h('h3', {}, 'What is not known, and why'),
      h(
        'ul',
        {},
        gaps.map(({ part, why }) => h('li', {}, `${partNames[part]}: ${why}`)),
      ),
    ],
    rights.length > 0 && [
      h('h3', {}, 'What its maker could not do'),
      h(
        'ul',
        {},
        rights.map(({ says, lost }) => h('li', {}, says, lost !== '' && h('span', { class: 'by' }, ` · ${lost}`))),
      ),
    ],
    contents.missing.length > 0 && [
      h('h3', {}, 'What is not in it'),
      h(
        'ul',
        {},
        contents.missing.map((one) => h('li', {}, one)),
      ),
    ],
    h('h3', {}, 'What was taken out of it'),
    h(
      'ul',
      {},
      h('li', {}, 'Never in it: private keys, tokens, cookies, Secret data'),
      contents.replaced.map((one) =>
        h('li', {}, `${one.class}: ${one.places} places, ${count(one.values, 'different value')}`),
      ),
    ),
    h('h3', {}, 'Go on with it'),
    hasData
      ? [
          h('p', {}, 'The snapshot is inside this page: every command that reads takes it.'),
          ['check', 'timeline', 'explain URL', 'logs --errors --explain'].map((words) =>
            command(`kubectl istio-ingress ${words} --from ${quoted(fileName)}`),
          ),
        ]
      : h('p', {}, 'This page was made of a directory, which is not inside it: only what it shows is.'),
  );
}

function facts({ origin, server, user, takenAt, tool, contents }: Report): [string, Child][] {
  const size = contents.bytes === undefined ? '' : `, ${(contents.bytes / 1024 / 1024).toFixed(1)} MiB unpacked`;
  return [
    ['Taken', `${utc(takenAt)} (${localTime(takenAt)})`],
    ['From', `${origin}${server === undefined ? '' : `, ${server}`}`],
    ['By', user ?? 'not known'],
    ['With', `kubectl istio-ingress ${contents.madeBy ?? 'config-dump'}; the page with ${tool}`],
    ...(contents.files === undefined ? [] : [['Inside', `${count(contents.files, 'file')}${size}`] as [string, Child]]),
    ...(contents.interruptedAt === undefined
      ? []
      : [['Interrupted', `at ${contents.interruptedAt}: what was read until then is in it`] as [string, Child]]),
  ];
}
