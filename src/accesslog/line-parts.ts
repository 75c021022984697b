// Lines that a container runtime has cut, at 16 KiB or so, put together again. Of the files on nodes: the kubelet joins
// what it serves. Source: kubernetes/design-proposals node/kubelet-cri-logging.md (`P` and `F`); moby
// daemon/logger/copier.go and jsonfilelog: the last part alone ends with a newline.

/** Characters, and parts: what is longer is given back as far as it came. */
const longest = 1024 * 1024;
const mostParts = 512;

interface Part {
  /** stdout and stderr are cut each for itself. */
  readonly stream: string;
  readonly isLast: boolean;
  /** The line with this text in place of its own, escaped as its own was. */
  readonly around: (text: string) => string;
  readonly text: string;
}

export class LineParts {
  readonly #begun = new Map<string, Part[]>();
  readonly #isLine: (text: string) => boolean;

  /** `isLine`: whether a text is a line of the container by itself, and so no rest of one. */
  constructor(isLine: (text: string) => boolean) {
    this.#isLine = isLine;
  }

  /** What is whole with this line; undefined where it is no part of one. */
  take(line: string): readonly string[] | undefined {
    const part = criPart(line) ?? dockerPart(line);
    if (part === undefined) return undefined;
    const begun = this.#begun.get(part.stream) ?? [];
    if (begun.length === 0 && part.isLast) return undefined;
    if (begun.length > 0 && this.#isAnother(part, begun))
      return [...this.#giveUp(part.stream), ...(this.take(line) ?? [line])];
    const parts = [...begun, part];
    this.#begun.set(part.stream, part.isLast ? [] : parts);
    return part.isLast ? [joined(parts)] : [];
  }

  /** Lines whose last part did not come. */
  end(): readonly string[] {
    return [...this.#begun.keys()].flatMap((stream) => this.#giveUp(stream));
  }

  #isAnother({ stream, text }: Part, begun: readonly Part[]): boolean {
    const length = begun.reduce((sum, one) => sum + one.text.length, 0);
    return length > longest || begun.length >= mostParts || (isDocker(stream) && this.#isWhole(unescaped(text)));
  }

  /** Others than docker write its JSON without any newline. A blank at the beginning may be where docker has cut. */
  #isWhole(text: string): boolean {
    return !/^\s/.test(text) && this.#isLine(text);
  }

  #giveUp(stream: string): readonly string[] {
    const begun = this.#begun.get(stream) ?? [];
    this.#begun.delete(stream);
    if (begun.length === 0) return [];
    return isDocker(stream) ? begun.map((part) => joined([part])) : [joined(begun)];
  }
}

/** In the envelope of the first, which has the line's time. */
const joined = (parts: readonly Part[]): string => parts[0]?.around(parts.map(({ text }) => text).join('')) ?? '';

const cri = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) (std(?:out|err)) )([PF]) /;

function criPart(line: string): Part | undefined {
  const [prefix, beginning = '', stream = '', tag] = cri.exec(line) ?? [];
  if (prefix === undefined) return undefined;
  return { stream, isLast: tag === 'F', text: line.slice(prefix.length), around: (text) => `${beginning}F ${text}` };
}

const isDocker = (stream: string): boolean => stream.startsWith('json ');

const dockerHead = /^\{\s*"log"\s*:\s*"/;
const dockerTail = /^"\s*,\s*"stream"\s*:\s*"(std(?:out|err))"/;
const newlineAtEnd = /(?<!\\)(?:\\\\)*\\n$/;

function dockerPart(line: string): Part | undefined {
  const [head] = dockerHead.exec(line) ?? [];
  const end = head === undefined ? -1 : endOfString(line, head.length);
  const [, stream] = end < 0 ? [] : (dockerTail.exec(line.slice(end)) ?? []);
  if (head === undefined || stream === undefined) return undefined;
  const text = line.slice(head.length, end);
  const tail = line.slice(end);
  return { stream: `json ${stream}`, isLast: newlineAtEnd.test(text), text, around: (whole) => head + whole + tail };
}

/** Where the JSON string ends that begins at `from`; -1: nowhere. */
function endOfString(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (line[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
