// Every host: a line to search and to open. What is inside is made when it is opened.

import { count } from '#core/phrase.ts';
import {
  areErrorsKnown,
  type Destination,
  type Report,
  type ReportCertificate,
  type ReportHost,
  type Way,
} from '#model/report.ts';
import { breakable, type Child, h, hidden, section } from './dom.ts';
import { marks, number, onPods, share, shortCluster, type Tone, utc } from './words.ts';

/** More are shown on demand: a search looks at all of them. */
const mostHosts = 100;

export function hostsSection(report: Report): HTMLElement {
  const lines = report.hosts.map((host) => new HostLine(host, report));
  const list = h('div', { class: 'hosts' });
  const said = h('p', { class: 'note', 'aria-live': 'polite' });
  const more = h('button', { type: 'button' });
  const { element: controls, ...asked } = hostControls();
  let most = mostHosts;
  const fill = (): void => {
    const chosen = chosenOf(lines, asked);
    list.replaceChildren(...chosen.slice(0, most).map((line) => line.element()));
    more.hidden = chosen.length <= most;
    more.textContent = `Show all ${chosen.length}`;
    const all = count(lines.length, 'host');
    said.textContent = chosen.length === lines.length ? all : `${chosen.length} of ${all}`;
  };
  const showAll = (): void => {
    most = Number.POSITIVE_INFINITY;
    fill();
  };
  more.addEventListener('click', showAll);
  window.addEventListener('beforeprint', showAll);
  for (const event of ['input', 'change']) controls.addEventListener(event, fill);
  fill();
  const titles = ['Host', 'Certificate', 'Leads to', 'Endpoints', 'Requests', 'Errors'];
  return section(
    'hosts',
    'Hosts',
    controls,
    said,
    h(
      'div',
      { class: 'host-head', 'aria-hidden': 'true' },
      titles.map((title) => h('span', {}, title)),
    ),
    list,
    more,
  );
}

interface HostControls {
  readonly search: HTMLInputElement;
  readonly onlyWrong: HTMLInputElement;
  readonly order: HTMLSelectElement;
}

function hostControls(): HostControls & { readonly element: HTMLElement } {
  const placeholder = 'host, service, Secret, VirtualService';
  const search = h('input', { type: 'search', id: 'search', placeholder, autocomplete: 'off' });
  const onlyWrong = h('input', { type: 'checkbox', id: 'only-wrong' });
  const order = h(
    'select',
    { id: 'order' },
    orders.map(([name], index) => h('option', { value: String(index) }, name)),
  );
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    event.preventDefault();
    search.focus();
  });
  const element = h(
    'div',
    { class: 'bar controls', role: 'search' },
    h('label', { for: 'search' }, 'Search ', h('kbd', {}, '/')),
    search,
    h('label', { class: 'check' }, onlyWrong, 'only those with something wrong'),
    h('label', { for: 'order' }, 'Order'),
    order,
  );
  return { search, onlyWrong, order, element };
}

