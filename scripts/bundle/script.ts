// The chunks that esbuild splits the program into, as one script: each becomes a function, which runs when one of its
// modules is first imported. Of a chunk that does not run, V8 has to know one function, and not the thousands inside.

import { basename } from 'node:path';
import {
  type ExportNamedDeclaration,
  type Expression,
  type Identifier,
  type ImportDeclaration,
  type Literal,
  type Node,
  type Program,
  parse,
} from 'acorn';
import { simple } from 'acorn-walk';

/** An output of esbuild in its format `esm`. */
export interface Chunk {
  readonly path: string;
  readonly text: string;
}

/**
 * Statements, in ASCII, that need `require`, and define `use`: what the chunk of that name exports. Throws where a chunk
 * has something that esbuild does not write today.
 */
export function asScript(chunks: readonly Chunk[]): string {
  const methods = chunks.map(({ path, text }) => `${JSON.stringify(chunkName(path))}(){${bodyOf(text)}}`);
  return `const chunks={${methods.join(',\n')}},exported={},
use=(name)=>exported[name]??=chunks[name](),
later=(exporter)=>Promise.resolve().then(exporter);
`;
}

/**
 * Of a function that returns what the chunk exports. Chunks never import each other in a circle, and no variable that one
 * exports changes afterwards (test/scripts/bundle/script.test.ts): what is imported can be constants.
 */
function bodyOf(text: string): string {
  const program = parseChunk(text);
  const [imports, exports, changes]: [string[], string[], Change[]] = [[], [], []];
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      imports.push(...constantsOf(node));
      changes.push({ node, to: '' });
    } else if (node.type === 'ExportNamedDeclaration') {
      exports.push(...propertiesOf(node));
      changes.push({ node, to: '' });
    } else if (node.type === 'ExportDefaultDeclaration') {
      // Of a CommonJS module, which import() is to give the names of.
      exports.push('default:exportedByDefault', '__proto__:exportedByDefault');
      changes.push({ node, to: `const exportedByDefault=${textOf(node.declaration, text)};` });
    } else if (node.type === 'ExportAllDeclaration') throw new Error('a chunk exports all of another one');
  }
  simple(program, {
    ImportExpression: (node) => changes.push({ node, to: `later(()=>${exporterOf(node.source)})` }),
    // The only place where esbuild leaves characters beyond ASCII.
    Literal: (node) => {
      if (node.regex && beyondAscii.test(node.raw ?? '')) changes.push({ node, to: escaped(node.raw ?? '') });
    },
  });
  const body = `${imports.join('')}${changed(text, changes)}return{${exports.join()}};`;
  if (beyondAscii.test(body)) throw new Error('a chunk has characters beyond ASCII outside of regular expressions');
  return body;
}

const beyondAscii = /[\u0080-\uffff]/;

const escaped = (regex: string): string =>
  regex.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const parseChunk = (text: string): Program => parse(text, { ecmaVersion: 'latest', sourceType: 'module' });

function constantsOf({ specifiers, source }: ImportDeclaration): string[] {
  const exporter = exporterOf(source);
  if (specifiers.length === 0) return [`${exporter};`];
  const names = specifiers.flatMap((one) =>
    one.type === 'ImportSpecifier' ? [property(nameOf(one.imported), one.local.name)] : [],
  );
  const whole = specifiers.filter(({ type }) => type !== 'ImportSpecifier').map(({ local }) => local.name);
  return [...whole, ...(names.length > 0 ? [`{${names.join()}}`] : [])].map((name) => `const ${name}=${exporter};`);
}

function propertiesOf({ declaration, source, specifiers }: ExportNamedDeclaration): string[] {
  if (declaration || source) throw new Error('a chunk exports what is not a name of its own');
  return specifiers.map(({ exported, local }) => property(nameOf(exported), nameOf(local)));
}

const property = (key: string, name: string): string => (key === name ? name : `${key}:${name}`);

const nameOf = (node: Identifier | Literal): string =>
  node.type === 'Identifier' ? node.name : JSON.stringify(node.value);

/** The hash is enough of `chunk-HASH.js`, and stands there thousands of times. */
export const chunkName = (path: string): string => basename(path).replace(/^chunk-/, '');

/** What gives the exports of a chunk, or of a module of Node. */
function exporterOf(source: Expression): string {
  const path = source.type === 'Literal' && typeof source.value === 'string' ? source.value : undefined;
  if (path === undefined) throw new Error('a chunk imports what has no name');
  return path.startsWith('./') ? `use(${JSON.stringify(chunkName(path))})` : `require(${JSON.stringify(path)})`;
}

/** A part of a text, and what takes its place. */
interface Change {
  readonly node: Node;
  readonly to: string;
}

function changed(text: string, changes: readonly Change[]): string {
  let [at, result] = [0, ''];
  for (const { node, to } of [...changes].sort((a, b) => a.node.start - b.node.start)) {
    result += text.slice(at, node.start) + to;
    at = node.end;
  }
  return result + text.slice(at);
}

const textOf = ({ start, end }: Node, text: string): string => text.slice(start, end);
