// What one pod's admin port answered, without private keys.

export interface AdminBody {
  readonly pod: string;
  readonly text: string;
  /** The same parsed, where it is JSON. */
  readonly json: unknown;
}
