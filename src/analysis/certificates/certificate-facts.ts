// Each host's certificate on every pod, judged as `certs` does, from what `check` has gathered.

import { claimsOf, type GatewayClaim } from '#analysis/istio/gateway-claims.ts';
import { listenerPorts } from '#analysis/request/entry.ts';
import { hasAnswered } from '#core/fleet.ts';
import { authoritiesIn } from '#model/certificate.ts';
import type { Gathered, SharedConfiguration } from '#model/gathered.ts';
import {
  compareHostCertificates,
  type HostCertificate,
  type HostCertificateItem,
  hostCertificateKey,
} from '#model/host-certificate.ts';
import { mergePods, type OnPods } from '#model/merge-pods.ts';
import type { ObjectRef } from '#model/resource.ts';
import { judge } from './certificate-problems.ts';
import { deeperHosts, isUncovered } from './deeper-hosts.ts';
import { type HostRow, type SecretRejections, withDoubts } from './doubtful-hosts.ts';
import { type ChosenChain, chainsOfPlaces, chooseChains, hostCertificates, type Place } from './host-certificates.ts';

/** Each host's certificate on every pod, not judged yet. */
function hostCertificateRows(gathered: Gathered): (OnPods<HostCertificate> & Pick<HostRow, 'loadedAt'>)[] {
  const { configurations } = gathered;
  const claims = claimsIn(gathered);
  const claimed = claims.flatMap(({ hosts, listenerPort }) => hosts.map((host) => ({ host, port: listenerPort })));
  const contents = new WeakMap<HostCertificate, string>();
  const contentOf = (value: HostCertificate): string => {
    const content = contents.get(value) ?? hostCertificateKey(value);
    contents.set(value, content);
    return content;
  };
  const existing = claims.map((claim) => claim.gateway);
  const rows = configurations.flatMap((one) => rowsOf(one, claimed, existing));
  const loaded = new Map(
    configurations.flatMap(({ pods, secrets: loadedSecrets }) =>
      pods.map((pod) => [pod, timesOf(loadedSecrets)] as const),
    ),
  );
  return mergePods(rows, contentOf, compareHostCertificates).map((row) => ({
    ...row,
    loadedAt: Object.fromEntries(row.pods.flatMap((pod) => timeOf(pod, loaded.get(pod)?.get(row.value.secret ?? '')))),
  }));
}

/** The rows with what speaks against it that they are served. */
export function doubtfulRows(gathered: Gathered): HostRow[] {
  const { secrets } = gathered;
  return withDoubts(hostCertificateRows(gathered), 'known' in secrets ? secrets.known : new Map(), {
    counted: countedRejections(gathered),
    unnamed: unnamedRejections(gathered),
  });
}

/** Istio's Envoys keep these only where proxyStatsMatcher names them. */
function countedRejections({ pods }: Gathered): SecretRejections['counted'] {
  const answered = 'known' in pods ? pods.known.filter(hasAnswered) : [];
  return new Map(
    answered.map(({ pod, ok }) => [
      pod.name,
      new Map(
        [...ok.stats].flatMap(([stat, times]) => {
          const [, name] = /^sds\.(.+)\.update_rejected$/.exec(stat) ?? [];
          return name === undefined ? [] : [[name, times] as const];
        }),
      ),
    ]),
  );
}

function unnamedRejections({ istiods }: Gathered): SecretRejections['unnamed'] {
  const proxies = 'known' in istiods ? istiods.known.flatMap((one) => (hasAnswered(one) ? one.ok.proxies : [])) : [];
  return new Map(
    proxies.flatMap(({ pod, types: { SDS } }) =>
      SDS?.state === 'NACK' ? [[pod, SDS.error ?? 'without a reason'] as const] : [],
    ),
  );
}

/** Without Gateways nothing is said of what they ask for, without Secrets nothing of those. */
export function judgeGathered(rows: Parameters<typeof judge>[0], gathered: Gathered, now: Date): HostCertificateItem[] {
  const { gateway, secrets, configurations } = gathered;
  return judge(rows, {
    claims: claimsIn(gathered),
    authorities: authoritiesIn(
      configurations.flatMap(({ secrets: loadedSecrets }) => loadedSecrets.flatMap(({ chain }) => chain)),
    ),
    namespace: gateway.namespace,
    kubernetes: 'known' in secrets ? secrets.known : new Map(),
    now,
  });
}

function claimsIn({ gateway, objects: { gateways, services } }: Gathered): GatewayClaim[] {
  const labels = gateway.pods[0]?.labels ?? {};
  const portOf = listenerPorts(services && 'known' in services ? services.known : [], labels, gateway.namespace);
  return gateways && 'known' in gateways ? claimsOf(gateways.known, labels, portOf) : [];
}

function rowsOf(
  { pods, routes, secrets, large }: SharedConfiguration,
  claimed: readonly Place[],
  existing: readonly ObjectRef[],
): { readonly pod: { readonly name: string }; readonly ok: readonly HostCertificate[] }[] {
  if (!large) return [];
  const { listeners } = large;
  const certificatesOf = (chosen: readonly ChosenChain[]): HostCertificate[] =>
    hostCertificates(chosen, secrets, 'certificate', { existing });
  const chosen = chooseChains(listeners, claimed, undefined);
  const deeper = chainsOfPlaces(listeners, deeperHosts(chosen, routes));
  const ok = [...certificatesOf(chosen), ...certificatesOf(deeper).filter(isUncovered)];
  return pods.map((name) => ({ pod: { name }, ok }));
}

const timesOf = (secrets: SharedConfiguration['secrets']): Map<string, string | undefined> =>
  new Map(secrets.map(({ name, lastUpdated }) => [name, lastUpdated]));

const timeOf = (pod: string, at: string | undefined): (readonly [string, string])[] =>
  at === undefined ? [] : [[pod, at]];
