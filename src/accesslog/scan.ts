// Lines of logs → what is wanted of them, with the count of everything.

import { type AccessEntry, isOfWhole } from '#model/access-log.ts';
import type { LogFilter } from './filter.ts';
import { type CompiledFormat, fieldsReader, type LineParser } from './line-parser.ts';
import { isOwnConnection } from './own-connection.ts';
import { Sieve, type Sifted, type TakeLine } from './sieve.ts';
import type { ReadValue, Values } from './text-parser.ts';

export interface LogCounts {
  lines: number;
  /** Of the access log. */
  access: number;
  /** Of those, what the filters keep. */
  matching: number;
  /** Envoy's and the agent's own lines. */
  other: number;
  /** Lines that look like access log and fit no format. */
  unparsed: number;
}

export type Scanned =
  | { readonly kind: 'access'; readonly format: CompiledFormat; readonly values: Values }
  | { readonly kind: 'other' | 'unparsed' };

export interface ScanOptions {
  readonly parser: LineParser;
  /** Whose requests: by host, path, client… */
  readonly filter: LogFilter;
  /** More that has to hold. */
  readonly also?: Test | undefined;
  /** What came of them: only these. */
  readonly outcome?: Test | undefined;
  /** Whether the line's own time is within the time that the user asked for; true for a line without time. */
  readonly isInTime?: Test | undefined;
}

const isCounted = (entry: Pick<AccessEntry, 'userAgent' | 'serverName' | 'logType'>): boolean =>
  !isOwnConnection(entry) && isOfWhole(entry);

type Test = (format: CompiledFormat, read: ReadValue) => boolean;

export class LogScan {
  readonly counts: LogCounts = { lines: 0, access: 0, matching: 0, other: 0, unparsed: 0 };
  /** Whether any request was asked for, failed or not. */
  hasSubject = false;
  readonly #options: ScanOptions;
  readonly #sieve: Sieve;
  readonly #told = fieldsReader(['userAgent', 'serverName', 'logType']);

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#sieve = new Sieve(options.parser.formats, (format, read) => this.#wants(format, read));
  }

  /** A block of whole lines: see Sieve. What is not to be read as text is counted. */
  sift(block: Buffer, take?: TakeLine): Sifted['pieces'] {
    const { pieces, unwanted, taken } = this.#sieve.sift(block, take);
    this.counts.lines += unwanted + taken;
    this.counts.access += unwanted + taken;
    this.counts.matching += taken;
    return pieces;
  }

  /** Undefined for a line of the access log that is not wanted. */
  read(line: string): Scanned | undefined {
    const { counts } = this;
    counts.lines++;
    const parsed = this.#options.parser.parse(line);
    counts[parsed.kind]++;
    if (parsed.kind !== 'access') return parsed;
    if (!this.#wants(parsed.format, (slot) => parsed.values[slot])) return undefined;
    counts.matching++;
    return parsed;
  }

  #wants(format: CompiledFormat, read: ReadValue): boolean {
    const { filter, also, outcome, isInTime } = this.#options;
    if (!filter.accepts(format, read) || also?.(format, read) === false) return false;
    this.hasSubject ||= isInTime?.(format, read) !== false && isCounted(this.#told(format, read));
    return outcome === undefined || outcome(format, read);
  }
}
