// Gateways that ask for a host and do not serve it. istiod goes through servers from the oldest Gateway on; a server of which one host
// is taken already on that port is left out with all its hosts. Source: istio pilot/pkg/model/gateway.go MergeGateways, CheckDuplicates.

import type { CertificateProblem, Claim, HostCertificate } from '#model/host-certificate.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';

const isSame = (a: ObjectRef, b: ObjectRef): boolean => a.namespace === b.namespace && a.name === b.name;

/** `claims`: those of the row's host and port; `all`: of every host, to tell with which one a server was lost. */
export function lostClaims(value: HostCertificate, claims: readonly Claim[], all: readonly Claim[]): CertificateProblem[] {
  // Passthrough chains do not tell whose they are.
  if (value.outcome === 'passthrough') return [];
  const { gateway: winner } = value;
  const losers = claims.filter(({ gateway }) => !winner || !isSame(gateway, winner));
  const isOwn = winner !== undefined && claims.some(({ gateway }) => isSame(gateway, winner));
  return losers.map((claim) => ({ code: 'gateway-lost', severity: isOwn ? 'warning' : 'error', ...describeLoss(value, claim, isOwn, all) }));
}

function describeLoss(value: HostCertificate, claim: Claim, isOwn: boolean, all: readonly Claim[]): Pick<CertificateProblem, 'text' | 'next'> {
  const asks = `${describeObject(claim.gateway)} asks for ${claim.credential ?? 'passthrough'} for it`;
  const next = [`kubectl -n ${claim.gateway.namespace} get gateway ${claim.gateway.name} -o yaml`];
  const instead = describeInstead(value);
  if (isOwn && value.gateway)
    return { text: `${asks} and is left out: ${describeObject(value.gateway)} has the host${age(value.gateway, claim, all)}. ${instead}`, next };
  const rival = rivalOf(claim, all);
  if (rival) {
    const text = `${asks} and is left out, because it also asks for ${rival.host}, which ${describeObject(rival.gateway)} has. ${instead}`;
    return { text, next };
  }
  return { text: `${asks} and these pods have no filter chain of that. ${instead}`, next: [...next, 'kubectl istio-ingress status'] };
}

function describeInstead({ outcome, secret, serverName }: HostCertificate): string {
  if (outcome === 'none') return 'Clients get no certificate';
  return `Clients get ${secret}${serverName === undefined ? ', which takes every server name' : ` of ${serverName}`}`;
}

/** Why istiod takes the winner's: it is older or, created in the same second, comes first by its name. */
function age(winner: ObjectRef, loser: Claim, all: readonly Claim[]): string {
  const created = all.find(({ gateway, listenerPort }) => listenerPort === loser.listenerPort && isSame(gateway, winner))?.createdAt;
  if (created === undefined || loser.createdAt === undefined) return '';
  if (created < loser.createdAt) return ' and is older';
  return created === loser.createdAt ? ' and, created in the same second, comes first by its name' : '';
}

/** Another Gateway that was there before and asks for another host of the same server. */
function rivalOf(claim: Claim, all: readonly Claim[]): { readonly host: string; readonly gateway: ObjectRef } | undefined {
  const others = all.filter(({ gateway, listenerPort }) => listenerPort === claim.listenerPort && !isSame(gateway, claim.gateway));
  for (const host of claim.hosts) {
    const other = others.find(({ hosts, createdAt = '' }) => hosts.includes(host) && createdAt <= (claim.createdAt ?? ''));
    if (other) return { host, gateway: other.gateway };
  }
  return undefined;
}
