// The page of `report`: reads the document that is inside it and shows it. It asks for nothing from anywhere.

import type { Report } from '#model/report.ts';
import { h } from './dom.ts';
import { findingsSection, isShown } from './findings.ts';
import { firstScreen } from './first.ts';
import { fleetSection } from './fleet.ts';
import { hostsSection } from './hosts.ts';
import { driftSection, fileSection, logsSection } from './rest.ts';
import { timeSection } from './time.ts';
import { number } from './words.ts';

/** With how much is there, where that is known. */
const sectionsOf = ({ fleet, checks, hosts, drift, signatures, traffic, gaps }: Report) =>
  [
    ['time', 'What happened'],
    ['fleet', 'Fleet', fleet.pods.length],
    [
      'findings',
      'Findings',
      checks.length > 0 ? checks.flatMap((one) => one.findings.filter(isShown)).length : undefined,
    ],
    ['hosts', 'Hosts', hosts.length],
    ['drift', 'Drift', gaps.some(({ part }) => part === 'drift') ? undefined : drift.of],
    ['logs', 'Errors', traffic && signatures.of],
    ['file', 'File'],
  ] as const;

/** The first screen and the chart are painted before the long lists are made. */
function show(report: Report): void {
  const main = h('main', {}, firstScreen(report), timeSection(report));
  document.body.append(
    h(
      'nav',
      { 'aria-label': 'Parts of the report' },
      h(
        'ul',
        {},
        sectionsOf(report).map(([id, title, n]) =>
          h(
            'li',
            {},
            h('a', { href: `#${id}` }, title, n !== undefined && h('span', { class: 'count' }, ` ${number(n)}`)),
          ),
        ),
      ),
    ),
    main,
  );
  afterPaint(() => {
    main.append(
      fleetSection(report),
      findingsSection(report),
      hostsSection(report),
      driftSection(report),
      logsSection(report),
      fileSection(report, fileName(), report.contents.files !== undefined),
    );
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  });
}

/** A tab in the background paints nothing, and is filled all the same. */
function afterPaint(work: () => void): void {
  if (document.visibilityState === 'hidden') work();
  else requestAnimationFrame(() => setTimeout(work));
}

/** As it was saved by whoever got it. */
function fileName(): string {
  const name = location.pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name) || 'incident.html';
  } catch {
    return name;
  }
}

show(JSON.parse(document.getElementById('report')?.textContent ?? '') as Report);
