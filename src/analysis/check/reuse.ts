// HTTP/2 reuse: a browser that has a connection to one host uses it for every other host that the certificate is for,
// if the address is the same. Envoy chose the filter chain, and with it the routes, by the first host: the other one
// gets 404. Source: RFC 9113 §9.1.1; istio.io/latest/docs/ops/common-problems/network-issues (404 with several gateways
// and one certificate).

import type { HostCertificate } from '#model/host-certificate.ts';
import { chainOf } from '#model/host-certificate.ts';
import type { ObjectRef } from '#model/resource.ts';

export interface Reuse {
  readonly port: number;
  /** Names of the certificate that reach over to other Gateways. */
  readonly names: readonly string[];
  readonly hosts: readonly string[];
  readonly gateways: readonly ObjectRef[];
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly gateway: ObjectRef;
  readonly names: readonly string[];
}

/** By port and the names that do it: one for all certificates that are alike in that. */
export function connectionReuse(values: readonly HostCertificate[]): Reuse[] {
  const places = values.flatMap(placeOf);
  const covering = coveredBy(places);
  const pairs = places.flatMap((place) =>
    place.names.flatMap((name) => {
      const others = covering(place.port, name).filter(
        (other) => !isSame(other.gateway, place.gateway) && !isSame(other, place),
      );
      return others.map((other) => ({ place, other, name, key: `${place.port} ${name}` }));
    }),
  );
  return [...Map.groupBy(pairs, ({ key }) => key).values()].map((group) => {
    const all = group.flatMap(({ place, other }) => [place, other]);
    const gateways = new Map(all.map(({ gateway }) => [`${gateway.namespace}/${gateway.name}`, gateway]));
    return {
      port: all[0]?.port ?? 0,
      names: [...new Set(group.map(({ name }) => name))],
      hosts: [...new Set(all.map(({ host }) => host))].sort(),
      gateways: [...gateways.values()],
    };
  });
}

const isSame = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

function placeOf(value: HostCertificate): Place[] {
  const { host, port, gateway } = value;
  const [leaf] = chainOf(value);
  return host === undefined || port === undefined || !gateway || !leaf
    ? []
    : [{ host, port, gateway, names: leaf.dnsNames }];
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
