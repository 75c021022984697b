// A 404 because the connection was opened for another host: a client may send requests for B over a connection to A where
// the certificate covers both (RFC 9113 §9.1.1). The server name chose the filter chain, so the routes are those of A.

import { withoutPort } from '#core/host.ts';
import { step } from '#core/shell.ts';
import type { Explanation, Outcome } from '#model/explanation.ts';
import type { FilterChain, Listener } from '#model/listener.ts';
import type { Reason } from '#model/reason.ts';
import type { Request } from '#model/request.ts';
import { chooseFilterChain, connectionOf } from './filter-chain.ts';
import type { Target } from './reached-listener.ts';

/** Undefined where a connection of the host's own would get `chain` too, or none. */
export function connectionReuse(
  listener: Listener,
  chain: FilterChain,
  request: Request,
  { port, podIp }: Target,
): Reason | undefined {
  const host = withoutPort(request.authority).replace(/\.$/, '').toLowerCase();
  if (request.sni === undefined || host === request.sni) return undefined;
  const own = chooseFilterChain(listener, connectionOf(listener, { ...request, sni: host }, port, podIp)).chain;
  if (own === undefined || own === chain) return undefined;
  return {
    code: 'connection-reuse',
    objects: [],
    text: `connection reuse: the connection is opened for ${request.sni} and used for ${host}, so the routes of ${request.sni} are asked; a connection of its own gets another filter chain. Browsers do that where one certificate covers both hosts: use one certificate for each, or name both hosts in one server of a Gateway`,
    next: [step`kubectl istio-ingress check --only connection-reuse`],
  };
}

export const withReuse = ({ outcomes, ...explanation }: Explanation, reuse: Reason): Explanation => ({
  ...explanation,
  outcomes: outcomes.map((outcome) =>
    isUnrouted(outcome) ? { ...outcome, reasons: [reuse, ...(outcome.reasons ?? [])] } : outcome,
  ),
});

const isUnrouted = (outcome: Outcome): boolean =>
  outcome.kind === 'fail' && (outcome.at === 'virtual host' || outcome.at === 'route') && outcome.flag === 'NR';
