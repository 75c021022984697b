// HTTP/2 reuse: a browser that has a connection to one host uses it for every other host that the certificate is for,
// if the address is the same. Envoy chose the filter chain, and with it the routes, by the first host: the other one
// gets 404. Source: RFC 9113 §9.1.1; istio.io/latest/docs/ops/common-problems/network-issues (404 with several gateways
// and one certificate).

import { coversHost } from '#model/certificate.ts';
import type { HostCertificate } from '#model/host-certificate.ts';
import { chainOf } from '#model/host-certificate.ts';
import type { ObjectRef } from '#model/resource.ts';

export interface Reuse {
  readonly port: number;
  /** SDS name of the certificate. */
  readonly secret: string;
  /** Whether several Gateways name this very secret. */
  readonly isShared: boolean;
  /** Names of the certificate that reach over to other Gateways. */
  readonly names: readonly string[];
  readonly hosts: readonly string[];
  readonly gateways: readonly ObjectRef[];
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly gateway: ObjectRef;
  readonly secret: string;
  readonly names: readonly string[];
}

/** One for each certificate on each port. `isOwn`: only connections that are opened or used for such a host. */
export function connectionReuse(
  values: readonly HostCertificate[],
  isOwn: (host: string) => boolean = () => true,
): Reuse[] {
  const places = values.flatMap(placeOf);
  const covering = coveredBy(places);
  // Clients open no connection where the certificate is for another host.
  const opened = places.filter(({ host, names }) => names.some((name) => coversHost(name, host)));
  const pairs = opened.flatMap((place) =>
    place.names.flatMap((name) => {
      const others = covering(place.port, name).filter(
        (other) =>
          !isSame(other.gateway, place.gateway) &&
          other.host !== place.host &&
          (isOwn(place.host) || isOwn(other.host)),
      );
      return others.map((other) => ({ place, other, name, key: `${place.port} ${place.secret}` }));
    }),
  );
  return [...Map.groupBy(pairs, ({ key }) => key).values()].map((group) => {
    const all = group.flatMap(({ place, other }) => [place, other]);
    const gateways = new Map(all.map(({ gateway }) => [`${gateway.namespace}/${gateway.name}`, gateway]));
    const { port = 0, secret = '' } = group[0]?.place ?? {};
    return {
      port,
      secret,
      isShared: group.some(({ other }) => other.secret === secret),
      names: [...new Set(group.map(({ name }) => name))],
      hosts: [...new Set(all.map(({ host }) => host))].sort(),
      gateways: [...gateways.values()],
    };
  });
}

const isSame = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

function placeOf(value: HostCertificate): Place[] {
  const { host, port, gateway, secret } = value;
  const [leaf] = chainOf(value);
  return host === undefined || port === undefined || !gateway || !leaf || secret === undefined
    ? []
    : [{ host, port, gateway, secret, names: leaf.dnsNames }];
}

/** The places whose host a certificate's name is for; a wildcard stands for one label. */
function coveredBy(places: readonly Place[]): (port: number, name: string) => readonly Place[] {
  const exact = Map.groupBy(places, ({ port, host }) => `${port} ${host}`);
  const byParent = Map.groupBy(places, ({ port, host }) => `${port} ${host.slice(host.indexOf('.') + 1)}`);
  return (port, name) => {
    const wanted = name.toLowerCase();
    if (!wanted.startsWith('*.')) return exact.get(`${port} ${wanted}`) ?? [];
    return (byParent.get(`${port} ${wanted.slice(2)}`) ?? []).filter(({ host }) => host.includes('.'));
  };
}
