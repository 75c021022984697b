// Which requests of an access log would be answered otherwise after a change of the configuration.

import { canonicalJson } from '#core/canonical-json.ts';
import { compareText } from '#core/compare.ts';
import { copied, memoizeByIdentity } from '#core/memoize.ts';
import { isOverHttp3 } from '#model/access-log.ts';
import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';
import type { Answering, TrafficChange, TrafficTotals } from '#model/preview.ts';
import { answeringClusters, type Route } from '#model/route.ts';
import {
  type AnsweringConfiguration,
  answerAt,
  type LoggedAnswer,
  type LoggedPlace,
  type LoggedRequest,
  loggedPlaces,
  portOf,
} from './logged-answer.ts';
import type { PossibleRoute } from './logged-route.ts';

export interface JudgedConfiguration extends AnsweringConfiguration {
  /** Names of those that are there. */
  readonly clusters: ReadonlySet<string>;
}

/** Verdicts on requests alike are kept; beyond this number all are forgotten, so that memory stays flat. */
const remembered = 20_000;
const mostExamples = 3;
const mostHidden = 20;

interface Counted {
  requests: number;
}

interface Otherwise extends Counted {
  readonly before: Answering;
  readonly after: Answering;
  readonly of: Counted;
  readonly examples: Set<string>;
}

/** What is counted up for each request like one. */
type Verdict = readonly Counted[];

export class TrafficJudge {
  readonly #before: (request: LoggedRequest) => LoggedPlace;
  readonly #after: (request: LoggedRequest) => LoggedPlace;
  readonly #hasSameClusters: boolean;
  readonly #toldBefore: Tell;
  readonly #toldAfter: Tell;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #answered = new Map<string, Counted>();
  readonly #otherwise = new Map<string, Otherwise>();
  readonly #hidden = new Set<string>();
  readonly #all: Counted = { requests: 0 };
  readonly #undecided: Counted = { requests: 0 };

  /** `headersOf`: what a route does to headers, which its model does not have; the same text where it is the same. */
  constructor(before: JudgedConfiguration, after: JudgedConfiguration, headersOf: (route: Route) => string) {
    this.#before = loggedPlaces(before);
    this.#after = loggedPlaces(after);
    this.#toldBefore = teller(before.clusters, headersOf);
    this.#toldAfter = teller(after.clusters, headersOf);
    this.#hasSameClusters =
      before.clusters.size === after.clusters.size && [...before.clusters].every((name) => after.clusters.has(name));
  }

  add(request: LoggedRequest): void {
    const { authority, path, method, serverName } = request;
    const key = `${method} ${authority} ${path} ${serverName} ${isOverHttp3(request)} ${portOf(request)}`;
    const verdict = this.#verdicts.get(key) ?? this.#judged(key, request);
    for (const counted of verdict) counted.requests++;
  }

