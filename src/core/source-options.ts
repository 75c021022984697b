// What chooses a source: a cluster or a directory, and which gateway of it.

/** Where istiod is, and the gateway too, unless flags say otherwise. */
export const defaultNamespace = 'istio-system';

/** What `main.ts` needs to open a source: the shared flags by their own names, with environment defaults applied. */
export interface SourceOptions {
  /** A snapshot, or a directory written by `config-dump --dir`, in place of a cluster. */
  readonly from?: string | undefined;
  /** Flags of `kubeFlags`. */
  readonly kube: KubeOptions;
  readonly gateway: GatewayOptions;
  readonly parallel: number;
  readonly podTimeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Where port-forward is forbidden, whole dumps may be asked for through exec. */
  readonly dumpsThroughExec: boolean;
}

export interface KubeOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  readonly asUid?: string | undefined;
  /** `KEY=VALUE` each. */
  readonly asUserExtra?: readonly string[] | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly tlsServerName?: string | undefined;
  readonly requestTimeoutMs?: number | undefined;
}

export interface GatewayOptions {
  readonly namespace: string;
  /** `ds/NAME`, `deploy/NAME`, `svc/NAME`, `pod/NAME` or a bare name. */
  readonly gateway?: string | undefined;
  readonly selector?: string | undefined;
  readonly pod?: string | undefined;
  readonly node?: string | undefined;
  readonly istioNamespace: string;
}
