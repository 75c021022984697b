// Each host's certificate on every pod, judged as `certs` does, from what `check` has gathered.

import { claimsOf } from '#analysis/istio/gateway-claims.ts';
import { listenerPorts } from '#analysis/request/entry.ts';
import { authoritiesIn } from '#model/certificate.ts';
import type { Gathered, SharedConfiguration } from '#model/gathered.ts';
import {
  compareHostCertificates,
  type HostCertificate,
  type HostCertificateItem,
  hostCertificateKey,
} from '#model/host-certificate.ts';
import { mergePods } from '#model/merge-pods.ts';
import type { ObjectRef } from '#model/resource.ts';
import { judge } from './certificate-problems.ts';
import { chooseChains, hostCertificates, type Place } from './host-certificates.ts';

/** Without Gateways nothing is said of what they ask for, without Secrets nothing of those. */
export function hostCertificateItems(
  { gateway, objects: { gateways, services }, secrets, configurations }: Gathered,
  now: Date,
): HostCertificateItem[] {
  const labels = gateway.pods[0]?.labels ?? {};
  const portOf = listenerPorts(services && 'known' in services ? services.known : [], labels, gateway.namespace);
  const claims = gateways && 'known' in gateways ? claimsOf(gateways.known, labels, portOf) : [];
  const claimed = claims.flatMap(({ hosts, listenerPort }) => hosts.map((host) => ({ host, port: listenerPort })));
  const contents = new WeakMap<HostCertificate, string>();
  const contentOf = (value: HostCertificate): string => {
    const content = contents.get(value) ?? hostCertificateKey(value);
    contents.set(value, content);
    return content;
  };
  const existing = claims.map((claim) => claim.gateway);
  const rows = configurations.flatMap((one) => rowsOf(one, claimed, existing));
  const merged = mergePods(rows, contentOf, compareHostCertificates);
  const loaded = new Map(
    configurations.flatMap(({ pods, secrets: loadedSecrets }) =>
      pods.map((pod) => [pod, timesOf(loadedSecrets)] as const),
    ),
  );
  return judge(
    merged.map((row) => ({
      ...row,
      loadedAt: Object.fromEntries(
        row.pods.flatMap((pod) => timeOf(pod, loaded.get(pod)?.get(row.value.secret ?? ''))),
      ),
    })),
    {
      claims,
      authorities: authoritiesIn(
        configurations.flatMap(({ secrets: loadedSecrets }) => loadedSecrets.flatMap(({ chain }) => chain)),
      ),
      namespace: gateway.namespace,
      kubernetes: 'known' in secrets ? secrets.known : new Map(),
      now,
    },
  );
}

function rowsOf(
  { pods, secrets, large }: SharedConfiguration,
  claimed: readonly Place[],
  existing: readonly ObjectRef[],
): { readonly pod: { readonly name: string }; readonly ok: readonly HostCertificate[] }[] {
  if (!large) return [];
  const chosen = chooseChains(large.listeners, claimed, undefined);
  const ok = hostCertificates(chosen, secrets, 'certificate', { existing });
  return pods.map((name) => ({ pod: { name }, ok }));
}

const timesOf = (secrets: SharedConfiguration['secrets']): Map<string, string | undefined> =>
  new Map(secrets.map(({ name, lastUpdated }) => [name, lastUpdated]));

const timeOf = (pod: string, at: string | undefined): (readonly [string, string])[] =>
  at === undefined ? [] : [[pod, at]];
