// Bytes of a YAML file → plain data, as kubectl reads them: YAML 1.1. Source: sigs.k8s.io/yaml (YAMLToJSON) over its
// goyaml.v2 (decode.go, resolve.go, readerc.go), with which clientcmd and kubectl apply decode.

import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Scalar,
  type ScalarTag,
  type Tags,
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

const options = { version: '1.1', merge: true, uniqueKeys: false, logLevel: 'silent' } as const;

/** Aliases are not yet resolved, and mistakes are in each document's `errors`. */
export function parseKubeYaml(bytes: Buffer, lineCounter = new LineCounter()): Document.Parsed[] {
  const documents = parseAllDocuments(decoded(bytes), { ...options, customTags, lineCounter });
  return Array.isArray(documents) ? documents : [];
}

export function readYamlDocuments(bytes: Buffer): YamlDocument[] {
  const lines = new LineCounter();
  return parseKubeYaml(bytes, lines).map((document) => readDocument(document, lines));
}

function readDocument(document: Document.Parsed, lines: LineCounter): YamlDocument {
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const [mistake] = document.errors;
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
      ? { value: undefined, mistake: describe(mistake, lineAt(mistake.pos[0])) }
      : dataOf(document, lineOf([]))),
    lineOf,
  };
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
    return { value: undefined, mistake: describe(error as Error, line) };
  }
}

/** The lines after the first hold a piece of the file, which may be a token. */
const describe = ({ message }: Error, line: number): { readonly message: string; readonly line: number } => ({
  message: /call stack/.test(message)
    ? 'it is nested too deeply'
    : (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''),
  line,
});

/** goyaml.v2 leaves times and numbers of base 60 as text, and takes !!binary for the text that it encodes. */
const customTags = (tags: Tags): Tags => [
  ...tags.flatMap((tag): Tags => {
    if (typeof tag === 'string') return [tag];
    const name = nameOf(tag);
    if (['intTime', 'floatTime', 'timestamp', 'binary'].includes(name)) return [];
    return [name === 'merge' ? overriding(tag as ScalarTag) : tag];
  }),
  { tag: 'tag:yaml.org,2002:binary', resolve: (text: string) => Buffer.from(text, 'base64').toString('utf8') },
];

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

/** By its byte order mark: UTF-16 of either order, else UTF-8. */
function decoded(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (first === 0xfe && second === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
