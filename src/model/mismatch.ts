// Why a route does not match a request.

export type Condition = 'path' | 'method' | 'authority' | 'header' | 'query' | 'grpc';

/** One condition that does not hold, or (`unsure`) that nobody can judge from outside. */
export interface Mismatch {
  readonly condition: Condition | 'unsure';
  /** The header or parameter, or what cannot be judged. */
  readonly name: string;
  /** What the request has instead; undefined where it has none. */
  readonly actual: string | undefined;
}
