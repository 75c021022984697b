// The command that shows an object, for next steps.

import { kinds, resources } from '#core/kinds.ts';
import { type Step, step } from '#core/shell.ts';
import type { ObjectRef } from '#model/resource.ts';

/**
 * With the group: `gateway` alone may be the one of the Gateway API, and `service` that of Knative. What may be a
 * ListenerSet is asked for as a Gateway of the Gateway API: where that is not found, it is one.
 */
export function showObject({ kind, namespace, name }: ObjectRef): Step {
  if (kind === 'Gateway or ListenerSet')
    return step`kubectl -n ${namespace} get gateways.gateway.networking.k8s.io ${name} -o yaml`;
  if (kind === 'Ingress') return step`kubectl -n ${namespace} get ingresses.networking.k8s.io ${name} -o yaml`;
  const resource = resources.find((one) => kinds[one].kind === kind);
  const group = resource === undefined ? '' : kinds[resource].group;
  const type = `${resource ?? kind.toLowerCase()}${group === '' ? '' : `.${group}`}`;
  return step`kubectl -n ${namespace} get ${type} ${name} -o yaml`;
}
