// How many bytes of answers may be held at the same time, over all pods.

/** One reader's part of the budget. */
export interface Share {
  /** Resolves when `bytes` more may be held; undefined where they may at once. */
  take(bytes: number): Promise<void> | undefined;
  /** Gives everything back; the share is not used any more. */
  release(): void;
}

interface Holder {
  held: number;
  go: (() => void) | undefined;
}

/**
 * Beyond `limit` only the oldest reader goes on, so that one always ends and gives its bytes back. That reader may pass
 * the limit. The others stop reading, and their streams make the pods wait.
 */
export class ByteBudget {
  readonly #limit: number;
  readonly #holders = new Set<Holder>();
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  share(): Share {
    const holder: Holder = { held: 0, go: undefined };
    this.#holders.add(holder);
    return {
      take: (bytes) => {
        holder.held += bytes;
        this.#held += bytes;
        if (this.#mayGoOn(holder)) return undefined;
        return new Promise<void>((resolve) => {
          holder.go = resolve;
        });
      },
      release: () => {
        this.#held -= holder.held;
        this.#holders.delete(holder);
        holder.go?.();
        this.#wake();
      },
    };
  }

  #mayGoOn(holder: Holder): boolean {
    return this.#held <= this.#limit || this.#holders.values().next().value === holder;
  }

  #wake(): void {
    for (const holder of this.#holders) {
      if (holder.go === undefined || !this.#mayGoOn(holder)) continue;
      holder.go();
      holder.go = undefined;
    }
  }
}