  changes(): TrafficChange[] {
    return [...this.#otherwise.values()]
      .map(({ before, after, requests, of, examples }) => ({
        type: 'traffic' as const,
        before,
        after,
        requests,
        of: of.requests,
        examples: [...examples].sort(),
      }))
      .sort((a, b) => b.requests - a.requests || compareText(nameOf(a), nameOf(b)));
  }

  totals(): Pick<TrafficTotals, 'requests' | 'otherwise' | 'undecided' | 'undecidedBy'> {
    const otherwise = [...this.#otherwise.values()].reduce((sum, { requests }) => sum + requests, 0);
    return {
      requests: this.#all.requests,
      otherwise,
      undecided: this.#undecided.requests,
      undecidedBy: [...this.#hidden].sort(),
    };
  }

  #judged(key: string, request: LoggedRequest): Verdict {
    const verdict = [this.#all, ...this.#verdictOn(request)];
    if (this.#verdicts.size >= remembered) this.#verdicts.clear();
    this.#verdicts.set(copied(key), verdict);
    return verdict;
  }

  #verdictOn(request: LoggedRequest): Verdict {
    const [before, after] = [this.#before(request), this.#after(request)];
    const answer = answerAt(before, request);
    // It has been answered, so the line lacks the server name, or is older than the configuration.
    if (answer.kind === 'closed') return this.#undecidedBy(['the filter chain that took them']);
    const was = this.#toldBefore(answer);
    // Most hosts are not touched.
    if (before === after && this.#hasSameClusters) return [this.#answeredBy(was.by)];
    const becomes = this.#toldAfter(before === after ? answer : answerAt(after, request));
    if (was.content !== undefined && was.content === becomes.content) return [this.#answeredBy(was.by)];
    const hidden = [...was.hidden, ...becomes.hidden];
    return hidden.length === 0 ? this.#changed(was, becomes, request) : this.#undecidedBy(hidden);
  }

  #undecidedBy(hidden: readonly string[]): Verdict {
    for (const name of hidden) if (this.#hidden.size < mostHidden) this.#hidden.add(name);
    return [this.#undecided];
  }

  #changed(was: Told, becomes: Told, request: LoggedRequest): Verdict {
    const isSame = sameAnswering(was.by, becomes.by);
    const after = isSame ? { ...becomes.by, name: `${becomes.by.name} by a route of other settings` } : becomes.by;
    const key = nameOf({ before: was.by, after });
    const of = this.#answeredBy(was.by);
    const known = this.#otherwise.get(key) ?? { before: was.by, after, requests: 0, of, examples: new Set() };
    this.#otherwise.set(key, known);
    if (known.examples.size < mostExamples) known.examples.add(copied(exampleOf(request)));
    return [of, known];
  }

  #answeredBy({ by, name }: Answering): Counted {
    const key = `${by} ${name}`;
    const known = this.#answered.get(key) ?? { requests: 0 };
    this.#answered.set(key, known);
    return known;
  }
}

/** The query may be long, and somebody's own. */
const exampleOf = ({ method = 'GET', authority = '', path = '/' }: LoggedRequest): string =>
  `${method} ${authority}${path.replace(/[?#].*$/s, '')}`;

const sameAnswering = (a: Answering, b: Answering): boolean => a.by === b.by && a.name === b.name;

const nameOf = ({ before, after }: Pick<Otherwise, 'before' | 'after'>): string => `${before.name} → ${after.name}`;

interface Told {
  readonly by: Answering;
  /** Two answers alike have the same; undefined where nobody can say what it is. */
  readonly content: string | undefined;
  /** What the log does not show and decides. */
  readonly hidden: readonly string[];
}

type Tell = (answer: LoggedAnswer) => Told;

/** `clusters`: those that are there. */
function teller(clusters: ReadonlySet<string>, headersOf: (route: Route) => string): Tell {
  const toldOf = memoizeByIdentity<Route, ToldRoute>(
    (route) => route,
    (route) => {
      const by = answeringOf(route, clusters);
      return { by, content: `${contentOf(route)} ${headersOf(route)} ${by.name}` };
    },
  );
  return (answer) => {
    switch (answer.kind) {
      case 'closed':
        return plain(gateway('a closed connection'));
      case 'no-route':
        return plain(gateway('404'));
      case 'to-tls':
        return plain(gateway('a redirect to https'));
      case 'connection':
        return plain(services(answer.clusters, clusters));
      case 'unknown':
        return { by: gateway('what this tool cannot tell'), content: undefined, hidden: [answer.by] };
      case 'routes':
        return ofRoutes(answer.possible, toldOf);
    }
  };
}

const plain = (by: Answering): Told => ({ by, content: by.name, hidden: [] });

interface ToldRoute {
  readonly by: Answering;
  readonly content: string;
}

function ofRoutes(possible: readonly PossibleRoute[], toldOf: (route: Route) => ToldRoute): Told {
  const told = possible.map(({ route, hidden }) => ({ ...toldOf(route), hidden }));
  const isService = told.every(({ by }) => by.by === 'service');
  return {
    by: { by: isService ? 'service' : 'gateway', name: [...new Set(told.map(({ by }) => by.name))].join(' or ') },
    content: told.map(({ hidden, content }) => `${hidden.join()} ${content}`).join('\n'),
    hidden: told.flatMap(({ hidden }) => hidden),
  };
}

const gateway = (name: string): Answering => ({ by: 'gateway', name });

function answeringOf({ action }: Route, clusters: ReadonlySet<string>): Answering {
  if (action.kind === 'redirect') return gateway(`a redirect (${action.code})`);
  if (action.kind === 'direct-response') return gateway(`its own answer (${action.code})`);
  const names = answeringClusters(action);
  return names.length === 0 ? gateway('what this tool cannot tell') : services(names, clusters);
}

function services(names: readonly string[], clusters: ReadonlySet<string>): Answering {
  const missing = names.filter((name) => !clusters.has(name));
  if (missing.length > 0) return gateway(`503, as ${missing.map(serviceText).join(' and ')} is not there`);
  return { by: 'service', name: names.map(serviceText).join(' and ') };
}

function serviceText(cluster: string): string {
  const name = parseClusterName(cluster);
  if (!name) return cluster;
  const service = serviceOfFqdn(name.fqdn);
  const subset = name.subset === '' ? '' : ` (${name.subset})`;
  return `${service ? `${service.namespace}/${service.name}` : name.fqdn}:${name.port}${subset}`;
}

/** What a client or a service can notice; what the route is called, and where it comes from, is not. */
const contentOf = ({ action, fault, preflight }: Route): string =>
  canonicalJson({ action: action.kind === 'forward' ? { ...action, hashPolicies: 0 } : action, fault, preflight });
