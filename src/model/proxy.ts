// Envoy's own word on itself: `/server_info` and the log levels it runs with.

export interface ProxyInfo {
  /** `1.40.0`. */
  readonly envoyVersion: string;
  /** ISTIO_VERSION of the node metadata; undefined where it is not there. */
  readonly istioVersion: string | undefined;
  readonly state: string;
  readonly uptimeSeconds: number | undefined;
  /** The level Envoy was started with, and `misc:error` style overrides. */
  readonly logLevel: string | undefined;
  readonly componentLogLevel: string | undefined;
  /** Where it gets its configuration: `istiod.istio-system.svc:15012`. */
  readonly istiodAddress?: string;
}
