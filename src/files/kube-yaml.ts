// Bytes of a YAML file → plain data, as kubectl reads them: YAML 1.1. Source: sigs.k8s.io/yaml (YAMLToJSON) over its
// goyaml.v2 (decode.go, resolve.go, readerc.go), with which clientcmd and kubectl apply decode.

import { isUtf8 } from 'node:buffer';
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Scalar,
  type ScalarTag,
  Schema,
  type Tags,
  visit,
} from 'yaml';

export interface YamlDocument {
  /** 1-based: where it begins. */
  readonly line: number;
  /** Undefined where there is nothing but comments. */
  readonly value: unknown;
  /** What is wrong with its YAML, in a line, and where; the value is undefined then. */
  readonly mistake: { readonly message: string; readonly line: number } | undefined;
  /** The line of the field at `path`, else of what is nearest above it. */
  lineOf(path: readonly (string | number)[]): number;
}

/** No pretty errors: each would copy its line, which may be the whole file. */
const options = { version: '1.1', uniqueKeys: false, logLevel: 'silent', prettyErrors: false } as const;

/** `isStrict`: bytes that are no UTF-8 are a mistake, as in a kubeconfig. kubectl apply takes them for U+FFFD. */
export function readYamlDocuments(bytes: Buffer, isStrict = false): YamlDocument[] {
  const lines = new LineCounter();
  const { text, mistake } = decoded(bytes, isStrict);
  // One for all documents: there may be a million.
  const schema = new Schema({ schema: 'yaml-1.1', merge: true, resolveKnownTags: false, customTags });
  const documents = parseAllDocuments(text, { ...options, schema, lineCounter: lines });
  if (!Array.isArray(documents)) return [];
  // Comments before a document belong to it.
  return documents.map((document, index) => {
    const from = documents[index - 1]?.range[2] ?? 0;
    const isHere = mistake && mistake.at >= from && mistake.at <= document.range[2];
    return readDocument(document, lines, isHere ? mistake : undefined);
  });
}

interface Mistake {
  readonly message: string;
  readonly at: number;
}

function readDocument(document: Document.Parsed, lines: LineCounter, unreadable: Mistake | undefined): YamlDocument {
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const [error] = document.errors;
  const mistake = unreadable ?? (error ? { message: firstLine(error), at: error.pos[0] } : mistakeIn(document));
  const lineOf = (path: readonly (string | number)[]): number => {
    const node = path.length === 0 ? document.contents : (keyAt(document, path) ?? document.getIn(path, true));
    const [start] = (isNode(node) && node.range) || [];
    if (start !== undefined) return lineAt(start);
    return path.length === 0 ? lineAt(document.range[0]) : lineOf(path.slice(0, -1));
  };
  return {
    line: lineOf([]),
    // A document that refers to itself or to too much of itself is found only here.
    ...(mistake
      ? { value: undefined, mistake: { message: mistake.message, line: lineAt(mistake.at) } }
      : dataOf(document, lineOf([]))),
    lineOf,
  };
}

/** What goyaml.v2 takes and JSON has not, and directives that it refuses. */
function mistakeIn(document: Document.Parsed): Mistake | undefined {
  const { explicit, version } = document.directives.yaml;
  const [warning] = document.warnings.filter(({ code }) => code === 'BAD_DIRECTIVE');
  if (warning || (explicit && version !== '1.1'))
    return { message: 'kubectl knows no directives but %YAML 1.1 and %TAG', at: warning?.pos[0] ?? document.range[0] };
  let found: Mistake | undefined;
  const stop = (node: unknown, message: string): symbol => {
    found = { message, at: (isNode(node) && node.range?.[0]) || document.range[0] };
    return visit.BREAK;
  };
  visit(document, {
    Pair: (_, { key }) =>
      isCollection(key) || (isScalar(key) && key.value === null) ? stop(key, 'a key has to be a text') : undefined,
    Alias: (_, node, path) =>
      path.some((above) => above === node.resolve(document)) ? stop(node, 'it refers to itself') : undefined,
    Scalar: (_, node) =>
      typeof node.value === 'number' && !Number.isFinite(node.value)
        ? stop(node, 'it is no number in JSON')
        : undefined,
  });
  return found;
}

