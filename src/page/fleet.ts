// The fleet as squares: a letter and a colour for each configuration, and one for each node without a pod.

import { count } from '#core/phrase.ts';
import type { FleetPod, Report } from '#model/report.ts';
import { h, hidden, section } from './dom.ts';
import { marks, number } from './words.ts';

export function fleetSection({ fleet }: Report): HTMLElement {
  const { groups, pods, nodesWithoutPod } = fleet;
  const silent = pods.filter(({ group }) => group === undefined).length;
  const unwell = pods.filter(isUnwell).length;
  return section(
    'fleet',
    'Fleet',
    h(
      'ul',
      { class: 'squares' },
      pods.map(square),
      nodesWithoutPod.map(({ node, reason }) =>
        h(
          'li',
          { class: 'square none', title: `${node}: no pod, ${reason}` },
          '–',
          hidden(` ${node}: no pod, ${reason}`),
        ),
      ),
    ),
    h(
      'ul',
      { class: 'plain legend' },
      groups.map(({ pods: n, differs, fingerprint }, index) =>
        h(
          'li',
          {},
          h('span', { class: `square ${colour(index)}`, 'aria-hidden': 'true' }, letter(index)),
          h(
            'span',
            {},
            `${letter(index)}: ${count(n, 'pod')}, configuration ${fingerprint}`,
            differs === undefined ? (index === 0 ? ', what most pods serve' : '') : `: ${differs}`,
          ),
        ),
      ),
      silent > 0 &&
        h(
          'li',
          {},
          h('span', { class: 'square silent', 'aria-hidden': 'true' }, '?'),
          `${count(silent, 'pod')} did not answer`,
        ),
      nodesWithoutPod.map(({ node, reason }) =>
        h('li', {}, h('span', { class: 'square none', 'aria-hidden': 'true' }, '–'), `${node} has no pod: ${reason}`),
      ),
      unwell > 0 &&
        h(
          'li',
          {},
          h('span', { class: 'square bad', 'aria-hidden': 'true' }, marks.error),
          `${count(unwell, 'pod')} not ready, or not in sync with istiod`,
        ),
    ),
    podTable(pods),
  );
}

const isUnwell = ({ isOutOfSync, isReady }: FleetPod): boolean => isOutOfSync || !isReady;

const letter = (group: number): string => (group < 26 ? String.fromCharCode(65 + group) : number(group + 1));

/** Colours repeat; letters do not. */
const colour = (group: number): string => (group === 0 ? 'g0' : `g${((group - 1) % 5) + 1}`);

function square(pod: FleetPod): HTMLElement {
  const { name, node, group, sync, isReady, failure } = pod;
  const isBad = isUnwell(pod);
  const what = `${name} on ${node ?? 'no node'}: ${failure ?? sync}${isReady ? '' : ', not ready'}`;
  return h(
    'li',
    {
      class: `square ${group === undefined ? 'silent' : colour(group)} ${isBad ? 'bad' : ''}`,
      title: what,
    },
    group === undefined ? '?' : letter(group),
    isBad && h('span', { class: 'flag', 'aria-hidden': 'true' }, marks.error),
    hidden(` ${what}`),
  );
}

function podTable(pods: readonly FleetPod[]): HTMLElement {
  return h(
    'details',
    { class: 'more', open: pods.length <= 10 },
    h('summary', {}, `Every pod (${pods.length})`),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Every pod' },
      h(
        'table',
        { class: 'pods' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Pod', 'Node', 'Configuration', 'Istio (Envoy)', 'istiod', 'Ready'].map((title) =>
              h('th', { scope: 'col' }, title),
            ),
            h('th', { scope: 'col', class: 'num' }, 'Restarts'),
          ),
        ),
        h('tbody', {}, pods.map(podRow)),
      ),
    ),
  );
}

const podRow = ({ name, node, group, version, sync, isOutOfSync, isReady, restarts, failure }: FleetPod): HTMLElement =>
  h(
    'tr',
    {},
    h('th', { scope: 'row' }, name),
    h('td', {}, node ?? '—'),
    h('td', {}, group === undefined ? `not known: ${failure ?? 'no answer'}` : letter(group)),
    h('td', {}, version ?? '—'),
    h('td', { class: isOutOfSync ? 'error' : '' }, isOutOfSync && '✗ ', sync),
    h('td', {}, isReady ? 'yes' : h('span', { class: 'error' }, '✗ no')),
    h('td', { class: 'num' }, number(restarts)),
  );
