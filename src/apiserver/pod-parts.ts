// What the server itself asks of a pod's object.

import type { KubeObject } from '#core/kube-object.ts';

export interface PodParts {
  readonly nodeName: string | undefined;
  readonly containers: readonly { readonly name?: string }[];
  readonly status: {
    readonly phase?: string;
    readonly containerStatuses: readonly { readonly state?: { readonly running?: object } }[];
  };
}

export function podParts({ spec, status }: KubeObject): PodParts {
  const { nodeName, containers } = (spec ?? {}) as Partial<PodParts>;
  const { phase, containerStatuses } = (status ?? {}) as Partial<PodParts['status']>;
  return {
    nodeName,
    containers: containers ?? [],
    status: { ...(phase === undefined ? {} : { phase }), containerStatuses: containerStatuses ?? [] },
  };
}
