// What a flag is, and the type of its value.

/**
 * What a shell offers for a value, where it is not one of `choices`: what the cluster, the kubeconfig, the tool or the
 * disk has.
 */
export type Completes =
  | 'context'
  | 'cluster'
  | 'user'
  | 'namespace'
  | 'gateway'
  | 'pod'
  | 'node'
  | 'host'
  | 'url'
  | 'secret'
  | 'virtualservice'
  | 'logger'
  | 'admin-path'
  | 'command'
  | 'file'
  | 'directory';

export type Flag = {
  readonly describe: string;
  readonly short?: string;
  /** Shown in help in place of the value, e.g. `HOST`. */
  readonly value?: string;
  readonly completes?: Completes;
} & (
  | { readonly type: 'boolean' }
  | { readonly type: 'string'; readonly default?: string; readonly choices?: readonly string[] }
  | {
      readonly type: 'number';
      readonly default?: number;
      /** 0 where it is not given. */
      readonly least?: number;
    }
  /** May be repeated, and is split at commas unless `raw`. */
  | { readonly type: 'strings'; readonly choices?: readonly string[]; readonly raw?: boolean }
  /** `90s`, `5m`, `14d`; a bare number is seconds. Milliseconds to the command. */
  | { readonly type: 'duration'; readonly default?: string }
);

export type Flags = Readonly<Record<string, Flag>>;

type FlagValue<F extends Flag> = F extends { type: 'boolean' }
  ? boolean
  : F extends { type: 'strings' }
    ? readonly string[]
    : F extends { type: 'number' | 'duration' }
      ? F extends { default: string | number }
        ? number
        : number | undefined
      : F extends { default: string }
        ? string
        : string | undefined;

/** What `run` gets: the values by the flag's own (kebab-case) name. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: FlagValue<F[K]> };
