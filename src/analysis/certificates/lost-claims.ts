// Gateways that ask for a host and do not serve it: left out by istiod's rule, or not there yet on these pods.

import type { GatewayClaim } from '#analysis/istio/gateway-claims.ts';
import { describeLoss } from '#analysis/istio/lost-server.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { step } from '#core/shell.ts';
import type { CertificateProblem, HostCertificate } from '#model/host-certificate.ts';
import { describeObject, isSameObject } from '#model/resource.ts';

/** `claims`: those of the row's host and port. */
export function lostClaims(value: HostCertificate, claims: readonly GatewayClaim[]): CertificateProblem[] {
  // A passthrough chain does not say which Gateway it is of.
  if (value.outcome === 'passthrough') return [];
  const { gateway: winner } = value;
  const losers = claims.filter(({ gateway }) => !winner || !isSameObject(gateway, winner));
  const isServed = winner !== undefined && losers.length < claims.length;
  return losers.map((claim) => ({
    code: 'gateway-lost',
    severity: isServed ? 'warning' : 'error',
    ...describeClaim(value, claim),
  }));
}

function describeClaim(
  value: HostCertificate,
  { gateway, credential, mode, lost }: GatewayClaim,
): Pick<CertificateProblem, 'text' | 'next'> {
  const asks = `${describeObject(gateway)} asks for ${credential ?? (mode === 'PASSTHROUGH' ? 'passthrough' : `TLS (${mode}) without a credential`)} for it`;
  const next = [showObject(gateway)];
  const instead = describeInstead(value);
  if (lost) return { text: `${asks} and ${describeLoss(value.host, lost)}. ${instead}`, next };
  return {
    text: `${asks} and these pods have no filter chain of that. ${instead}`,
    next: [...next, step`kubectl istio-ingress status`],
  };
}

function describeInstead({ outcome, secret, serverName }: HostCertificate): string {
  if (outcome === 'none') return 'Clients get no certificate';
  return `Clients get ${secret}${serverName === undefined ? ', which takes every server name' : ` of ${serverName}`}`;
}
