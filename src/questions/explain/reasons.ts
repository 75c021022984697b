// Why a request fails, or may fail, by the objects of the cluster: they are read where an answer asks for them, and what
// may not be read costs the reason, never the answer.

import { type Place, type Wanted, whyNoChain, whyNoVirtualHost } from '#analysis/istio/unserved-host.ts';
import { withoutPort } from '#core/host.ts';
import { triedTo } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import type { Explanation, Outcome } from '#model/explanation.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { Reason } from '#model/reason.ts';
import type { Request } from '#model/request.ts';
import type { GatewayPorts } from '#questions/gateway-ports.ts';

type Item = OnPods<Explanation>;

/** The same items, with the reasons of their outcomes. */
export async function withReasons(
  source: Source,
  items: readonly Item[],
  request: Request,
  ports: GatewayPorts,
): Promise<readonly Item[]> {
  if (!items.some(({ value }) => value.outcomes.some(isUnserved))) return items;
  const wanted = await readWanted(source, ports);
  if (wanted === undefined) return items;
  return items.map((item) => ({ ...item, value: explained(item.value, request, wanted) }));
}

/** No filter chain or virtual host is for the host. */
const isUnserved = (outcome: Outcome): boolean =>
  outcome.kind === 'fail' && (outcome.at === 'filter chain' || outcome.at === 'virtual host');

async function readWanted(source: Source, ports: GatewayPorts): Promise<Wanted | undefined> {
  const { namespace, pods } = await source.gateway();
  const [gateways, virtualServices] = await Promise.all([
    triedTo(source.list('gateways')),
    triedTo(source.list('virtualservices')),
  ]);
  if ('failed' in gateways || 'failed' in virtualServices) return undefined;
  return {
    gateways: gateways.ok,
    virtualServices: virtualServices.ok,
    labels: pods[0]?.labels ?? {},
    namespace,
    listenerPortOf: (port) => ports.entryFor(port).listenerPort,
  };
}

const explained = (explanation: Explanation, request: Request, wanted: Wanted): Explanation => ({
  ...explanation,
  outcomes: explanation.outcomes.map((outcome) =>
    isUnserved(outcome) ? { ...outcome, reasons: reasonsOf(outcome, explanation, request, wanted) } : outcome,
  ),
});

function reasonsOf(outcome: Outcome, explanation: Explanation, request: Request, wanted: Wanted): readonly Reason[] {
  const atChain = outcome.kind === 'fail' && outcome.at === 'filter chain';
  const place: Place = {
    host: withoutPort((atChain ? (request.sni ?? request.authority) : request.authority).toLowerCase()),
    listenerPort: explanation.entry.listenerPort,
  };
  const reason = atChain ? whyNoChain(place, wanted) : whyNoVirtualHost(place, explanation.gateway, wanted);
  // What the pod itself says of its listener is why it does not have what the objects ask for.
  const [pending] = outcome.reasons ?? [];
  return reason.code === 'not-pushed' && pending ? [{ ...pending, objects: reason.objects }] : [reason];
}
