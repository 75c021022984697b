// What the API server says of itself and of who asks it.

export interface ClusterAccess {
  readonly context: string;
  /** Files that were read; none in a pod. */
  readonly kubeconfigs: readonly string[];
  /** Throws ToolError: unreachable, untrusted, credentials… */
  version(): Promise<ServerVersion>;
  /** Undefined where the API server is too old to say it: before Kubernetes 1.28. */
  whoAmI(): Promise<Identity | undefined>;
  /** What the API server says to a SelfSubjectAccessReview. */
  mayI(asked: Permission): Promise<boolean>;
}

export interface ServerVersion {
  /** `v1.37.2` */
  readonly version: string;
  readonly tookMs: number;
  /**
   * How far this machine's clock is ahead of the API server's, to the second; undefined where a proxy takes the Date
   * header out.
   */
  readonly clockAheadMs: number | undefined;
}

export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface Permission {
  readonly verb: string;
  readonly group: string;
  /** With its subresource: `pods/log`. */
  readonly resource: string;
  /** Undefined: in all namespaces, or in none. */
  readonly namespace: string | undefined;
}
