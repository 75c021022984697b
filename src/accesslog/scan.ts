// Lines of logs → what is wanted of them, with the count of everything.

import type { LogFilter } from './filter.ts';
import type { CompiledFormat, LineParser } from './line-parser.ts';
import type { Values } from './text-parser.ts';

export interface LogCounts {
  lines: number;
  /** Of the access log. */
  access: number;
  /** Of those, what the filters keep. */
  matching: number;
  /** Envoy's and the agent's own lines. */
  other: number;
  /** Look like access log and are not what any format writes. */
  unparsed: number;
}

export type Scanned = { readonly kind: 'access'; readonly format: CompiledFormat; readonly values: Values } | { readonly kind: 'other' | 'unparsed' };

export interface ScanOptions {
  readonly parser: LineParser;
  readonly filter: LogFilter;
  /** More that has to hold. */
  readonly also?: ((format: CompiledFormat, values: Values) => boolean) | undefined;
}

export class LogScan {
  readonly counts: LogCounts = { lines: 0, access: 0, matching: 0, other: 0, unparsed: 0 };
  readonly #options: ScanOptions;
  readonly #live: readonly CompiledFormat[];

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#live = options.parser.formats;
  }

  /** Undefined for a line of the access log that is not wanted. */
  read(line: string): Scanned | undefined {
    const { parser, filter, also } = this.#options;
    const { counts } = this;
    counts.lines++;
    for (const format of this.#live) {
      if (!filter.rejects(format, line)) continue;
      counts.access++;
      return undefined;
    }
    const parsed = parser.parse(line);
    counts[parsed.kind]++;
    if (parsed.kind !== 'access') return parsed;
    if (!filter.accepts(parsed.format, parsed.values) || also?.(parsed.format, parsed.values) === false) return undefined;
    counts.matching++;
    return parsed;
  }
}