/** Of what stands in a map its key: the value may begin lines below. */
function keyAt(document: Document.Parsed, path: readonly (string | number)[]): unknown {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const name = path.at(-1);
  return isMap(parent)
    ? parent.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(name))?.key
    : undefined;
}

function dataOf(document: Document.Parsed, line: number): Pick<YamlDocument, 'value' | 'mistake'> {
  try {
    return { value: document.toJS() ?? undefined, mistake: undefined };
  } catch (error) {
    return { value: undefined, mistake: { message: firstLine(error as Error), line } };
  }
}

/** The lines after the first hold a piece of the file, which may be a token; so does what the first one quotes. */
const firstLine = ({ message }: Error): string =>
  /call stack/.test(message)
    ? 'it is nested too deeply'
    : (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '').replace(ofFile, '');

/** What the library's messages have of the file: an alias, what stands behind `|`, a tag. A password may look like each. */
const ofFile = /(?<=[a-z)]): .*$| \\.*$|(?<=^The) \S+(?= tag )|, so \S+ is invalid|(?<=^Unsupported YAML version) .*$/;

/** goyaml.v2 leaves times and numbers of base 60 as text, and takes !!binary for the text that it encodes. */
const customTags = (tags: Tags): Tags => [
  ...tags.flatMap((tag): Tags => {
    if (typeof tag === 'string') return [tag];
    const name = nameOf(tag);
    if (['intTime', 'floatTime', 'timestamp', 'binary'].includes(name)) return [];
    if (name === 'merge') return [overriding(tag as ScalarTag)];
    return [name === 'int' || name === 'float' ? inRange(tag as ScalarTag) : tag];
  }),
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^[-+]?0o[0-7_]+$/,
    resolve: (text: string) => Number(text.replace(/[-+_]/g, '')) * (text.startsWith('-') ? -1 : 1),
  },
  { tag: 'tag:yaml.org,2002:binary', resolve: (text: string) => Buffer.from(text, 'base64').toString('utf8') },
];

/** What Go's strconv cannot read stays text: `e2`, `12e3456`, a `0x…` of more than 64 bits. */
const inRange = (tag: ScalarTag): ScalarTag => ({
  ...tag,
  resolve: (text, ...rest) => {
    const made = tag.resolve(text, ...rest);
    const number = Number(isScalar(made) ? made.value : made);
    const isRead = Number.isFinite(number) && (!/^[-+]?0[xb]/.test(text) || Math.abs(number) < 2 ** 64);
    return isRead || /^[-+]?\.(inf|nan)$/i.test(text) ? made : text;
  },
});

type MergeKey = Scalar & { addToJSMap(context: unknown, map: object, value: unknown): void };

/** What is merged replaces the keys before it, as goyaml.v2 does; YAML's own rule is that it replaces none. */
const overriding = (tag: ScalarTag): ScalarTag => ({
  ...tag,
  resolve: (...given) => {
    const key = tag.resolve(...given) as MergeKey;
    const { addToJSMap } = key;
    return Object.assign(key, {
      addToJSMap: (context: unknown, map: object, value: unknown) => {
        const merged = new Map<string, unknown>();
        addToJSMap(context, merged, value);
        for (const [name, one] of merged) {
          if (map instanceof Map) map.set(name, one);
          else Object.defineProperty(map, name, { value: one, writable: true, enumerable: true, configurable: true });
        }
      },
    });
  },
});

const nameOf = ({ tag, format }: { readonly tag: string; readonly format?: string }): string =>
  format === 'TIME' ? (tag.endsWith(':int') ? 'intTime' : 'floatTime') : tag.replace(/^.*:/, '');

/** By its byte order mark: UTF-16 of either order, else UTF-8. Source of what is allowed: readerc.go. */
function decoded(bytes: Buffer, isStrict: boolean): { readonly text: string; readonly mistake: Mistake | undefined } {
  const [first, second] = bytes;
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const wide = isWide && first === 0xfe ? Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16() : bytes;
  const text = wide.toString(isWide ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '');
  const isText = isWide || !isStrict || isUtf8(bytes);
  const at = text.search(isText ? forbidden : /\uFFFD/);
  const message = isText
    ? 'a control character is not allowed here'
    : 'a byte here is no UTF-8: save the file as UTF-8';
  return { text, mistake: at < 0 ? undefined : { message, at } };
}

const forbidden = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