function chosenOf(lines: readonly HostLine[], { search, onlyWrong, order }: HostControls): HostLine[] {
  const words = search.value.toLowerCase().split(/\s+/);
  const compare = orders[Number(order.value)]?.[1] ?? byName;
  return lines
    .filter(
      (line) => words.every((word) => line.searched.includes(word)) && (!onlyWrong.checked || line.tone !== 'good'),
    )
    .sort((a, b) => compare(a.host, b.host));
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;

type Compare = (a: ReportHost, b: ReportHost) => number;

const byName: Compare = (a, b) => (a.name < b.name ? -1 : 1);
const daysOf = ({ certificates }: ReportHost): number =>
  Math.min(Number.POSITIVE_INFINITY, ...certificates.flatMap(({ daysLeft }) => daysLeft ?? []));

const orders: readonly (readonly [name: string, compare: Compare])[] = [
  ['most errors first', (a, b) => b.errors - a.errors || b.requests - a.requests || byName(a, b)],
  ['most requests first', (a, b) => b.requests - a.requests || byName(a, b)],
  ['certificate that ends first', (a, b) => (daysOf(a) === daysOf(b) ? byName(a, b) : daysOf(a) - daysOf(b))],
  ['by name', byName],
];

/** Its element is made when it is first shown, and what is inside of that when it is opened. */
class HostLine {
  readonly host: ReportHost;
  readonly tone: Tone;
  /** What a search looks at, in lower case. */
  readonly searched: string;
  readonly #report: Report;
  #element: HTMLElement | undefined;

  constructor(host: ReportHost, report: Report) {
    this.host = host;
    this.#report = report;
    this.tone = toneOf(host, report);
    this.searched = [
      host.name,
      ...host.certificates.flatMap(({ secret }) => secret ?? []),
      ...host.routes.map(({ object }) => object),
      ...host.destinations.map(({ cluster }) => `${cluster} ${shortCluster(cluster)}`),
    ]
      .join('\n')
      .toLowerCase();
  }

  element(): HTMLElement {
    this.#element ??= this.#make();
    return this.#element;
  }

  #make(): HTMLElement {
    const inside = h('div', { class: 'inside' });
    const made = h('details', { class: `host ${this.tone}` }, summaryOf(this.host, this.tone, this.#report), inside);
    made.addEventListener('toggle', () => {
      if (made.open && inside.childElementCount === 0) inside.append(...insideOf(this.host, this.#report));
    });
    return made;
  }
}

function toneOf({ certificates, destinations, errors, isServed }: ReportHost, report: Report): Tone {
  const problems = certificates.flatMap((certificate) => certificate.problems);
  const isDown = destinations.some(({ endpoints }) => endpoints.some(({ healthy }) => healthy === 0));
  if (errors > 0 || isDown || problems.some(({ severity }) => severity === 'error')) return 'error';
  if (!isServed || problems.some(({ severity }) => severity === 'warning')) return 'warning';
  return areErrorsKnown(report) ? 'good' : 'unknown';
}

const toneWords: Readonly<Record<Tone, string>> = {
  error: 'something is wrong',
  warning: 'worth a look',
  unknown: 'whether its requests failed is not known',
  good: 'nothing is wrong',
};

function summaryOf(host: ReportHost, tone: Tone, { traffic }: Report): HTMLElement {
  const { name, requests, errors, destinations, isServed } = host;
  const cell = (label: string, kind: string, ...children: readonly Child[]): HTMLElement =>
    h('span', { class: kind, 'data-label': label }, hidden(`${label}: `), ...children);
  return h(
    'summary',
    {},
    h(
      'span',
      { class: 'name' },
      h('span', { class: 'mark', 'aria-hidden': 'true' }, marks[tone]),
      h('span', { class: 'text' }, breakable(name)),
      hidden(`, ${toneWords[tone]}. `),
    ),
    cell('Certificate', 'cert', certificateWords(host)),
    cell(
      'Leads to',
      'to',
      isServed
        ? breakable(destinations.map(({ cluster }) => shortCluster(cluster)).join(', ') || '—')
        : 'not served here',
    ),
    cell('Endpoints', 'ends', endpointWords(destinations)),
    cell('Requests', 'num', traffic ? number(requests) : 'not known'),
    cell('Errors', 'num errors', errorBar(requests, errors, traffic !== undefined)),
  );
}

function errorBar(requests: number, errors: number, isKnown: boolean): Child {
  if (!isKnown || requests === 0) return h('span', { class: 'none' }, isKnown ? '—' : 'not known');
  const width = Math.max(errors > 0 ? 3 : 0, Math.round((100 * errors) / requests));
  const bar = h('span', { class: 'share', 'aria-hidden': 'true' }, h('span', {}));
  (bar.firstElementChild as HTMLElement).style.width = `${width}%`;
  return [bar, h('span', {}, number(errors)), h('span', {}, ` · ${share(errors, requests)}`)];
}

function certificateWords({ certificates }: ReportHost): Child {
  if (certificates.length === 0) return '—';
  const days = certificates.flatMap(({ daysLeft }) => daysLeft ?? []);
  const bad = certificates.flatMap(({ problems }) => problems).find(({ severity }) => severity !== 'info');
  const text =
    days.length === 0
      ? certificates.some(({ outcome }) => outcome === 'passthrough')
        ? 'the service has its own'
        : 'none'
      : daysWords(Math.min(...days));
  return bad === undefined ? text : h('span', { class: bad.severity }, `${problemMarks[bad.severity]} ${text}`);
}

const problemMarks = { ...marks, info: 'i' } as const;

const daysWords = (days: number): string =>
  days < 0 ? `expired ${count(-days, 'day')} ago` : `${count(days, 'day')} left`;

function endpointWords(destinations: readonly Destination[]): Child {
  if (destinations.length === 0) return '—';
  return destinations.map(({ endpoints }, index) => {
    const least = endpoints.toSorted((a, b) => a.healthy - b.healthy)[0];
    const text = least ? `${least.healthy}/${least.of}` : 'not known';
    return [index > 0 && ', ', h('span', { class: least?.healthy === 0 ? 'error' : '' }, text)];
  });
}

function insideOf(
  { certificates, routes, destinations, ways, requests, isServed }: ReportHost,
  { fleet }: Report,
): HTMLElement[] {
  const pods = fleet.pods.length;
  return [
    ...(isServed
      ? []
      : [h('p', {}, 'No virtual host and no certificate is for this host: clients asked for it all the same.')]),
    ...(certificates.length > 0
      ? [
          h('h3', {}, 'Certificate'),
          h(
            'ul',
            {},
            certificates.map((one) => certificateLine(one, pods)),
          ),
        ]
      : []),
    ...(routes.length > 0
      ? [h('h3', {}, 'Routes, in the order in which they are tried'), routeList(routes, pods)]
      : []),
    ...(destinations.length > 0
      ? [
          h('h3', {}, 'Endpoints'),
          h(
            'ul',
            {},
            destinations.map((one) => destinationLine(one, pods)),
          ),
        ]
      : []),
    ...(ways.length > 0
      ? [h('h3', {}, 'What happens to its commonest requests'), ...ways.map(wayOf)]
      : [
          h(
            'p',
            { class: 'note' },
            requests > 0
              ? 'Its requests are not among those that were explained.'
              : 'No request for it is in the logs.',
          ),
        ]),
  ];
}

function certificateLine(
  { port, secret, serial, issuer, notAfter, daysLeft, outcome, pods, problems }: ReportCertificate,
  all: number,
): HTMLElement {
  const what =
    outcome === 'passthrough'
      ? 'passed through: the service has its own'
      : notAfter === undefined
        ? 'none'
        : `until ${utc(notAfter)}, ${daysWords(daysLeft ?? 0)}`;
  const parts = [
    ...(port === undefined ? [] : [`port ${port}`]),
    what,
    ...(secret === undefined ? [] : [secret]),
    ...(serial === undefined ? [] : [`serial ${serial}`]),
    ...(issuer === undefined ? [] : [`issued by ${issuer}`]),
    ...[onPods(pods, all)].filter((text) => text !== ''),
  ];
  return h(
    'li',
    {},
    parts.join(' · '),
    problems.length > 0 &&
      h(
        'ul',
        {},
        problems.map(({ severity, text }) =>
          h('li', { class: severity }, h('span', { class: 'badge' }, severity), ' ', text),
        ),
      ),
  );
}

const routeList = (routes: ReportHost['routes'], all: number): HTMLElement =>
  h(
    'ol',
    {},
    routes.map(({ match, action, object, pods }) =>
      h(
        'li',
        {},
        h('code', {}, match),
        ` → ${action}`,
        object !== '' && h('span', { class: 'by' }, ` · ${object}`),
        pods.length < all && h('span', { class: 'where' }, ` · ${onPods(pods, all)}`),
      ),
    ),
  );

const destinationLine = ({ cluster, endpoints }: Destination, all: number): HTMLElement =>
  h(
    'li',
    {},
    h('code', {}, cluster),
    ': ',
    endpoints.map(({ healthy, of, pods }, index) => [
      index > 0 && '; ',
      h('span', { class: healthy === 0 ? 'error' : '' }, `${healthy} of ${of} healthy`),
      endpoints.length > 1 && ` ${onPods(pods, all)}`,
    ]),
  );

const wayOf = ({ requests, lines }: Way): HTMLElement =>
  h(
    'div',
    { class: 'way' },
    requests.map(({ method, url, count: n, errors }) =>
      h('p', {}, h('strong', {}, `${method} ${url}`), ` · ${count(n, 'request')}, ${count(errors, 'error')}`),
    ),
    h(
      'pre',
      { tabindex: '0', role: 'region', 'aria-label': `The way of ${requests.map(({ url }) => url).join(', ')}` },
      lines.join('\n'),
    ),
  );
