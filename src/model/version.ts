// What `version` shows: which versions run where.

export interface ComponentVersion {
  readonly component: 'client' | 'istiod' | 'proxy';
  /** Of this tool, or of Istio. */
  readonly version: string;
  /** Only of proxies. */
  readonly envoyVersion: string | undefined;
  /** Pods that run it; empty for the client. */
  readonly pods: readonly string[];
}
