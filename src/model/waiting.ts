// What `wait` waits for, and how far each pod is.

export interface Condition {
  /** As it was typed. */
  readonly text: string;
  /** It holds where the rest does not. */
  readonly isAbsent: boolean;
  readonly what:
    | { readonly kind: 'synced' }
    | { readonly kind: 'route'; readonly host: string; readonly path: string }
    /** `serial`: upper-case hexadecimal without leading zeros. */
    | { readonly kind: 'cert'; readonly host: string; readonly port: number; readonly serial: string | undefined }
    | { readonly kind: 'version'; readonly version: string };
}

export interface MissingCondition {
  readonly condition: string;
  readonly why: string;
  /** It may hold: nobody can say. */
  readonly isUnsure?: true;
}

export interface PodProgress {
  readonly pod: string;
  readonly node: string | undefined;
  /** Conditions that do not hold, and why. */
  readonly missing: readonly MissingCondition[];
}
