// What a press of Tab has of the process: the environment, the time and a way to the cluster.

import type { Source } from '#core/source.ts';
import type { SourceOptions } from '#core/source-options.ts';

export interface CompletionRuntime {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Candidates that come later are not shown. */
  readonly limitMs: number;
  openSource(options: SourceOptions, signal: AbortSignal): Promise<Source>;
  /** Runs the same completion once more, without a reader and with more time: it fills the cache for the next press. */
  askLater(): Promise<void>;
}
