// What happened to a gateway, in the order of time.

/**
 * `connection`: a pod came to istiod, or went; `push`: istiod sent it something; `configuration`: Envoy took an update;
 * `rejection`: it refused one; `object`: somebody wrote to the API server; `event`: of Kubernetes; `pod`: it started;
 * `certificate`: valid from then on; `errors`: the first of many alike.
 */
export const momentKinds = [
  'connection',
  'push',
  'configuration',
  'rejection',
  'object',
  'event',
  'pod',
  'certificate',
  'errors',
] as const;

export type MomentKind = (typeof momentKinds)[number];

export interface Moment {
  /** RFC 3339 in UTC. */
  readonly at: string;
  /** The last of several that are one line; undefined where there is one. */
  readonly until: string | undefined;
  readonly kind: MomentKind;
  readonly what: string;
  /** Who: a manager of fields, the component that told it. */
  readonly by: string | undefined;
  /** Names of gateway pods; empty where it is about none of them. */
  readonly pods: readonly string[];
  /** How often: events, requests. */
  readonly count: number | undefined;
}

const mostNames = 3;

/** `cluster a`, `5 clusters: a, b, c and 2 more`; `names` are sorted. */
export function describeNames(kind: string, names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  const more = names.length - mostNames;
  return names.length === 1
    ? `${kind} ${shown}`
    : `${names.length} ${kind}s: ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

export const compareMoments = (a: Moment, b: Moment): number =>
  Date.parse(a.at) - Date.parse(b.at) || momentKinds.indexOf(a.kind) - momentKinds.indexOf(b.kind);
