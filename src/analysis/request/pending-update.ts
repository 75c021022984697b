// An update of a listener that is not in force: Envoy has rejected it, or waits for its certificates and routes.

import { step } from '#core/shell.ts';
import type { Listener } from '#model/listener.ts';
import type { Reason } from '#model/reason.ts';

/** A rejected update that names no listener may be one for any port. */
export function pendingUpdate(listeners: readonly Listener[], port: number): Reason | undefined {
  const rejected = listeners.find((one) => one.rejected && (one.port === port || one.port === 0));
  if (rejected?.rejected)
    return {
      code: 'listener-rejected',
      objects: [],
      text: `Envoy rejected the last update of ${rejected.name || 'a listener'}: ${rejected.rejected.details}`,
      next: [step`kubectl istio-ingress check --only rejected`],
    };
  const warming = listeners.find((one) => one.state === 'warming' && one.port === port);
  return (
    warming && {
      code: 'listener-warming',
      objects: [],
      text: `an update of ${warming.name} is warming`,
      next: [step`kubectl istio-ingress check --only warming`],
    }
  );
}
