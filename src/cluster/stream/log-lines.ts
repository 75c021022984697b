// The kubelet's lines (a time, a space, the text), and which of them were delivered before: the stream does not say
// that.

export interface TimedLine {
  /** RFC 3339 in UTC with nine digits of fraction: compares as text. Empty for what the kubelet says itself. */
  readonly time: string;
  readonly text: string;
}

/** A date in the form of the kubelet's times. */
export const logTime = (date: Date): string => date.toISOString().replace('Z', '000000Z');

const usual = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;
const anyTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Without a time it is an error text that came with 200: `unable to retrieve container logs for containerd://…`. */
export function splitTime(line: string): TimedLine {
  const space = line.indexOf(' ');
  const word = space === -1 ? line : line.slice(0, space);
  const text = space === -1 ? '' : line.slice(space + 1);
  if (word.length === 30 && usual.test(word)) return { time: word, text };
  const time = inUtc(word);
  return time === undefined ? { time: '', text: line } : { time, text };
}

function inUtc(word: string): string | undefined {
  const [, seconds, fraction = '', zone] = anyTime.exec(word) ?? [];
  if (seconds === undefined) return undefined;
  const date = new Date(`${seconds}${zone}`);
  return Number.isNaN(date.getTime())
    ? undefined
    : `${date.toISOString().slice(0, 19)}.${fraction.padEnd(9, '0').slice(0, 9)}Z`;
}

/** How many times are remembered one by one. */
const remembered = 1024;

/**
 * Tells lines that were delivered before from new ones, by their times alone. sinceTime is cut to seconds, so each
 * resumption begins with repeats; a reader that fell behind across rotations gets a file again from its start; a dead
 * container's log is served anew. All those are older than the newest line. A line that is older and yet new (the
 * node's clock was set back, or a rotation skipped it) is recognised as long as it lies among the times that are
 * remembered.
 */
export class SeenLines {
  #last = '';
  /** Lines with the time `#last`, and how many of them are still to come again. */
  #atLast = 0;
  #toSkip = 0;
  readonly #times: string[] = [];
  #next = 0;
  readonly #known = new Set<string>();

  /** Of the newest line. */
  get last(): string | undefined {
    return this.#last === '' ? undefined : this.#last;
  }

  /** Called before a stream is opened anew. */
  resume(): void {
    this.#toSkip = this.#atLast;
  }

  isNew(time: string): boolean {
    if (time > this.#last) {
      this.#last = time;
      this.#atLast = 1;
      this.#toSkip = 0;
      this.#remember(time);
      return true;
    }
    if (time === this.#last) return this.#isNewAtLast();
    // From here on repeats end at the newest line.
    const oldest = this.#times.length < remembered ? this.#times[0] : this.#times[this.#next];
    if (oldest === undefined || time < oldest || this.#known.has(time)) {
      this.#toSkip = this.#atLast;
      return false;
    }
    this.#remember(time);
    return true;
  }

  #isNewAtLast(): boolean {
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return false;
    }
    this.#atLast++;
    return true;
  }

  #remember(time: string): void {
    const forgotten = this.#times[this.#next];
    if (this.#times.length === remembered && forgotten !== undefined) this.#known.delete(forgotten);
    this.#times[this.#next] = time;
    this.#next = (this.#next + 1) % remembered;
    this.#known.add(time);
  }
}
