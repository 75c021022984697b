// Lines that are summarised from their bytes: who made an answer, and whether it is an error, is found out once for all
// lines that are alike in the fields that tell it.

import type { AccessField } from '#model/access-log.ts';
import type { Ranges } from './byte-table.ts';
import { LineKinds } from './line-kinds.ts';
import { type CompiledFormat, fieldsReader } from './line-parser.ts';
import { isOwnAgent } from './own-connection.ts';
import { type FoundLine, findValue } from './quick-line.ts';
import { quickNumber, quickTime } from './quick-value.ts';
import { type EntryKind, type LogSummaries, type SummarisedEntry, summaryFields } from './summary.ts';
import type { ReadValue } from './text-parser.ts';

/** Each line has its own. */
const fieldsOfEach = ['path', 'userAgent', 'upstreamHost', 'startTime', 'durationMs'] as const;
type FieldOfEach = (typeof fieldsOfEach)[number];
const isOfEach = (field: AccessField): boolean => fieldsOfEach.some((one) => one === field);

const nowhere = { pod: '', time: '' };

export class QuickSummary {
  readonly #summaries: LogSummaries;
  readonly #read = fieldsReader(summaryFields);
  readonly #formats = new Map<CompiledFormat, FormatKinds | undefined>();
  #forgotten = 0;

  constructor(summaries: LogSummaries) {
    this.#summaries = summaries;
  }

  /** Adds the line, of which `read` has the values. */
  add(format: CompiledFormat, read: ReadValue, line: FoundLine): void {
    const kinds = this.#kindsOf(format);
    this.#forgetKinds(); // of which lines that were read as text may have changed the numbers
    if (kinds?.addTo(this.#summaries, line)) return;
    const entry = this.#read(format, read);
    this.#summaries.add(entry, nowhere);
    this.#forgetKinds();
    kinds?.learn(this.#summaries, line, entry);
  }

  #kindsOf(format: CompiledFormat): FormatKinds | undefined {
    const known = this.#formats.get(format);
    if (known || this.#formats.has(format)) return known;
    const made = kindsOf(format);
    this.#formats.set(format, made);
    return made;
  }

  /** Where a value that they count was forgotten. */
  #forgetKinds(): void {
    const { forgotten } = this.#summaries;
    if (forgotten === this.#forgotten) return;
    this.#forgotten = forgotten;
    for (const kinds of this.#formats.values()) kinds?.forget();
  }
}

/** Undefined where a field of each line may stand in two places, or its time has a form of its own. */
function kindsOf({ slots, slotOf }: CompiledFormat): FormatKinds | undefined {
  const isPlain = slots.every(
    ({ field, timeFormat }, slot) =>
      field === undefined || !isOfEach(field) || (slotOf(field) === slot && timeFormat === undefined),
  );
  const ofKind = slots.flatMap(({ field }, slot) =>
    field !== undefined && !isOfEach(field) && summaryFields.some((one) => one === field) ? [slot] : [],
  );
  return isPlain ? new FormatKinds(ofKind, slotOf) : undefined;
}

class FormatKinds {
  readonly #kinds: LineKinds<EntryKind>;
  readonly #slots: Readonly<Record<FieldOfEach, number>>;
  readonly #time = quickTime();
  readonly #path = new Int32Array(2);
  readonly #userAgent = new Int32Array(2);
  readonly #upstreamHost = new Int32Array(2);
  readonly #value = new Int32Array(2);

  constructor(ofKind: readonly number[], slotOf: CompiledFormat['slotOf']) {
    this.#slots = Object.fromEntries(fieldsOfEach.map((field) => [field, slotOf(field)])) as Record<
      FieldOfEach,
      number
    >;
    this.#kinds = new LineKinds(ofKind, this.#slots.upstreamHost);
  }

  forget(): void {
    this.#kinds.forget();
  }

  /** False where the line has to be read in full: its kind is new, or one of its own values is unlike most. */
  addTo(summaries: LogSummaries, line: FoundLine): boolean {
    const kind = this.#kinds.of(line);
    if (kind === undefined) return false;
    const { block } = line;
    const { path, userAgent, upstreamHost, startTime, durationMs } = this.#slots;
    const agent = findValue(line, userAgent, this.#userAgent);
    const duration = quickNumber(block, findValue(line, durationMs, this.#value));
    if (isOwnAgent(block.bytes, agent) || Number.isNaN(duration)) return false;
    summaries.addOfKind(kind, {
      block,
      path: beforeQuery(block.bytes, findValue(line, path, this.#path)),
      userAgent: agent,
      upstreamHost: findValue(line, upstreamHost, this.#upstreamHost),
      durationMs: duration,
      endedAt: this.#time(block, findValue(line, startTime, this.#value)) + (duration ?? 0),
    });
    return true;
  }

  /** `entry` of the line was added. */
  learn(summaries: LogSummaries, line: FoundLine, entry: SummarisedEntry): void {
    this.#kinds.learn(line, () => summaries.kindOf(entry));
  }
}

const [question, hash] = Buffer.from('?#') as unknown as readonly number[];

function beforeQuery(bytes: Buffer, range: Ranges): Ranges {
  const end = range[1] as number;
  for (let at = range[0] as number; at < end; at++) {
    if (bytes[at] !== question && bytes[at] !== hash) continue;
    range[1] = at;
    break;
  }
  return range;
}
