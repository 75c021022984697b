// The first screen: which gateway, when, the worst in one sentence, and the numbers.

import { count } from '#core/phrase.ts';
import type { Severity } from '#model/finding.ts';
import { areErrorsKnown, type Report } from '#model/report.ts';
import { type Child, externalLink, h } from './dom.ts';
import { isShown } from './findings.ts';
import { localTime, marks, number, share, span, type Tone } from './words.ts';

export function firstScreen(report: Report): HTMLElement {
  const { gateway, window: range, worst, links } = report;
  return h(
    'header',
    { class: 'first' },
    h('p', { class: 'kind' }, `Incident report · ${gateway.kind} in ${gateway.namespace}`),
    h('h1', {}, gateway.name),
    h(
      'p',
      { class: 'when' },
      h('time', { datetime: range.from }, span(range.from, range.to)),
      h('span', { class: 'local' }, `${localTime(range.from)} – ${localTime(range.to)}`),
    ),
    h(
      'p',
      { class: `worst ${worst.severity}` },
      h('span', { class: 'mark', 'aria-hidden': 'true' }, worstMarks[worst.severity]),
      h('span', {}, worst.text),
    ),
    h('ul', { class: 'tiles' }, tilesOf(report)),
    links.length > 0 &&
      h(
        'ul',
        { class: 'links' },
        links.map(({ name, url }) => h('li', {}, externalLink(url, name))),
      ),
  );
}

const worstMarks: Readonly<Record<Report['worst']['severity'], string>> = { ...marks, info: 'i', none: marks.good };

function tilesOf(report: Report): Child[] {
  const { fleet, traffic, checks, hosts, gaps } = report;
  const quiet = areErrorsKnown(report) ? 'good' : 'unknown';
  const failing = hosts.filter((host) => host.errors > 0).length;
  return [
    fleetTile(fleet),
    trafficTile(traffic, quiet),
    findingsTile(checks),
    tile('#hosts', `${failing} of ${hosts.length}`, 'hosts with errors', failing > 0 ? 'error' : quiet),
    gaps.length > 0 && tile('#file', String(gaps.length), 'things not known, and why', 'unknown'),
  ];
}

function fleetTile({ groups, pods, nodesWithoutPod }: Report['fleet']): HTMLElement {
  const alike = groups[0]?.pods ?? 0;
  const nodes = nodesWithoutPod.length === 0 ? '' : `; ${count(nodesWithoutPod.length, 'node')} without a pod`;
  const isWhole = alike === pods.length && nodes === '';
  const tone = isWhole ? (pods.length > 0 ? 'good' : 'unknown') : 'error';
  return tile('#fleet', `${alike} of ${pods.length}`, `pods alike${nodes}`, tone);
}

function trafficTile(traffic: Report['traffic'], quiet: Tone): HTMLElement {
  if (!traffic) return tile('#time', 'not known', 'errors: no log could be read', 'unknown');
  const { errors, requests, connections } = traffic;
  const all = requests + connections;
  const what = `errors of ${number(all)} requests${connections > 0 ? ' and connections' : ''}`;
  return tile('#time', `${number(errors)} · ${share(errors, all)}`, what, errors > 0 ? 'error' : quiet);
}

function findingsTile(checks: Report['checks']): HTMLElement {
  const findings = checks.flatMap((check) => check.findings.filter(isShown));
  const countOf = (wanted: Severity): number => findings.filter(({ severity }) => severity === wanted).length;
  const [errors, warnings] = [countOf('error'), countOf('warning')];
  const unknown = checks.filter(({ outcome }) => outcome === 'not-evaluated').length;
  const what = [count(warnings, 'warning'), ...(unknown > 0 ? [`${unknown} not evaluated`] : [])].join(', ');
  const tone =
    errors > 0 ? 'error' : unknown > 0 || checks.length === 0 ? 'unknown' : warnings > 0 ? 'warning' : 'good';
  return tile('#findings', String(errors), `errors found, ${what}`, tone);
}

const tile = (href: string, value: string, what: string, tone: Tone): HTMLElement =>
  h(
    'li',
    { class: `tile ${tone}` },
    h(
      'a',
      { href },
      h('strong', {}, h('span', { class: 'mark', 'aria-hidden': 'true' }, marks[tone]), ' ', value),
      h('span', {}, what),
    ),
  );
