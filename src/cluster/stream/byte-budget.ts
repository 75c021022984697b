// How many bytes of answers may be held at the same time, over all pods.

/** One reader's part of the budget. */
export interface Share {
  /** Resolves when `bytes` more may be held. */
  take(bytes: number): Promise<void>;
  /** Gives everything back; the share is not used any more. */
  release(): void;
}

interface Holder {
  held: number;
  go: (() => void) | undefined;
}

/**
 * Beyond `limit` only the reader that began first goes on, so that one always ends and gives back what it holds: the
 * limit may be passed by what that one reads. The others stop reading, and the pods behind them are made to wait by
 * their own streams.
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
      take: async (bytes) => {
        holder.held += bytes;
        this.#held += bytes;
        if (this.#mayGoOn(holder)) return;
        await new Promise<void>((resolve) => {
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
