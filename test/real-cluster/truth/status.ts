// The parts of `status -o json` that the tests of the cluster look at.

export interface StatusDocument {
  readonly complete: boolean;
  readonly gateway: {
    readonly nodesWanted: number;
    readonly nodesWithoutPod: readonly { readonly node: string; readonly reason: string }[];
  };
  readonly pods: readonly {
    readonly name: string;
    readonly status: 'ok' | 'failed';
    readonly error?: { readonly code: string; readonly message: string };
  }[];
  readonly items: readonly PodStatus[];
}

interface PodStatus {
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  readonly failure?: string;
  readonly report?: {
    readonly proxy: { readonly envoyVersion: string; readonly istioVersion: string; readonly state: string };
    readonly fingerprint: string;
    readonly routes: number;
    readonly certificates: number;
    readonly rejections: readonly { readonly kind: string; readonly name: string; readonly details: string }[];
  };
  readonly sync: {
    readonly state: 'connected' | 'not-connected' | 'unknown';
    readonly why?: string;
    readonly types?: Readonly<Record<string, { readonly state: string; readonly error?: string }>>;
  };
  readonly difference?: { readonly routes: number; readonly certificates: number };
}

/** The pod of this name, which has to be there. */
export function podIn({ items }: StatusDocument, name: string): PodStatus {
  const found = items.find((item) => item.name === name);
  if (!found) throw new Error(`status has no ${name}`);
  return found;
}
