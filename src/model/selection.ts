// What a list of clusters or endpoints leaves out, and why.

export interface Selection {
  /** Names of all clusters that the ingress routes to; undefined where that was not asked for. */
  readonly routed: Iterable<string> | undefined;
  /** Names of those that meet the filters, are not routed to and so are left out. */
  readonly unrouted: Iterable<string>;
  /** Why others may be routed to as well. */
  readonly unknown: Iterable<string>;
}

/** The selections of all pods, put together as they arrive. */
export interface SelectionSum {
  add(selection: Selection): void;
  /** What one pod routes to is routed to. */
  readonly sum: {
    readonly routed: ReadonlySet<string> | undefined;
    readonly unrouted: ReadonlySet<string>;
    readonly unknown: ReadonlySet<string>;
  };
}

export function selectionSum(): SelectionSum {
  const [unrouted, unknown] = [new Set<string>(), new Set<string>()];
  let routed: Set<string> | undefined = new Set();
  return {
    add: (selection) => {
      if (selection.routed === undefined) routed = undefined;
      for (const name of selection.routed ?? []) routed?.add(name);
      for (const name of selection.unrouted) unrouted.add(name);
      for (const why of selection.unknown) unknown.add(why);
    },
    get sum() {
      return { routed, unrouted: new Set([...unrouted].filter((name) => !routed?.has(name))), unknown };
    },
  };
}
