// HTTP/2 reuse: a browser that has a connection to one host uses it for every other host that the certificate is for,
// if the address is the same. Envoy chose the filter chain, and with it the routes, by the first host: the other one
// gets 404. Source: RFC 9113 §9.1.1; istio.io/latest/docs/ops/common-problems/network-issues (404 with several gateways
// and one certificate).

import { servesHost } from '#analysis/request/host-match.ts';
import { coversHost } from '#model/certificate.ts';
import type { HostCertificate } from '#model/host-certificate.ts';
import { chainOf } from '#model/host-certificate.ts';
import type { ObjectRef } from '#model/resource.ts';

export interface Reuse {
  /** SDS names of the certificates. */
  readonly secrets: readonly string[];
  /** Whether several Gateways name one of these very secrets. */
  readonly isShared: boolean;
  /** Names of the certificates that reach over to other Gateways. */
  readonly names: readonly string[];
  /** In order. */
  readonly hosts: readonly string[];
  readonly gateways: readonly ObjectRef[];
}

/** Of one certificate on one port. */
interface Reach {
  readonly secret: string;
  readonly isShared: boolean;
  readonly names: readonly string[];
  /** Where connections are opened, and what they are used for; some may stand there twice. */
  readonly places: readonly Place[];
}

interface Place {
  readonly host: string;
  /** Each host has one. */
  readonly number: number;
  readonly port: number;
  /** One object for each namespace and name. */
  readonly gateway: ObjectRef;
  /** The Gateway, or a listener of one of the Gateway API. */
  readonly owner: string;
  /** Tells it from another server of that Gateway. */
  readonly listener: string;
  /** All hosts of that server: it has the routes of each of them. */
  readonly together: readonly string[];
  readonly secret: string;
  readonly names: readonly string[];
  readonly isOwn: boolean;
  /** Of HTTP/1, a connection is used for its own host alone. */
  readonly isWithoutHttp2: boolean;
}

/**
 * Certificates with the same names that join the same hosts are one: a Gateway may have a copy of its own. With `isOwn`
 * only connections count that are opened or used for such a host, and certificates with the same names are one. Where all
 * Gateways of a large mesh have the same wildcard, there are as many pairs of hosts as squares: nothing is made for each.
 */
export function connectionReuse(
  values: readonly HostCertificate[],
  isOwn?: ((host: string) => boolean) | undefined,
): Reuse[] {
  const places = placesOf(values, isOwn ?? (() => true));
  const covering = coveredBy(places);
  // Clients open no connection where the certificate is for another host.
  const opened = places.filter(
    ({ host, names, isWithoutHttp2 }) => !isWithoutHttp2 && names.some((name) => coversHost(name, host)),
  );
  const byCertificate = Map.groupBy(opened, ({ port, secret }) => `${port} ${secret}`);
  const reaches = [...byCertificate.values()].flatMap((group) => reachOf(group, covering));
  const alike = Map.groupBy(reaches, (one) => JSON.stringify([one.names, isOwn ? '' : hostsKey(one)]));
  return [...alike.values()].map(joined);
}

/** None where it reaches no other Gateway, and no other server of its own. */
function reachOf(opened: readonly Place[], covering: Covering): Reach[] {
  const [{ secret }] = opened as [Place];
  const ways = opened
    .flatMap((place) =>
      place.names.map((name) => ({
        place,
        name,
        others: covering(place.port, name).filter((other) => isReached(other, place)),
      })),
    )
    .filter(({ others }) => others.length > 0);
  if (ways.length === 0) return [];
  return [
    {
      secret,
      isShared: ways.some(({ others }) => others.some((other) => other.secret === secret)),
      names: [...new Set(ways.map(({ name }) => name))],
      places: ways.flatMap(({ place, others }) => [place, ...others]),
    },
  ];
}

function joined(alike: readonly Reach[]): Reuse {
  const places = new Set<Place>();
  for (const one of alike) for (const place of one.places) places.add(place);
  return {
    secrets: alike.map(({ secret }) => secret),
    isShared: alike.some((one) => one.isShared),
    names: alike[0]?.names ?? [],
    hosts: [...new Set([...places].map(({ host }) => host))].sort(),
    gateways: [...new Set([...places].map(({ gateway }) => gateway))],
  };
}

const isReached = (other: Place, place: Place): boolean =>
  other.listener !== place.listener &&
  other.host !== place.host &&
  (place.isOwn || other.isOwn) &&
  !(other.owner === place.owner && place.together.some((host) => servesHost(host, other.host)));

/** Equal for the same hosts: a bit for each. */
function hostsKey({ places }: Reach): string {
  const bits: number[] = [];
  for (const { number } of places) bits[number >> 5] = (bits[number >> 5] ?? 0) | (1 << (number & 31));
  return bits.join();
}

function placesOf(values: readonly HostCertificate[], isOwn: (host: string) => boolean): Place[] {
  const gateways = new Map<string, ObjectRef>();
  const numbers = new Map<string, number>();
  const servers = new Map<string, string[]>();
  return values.flatMap((value) => {
    const { host, port, gateway, routeConfiguration, secret, isWithoutHttp2 = false } = value;
    const [leaf] = chainOf(value);
    if (host === undefined || port === undefined || !gateway || !leaf || secret === undefined) return [];
    const number = numbers.get(host) ?? numbers.size;
    numbers.set(host, number);
    const name = `${gateway.namespace}/${gateway.name}`;
    const known = gateways.get(name) ?? gateway;
    gateways.set(name, known);
    const owner = JSON.stringify(gateway);
    const listener = routeConfiguration === undefined ? owner : `${owner} ${routeConfiguration}`;
    const together = servers.get(listener) ?? [];
    servers.set(listener, together);
    together.push(host);
    const of = { owner, listener, together, gateway: known };
    return [{ host, number, port, ...of, secret, names: leaf.dnsNames, isOwn: isOwn(host), isWithoutHttp2 }];
  });
}

type Covering = (port: number, name: string) => readonly Place[];

/** The places whose host a certificate's name is for; a wildcard stands for one label. */
function coveredBy(places: readonly Place[]): Covering {
  const exact = Map.groupBy(places, ({ port, host }) => `${port} ${host}`);
  const belowDomain = places.filter(({ host }) => host.includes('.'));
  const byParent = Map.groupBy(belowDomain, ({ port, host }) => `${port} ${host.slice(host.indexOf('.') + 1)}`);
  return (port, name) => {
    const wanted = name.toLowerCase();
    if (!wanted.startsWith('*.')) return exact.get(`${port} ${wanted}`) ?? [];
    return byParent.get(`${port} ${wanted.slice(2)}`) ?? [];
  };
}
