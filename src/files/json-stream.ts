// Several JSON values one behind the other, as `jq '.items[]'` prints them and kubectl apply reads them. Source:
// apimachinery pkg/util/yaml/decoder.go: what begins with a brace is no YAML.

export interface JsonPart {
  readonly bytes: Buffer;
  /** How many lines stand before it. */
  readonly linesBefore: number;
}

/** Texts, brackets and ends of lines. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]\n]/gs;

/** The bytes as they are where they are anything else. */
export function* jsonParts(bytes: Buffer): Generator<JsonPart> {
  const text = bytes.toString('latin1');
  const first = text.search(/\S/);
  let [from, linesBefore, lines, depth] = [0, 0, 0, 0];
  for (const { 0: token, index } of text[first] === '{' ? text.matchAll(tokens) : []) {
    if (token === '{' && depth === 0 && index > first) {
      yield { bytes: bytes.subarray(from, index), linesBefore };
      [from, linesBefore] = [index, lines];
    }
    depth += depthOf[token] ?? 0;
    if (token === '\n') lines++;
  }
  yield { bytes: bytes.subarray(from), linesBefore };
}

const depthOf: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };
