// What `routes` has to say of a pod, by `istioctl proxy-config routes POD -o json`.

import { isDeepStrictEqual } from 'node:util';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../../support/schema.ts';
import { type Gateway, istioctlJson, kii, kiiJson } from './cluster.ts';

interface EnvoyRoute {
  readonly match: {
    readonly prefix?: string;
    readonly path?: string;
    readonly safeRegex?: { readonly regex: string };
    readonly headers?: readonly object[];
  };
  readonly route?: {
    readonly cluster?: string;
    readonly weightedClusters?: { readonly clusters: readonly { readonly name: string; readonly weight: number }[] };
  };
  readonly redirect?: { readonly pathRedirect: string; readonly responseCode?: string };
  readonly metadata: { readonly filterMetadata: { readonly istio: { readonly config: string } } };
}

interface EnvoyRouteConfiguration {
  /**
   * Missing for what Envoy made of the bootstrap: the doors for Prometheus and the readiness probe, which `routes`
   * leaves out.
   */
  readonly name?: string;
  readonly virtualHosts?: readonly {
    readonly name: string;
    readonly domains: readonly string[];
    readonly requireTls?: string;
    readonly routes?: readonly EnvoyRoute[];
  }[];
}

/** One line of words for each route; its place among the routes of the virtual host is in it. */
function expectedRows(pod: string): readonly string[] {
  const configurations = istioctlJson<readonly EnvoyRouteConfiguration[]>('routes', pod).filter(
    ({ name }) => name !== undefined,
  );
  // A listener that drains keeps a route configuration without any.
  const rows = configurations.flatMap(({ name, virtualHosts = [] }) =>
    virtualHosts.flatMap(({ name: host, domains, requireTls, routes = [] }) => {
      const place = [name, host, [...domains].sort().join(), requireTls ?? 'NONE'].join(' ');
      return routes.length === 0
        ? [`${place} no route`]
        : routes.map((route, index) => `${place} ${index + 1} ${expectedRoute(route)}`);
    }),
  );
  return rows.sort();
}

function expectedRoute({ match, route, redirect, metadata }: EnvoyRoute): string {
  const path = match.prefix ?? match.path ?? match.safeRegex?.regex;
  const clusters = route?.weightedClusters?.clusters.map(({ name, weight }) => `${weight} ${name}`) ?? [route?.cluster];
  const action = redirect === undefined ? clusters.join() : `${redirect.responseCode ?? 301} ${redirect.pathRedirect}`;
  const [, owner, name] = /namespaces\/(.*)\/virtual-service\/(.*)$/.exec(metadata.filterMetadata.istio.config) ?? [];
  return `${path} ${match.headers?.length ?? 0} headers ${action} ${owner}/${name}`;
}

interface Row {
  readonly routeConfiguration: string;
  readonly virtualHost: string;
  readonly domains: readonly string[];
  readonly requireTls: string;
  readonly route?: {
    readonly position: number;
    readonly match: { readonly path: { readonly value: string }; readonly headers: readonly object[] };
    readonly action: {
      readonly to?: {
        readonly cluster?: string;
        readonly clusters?: readonly { readonly cluster: string; readonly weight: number }[];
      };
      readonly code?: number;
      readonly path?: string;
    };
    readonly from: { readonly namespace: string; readonly name: string };
  };
  readonly pods: readonly string[];
}

function actualRow({ routeConfiguration, virtualHost, domains, requireTls, route }: Row): string {
  const place = [routeConfiguration, virtualHost, [...domains].sort().join(), requireTls.toUpperCase()].join(' ');
  if (route === undefined) return `${place} no route`;
  const { position, match, action, from } = route;
  const clusters = action.to?.clusters?.map(({ cluster, weight }) => `${weight} ${cluster}`) ?? [action.to?.cluster];
  const target = action.to === undefined ? `${action.code} ${action.path}` : clusters.join();
  return `${place} ${position} ${match.path.value} ${match.headers.length} headers ${target} ${from.namespace}/${from.name}`;
}

/** Every pod's routes in `routes -o json` are what istioctl has of that pod; returns the document. */
export async function routesAreIstioctls(gateways: readonly Gateway[]): Promise<{ readonly items: readonly Row[] }> {
  const document = await kiiJson<{ readonly complete: boolean; readonly items: readonly Row[] }>(['routes']);
  assert.equal(schemaErrors(document), []);
  assert.is(document.complete, true);
  for (const { pod } of gateways) {
    const rows = document.items.filter(({ pods }) => pods.includes(pod)).map(actualRow);
    assert.ok(rows.length > 20);
    assert.equal(rows.sort(), expectedRows(pod), pod);
  }
  return document;
}

/**
 * `-o envoy` of one pod is istioctl's own JSON. Envoy lists what is in its hash tables in any order, and so differently
 * each time it is asked.
 */
export async function envoyOutputIsIstioctls(
  kind: 'routes' | 'secrets' | 'listeners' | 'clusters',
  { pod }: Gateway,
  ...flags: readonly string[]
): Promise<void> {
  const { code, out } = await kii(kind, '--pod', pod, '-o', 'envoy', ...flags);
  assert.is(code, 0);
  const [ours, theirs] = [JSON.parse(out), istioctlJson<unknown>(kind, pod)].map(elements);
  assert.ok(ours && theirs && theirs.length > 5);
  assert.is(ours.length, theirs.length);
  for (const element of ours)
    assert.ok(
      theirs.some((other) => isDeepStrictEqual(element, other)),
      JSON.stringify(element).slice(0, 200),
    );
}

/** Route configurations stand in an array; secrets in those of an object, by state. */
function elements(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return Object.entries(value as Record<string, readonly unknown[]>).flatMap(([state, list]) =>
    list.map((element) => ({ state, element })),
  );
}
