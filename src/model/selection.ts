// What a list of clusters or endpoints leaves out, and why; of one pod.

export interface Selection {
  /** Names of all clusters that the ingress routes to. */
  readonly routed: readonly string[];
  /** Names of those that meet the filters, are not routed to and so are left out. */
  readonly unrouted: readonly string[];
  /** Why others may be routed to as well. */
  readonly unknown: readonly string[];
}
