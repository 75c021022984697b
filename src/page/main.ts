// The page of `report`: reads the document that is inside it and shows it. It asks for nothing from anywhere.

import type { Report } from '#model/report.ts';
import { h } from './dom.ts';
import { findingsSection } from './findings.ts';
import { firstScreen } from './first.ts';
import { fleetSection } from './fleet.ts';
import { hostsSection } from './hosts.ts';
import { driftSection, fileSection, logsSection } from './rest.ts';
import { timeSection } from './time.ts';

const sections = [
  ['time', 'What happened'],
  ['fleet', 'Fleet'],
  ['findings', 'Findings'],
  ['hosts', 'Hosts'],
  ['drift', 'Drift'],
  ['logs', 'Errors'],
  ['file', 'File'],
] as const;

function show(report: Report): void {
  const name = decodeURIComponent(location.pathname.split('/').at(-1) ?? '') || 'incident.html';
  document.body.append(
    h(
      'nav',
      { 'aria-label': 'Parts of the report' },
      h(
        'ul',
        {},
        sections.map(([id, title]) => h('li', {}, h('a', { href: `#${id}` }, title))),
      ),
    ),
    h(
      'main',
      {},
      firstScreen(report),
      timeSection(report),
      fleetSection(report),
      findingsSection(report),
      hostsSection(report),
      driftSection(report),
      logsSection(report),
      fileSection(report, name, report.contents.files !== undefined),
    ),
  );
}

show(JSON.parse(document.getElementById('report')?.textContent ?? '') as Report);
