// `wait --for`: reads conditions, and says why a condition does not hold on a pod.

import { servesHost } from '#analysis/request/host-match.ts';
import { matchesPath } from '#analysis/request/path-match.ts';
import { ToolError } from '#core/error.ts';
import { coversHost, plainSerial, validityAt } from '#model/certificate.ts';
import type { Served } from '#model/host-certificate.ts';
import type { RouteMatch } from '#model/match.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import type { RouteConfiguration } from '#model/route.ts';
import { openTypes, type PodSync } from '#model/sync.ts';
import type { Condition } from '#model/waiting.ts';

const forms = 'synced, route=HOST/PATH, cert=HOST[:PORT][=SERIAL], version=V, or absent: before one of the last three';

/** Throws `usage` for what is no condition. */
export function readCondition(text: string): Condition {
  const isAbsent = text.startsWith('absent:');
  const [, kind = '', value] = /^([a-z]+)(?:=(.+))?$/.exec(isAbsent ? text.slice('absent:'.length) : text) ?? [];
  const what = readWhat(kind, value);
  if (!what || (isAbsent && what.kind === 'synced'))
    throw new ToolError('usage', `--for takes ${forms}; not "${text}"`);
  return { text, isAbsent, what };
}

function readWhat(kind: string, value: string | undefined): Condition['what'] | undefined {
  if (value === undefined) return kind === 'synced' ? { kind: 'synced' } : undefined;
  if (kind === 'version') return { kind, version: value };
  if (kind === 'route') {
    const [, host, path = '/'] = /^(?:https?:\/\/)?([^/:]+)(?::\d+)?(\/[^?#]*)?/.exec(value) ?? [];
    return host === undefined ? undefined : { kind, host: host.toLowerCase(), path };
  }
  const [, host, port = '443', serial] = /^([^/:=]+)(?::(\d+))?(?:=([0-9a-fA-F:]+))?$/.exec(value) ?? [];
  if (kind !== 'cert' || host === undefined) return undefined;
  return { kind, host: host.toLowerCase(), port: Number(port), serial: serial && plainSerial(serial) };
}

/** Undefined where it holds; `unsure`: nobody can say whether it does. */
export type Why = string | { readonly unsure: string } | undefined;

export function whyNotSynced(sync: PodSync): Why {
  if (sync.state === 'not-connected') return 'connected to no istiod';
  if (sync.state === 'unknown') return sync.why;
  const why = openTypes(sync.types).map((type) => {
    const { state, error } = sync.types[type] ?? {};
    return `${type} ${state}${error === undefined ? '' : ` ("${error}")`}`;
  });
  if (hasKeptRejection(sync)) return { unsure: `${why}; istiod keeps it until another secret is taken` };
  return why.length === 0 ? undefined : why.join(', ');
}

/** Nothing but the rejection of a secret: istiod forgets it only when another one is taken, so it may be over. */
export const hasKeptRejection = (sync: PodSync): boolean =>
  sync.state === 'connected' && openTypes(sync.types).join() === 'SDS' && sync.types.SDS?.state === 'NACK';

/**
 * A route for every path (prefix `/`) counts only for `HOST/`: otherwise nobody could wait for a new route beside it.
 */
export function whyNoRoute(
  configurations: readonly RouteConfiguration[],
  { host, path }: { readonly host: string; readonly path: string },
): Why {
  const hosts = configurations
    .flatMap(({ virtualHosts }) => virtualHosts)
    .filter(({ domains }) => domains.some((domain) => servesHost(domain.toLowerCase(), host)));
  if (hosts.every(({ routes }) => routes.length === 0)) return `no routes for ${host}`;
  const takes = (match: RouteMatch): boolean =>
    matchesPath(match.path, path) === true && (path === '/' || !isForEveryPath(match));
  const matches = hosts.flatMap(({ routes }) => routes.map(({ match }) => match));
  if (matches.some(takes)) return undefined;
  const why = `no route of ${host} is for ${path}`;
  return matches.some((match) => matchesPath(match.path, path) === undefined)
    ? { unsure: `${why} for certain: one matches paths in a way that this tool does not evaluate` }
    : why;
}

const isForEveryPath = ({ path }: RouteMatch): boolean =>
  (path.kind === 'prefix' && path.value === '/') || (path.kind === 'regex' && ['.*', '/.*'].includes(path.value));

export function whyNotServed(
  served: Served,
  { host, serial }: { readonly host: string; readonly serial: string | undefined },
  now: Date,
): string | undefined {
  if (served.outcome !== 'certificate') return served.why;
  const [leaf] = served.chain;
  if (!leaf) return 'it presents no certificate';
  if (serial !== undefined)
    return plainSerial(leaf.serial) === serial ? undefined : `serial ${leaf.serial} until ${leaf.notAfter}`;
  const names = [...leaf.dnsNames, ...leaf.otherNames];
  if (!names.some((name) => coversHost(name, host))) return `the certificate is for ${names.join(', ')}`;
  const validity = validityAt(leaf, now);
  return validity === 'valid'
    ? undefined
    : `the certificate is ${validity === 'expired' ? 'expired' : 'not valid yet'}`;
}

/** `1.31` is also 1.31.2; `1.3` is not. */
export function whyNotVersion({ istioVersion }: ProxyInfo, version: string): Why {
  const isIt =
    istioVersion === version ||
    (istioVersion?.startsWith(version) === true && /^[.-]/.test(istioVersion.slice(version.length)));
  if (istioVersion === undefined) return { unsure: 'it does not say which version it runs' };
  return isIt ? undefined : `runs ${istioVersion}`;
}

/** Turned round for `absent:`; what is not known is that either way. */
export function settle({ isAbsent }: Pick<Condition, 'isAbsent'>, why: Why): Why {
  if (!isAbsent || typeof why === 'object') return why;
  return why === undefined ? 'it is still there' : undefined;
}
