import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssignmentExpression, Pattern, Program, UpdateExpression } from 'acorn';
import { simple } from 'acorn-walk';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asScript, type Chunk, parseChunk } from '../../../scripts/bundle/script.ts';
import { bundle } from '../../../scripts/bundle.ts';

/** What a chunk named `main.js` exports, among others. */
function exportsOf(chunks: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const list = Object.entries(chunks).map(([name, text]) => ({ path: `/dist/${name}`, text }));
  const log: string[] = [];
  const script = new Function('require', 'log', `"use strict";${asScript(list)}return use("main.js");`);
  const ofNode = (name: string): unknown => ({ default: name, sep: `sep of ${name}` });
  return { ...script(ofNode, (line: string) => log.push(line)), log };
}

test('a chunk runs once, when another one that imports it runs', () => {
  const { log, sum } = exportsOf({
    'main.js': 'import{one as a}from"./one.js";import{two}from"./two.js";log("main");var sum=a+two;export{sum};',
    'two.js': 'import{one}from"./one.js";log("two");var two=one+1;export{two};',
    'one.js': 'log("one");var one=1;export{one};',
    'never.js': 'log("never");var never=0;export{never};',
  });
  assert.equal(log, ['one', 'two', 'main']);
  assert.is(sum, 3);
});

test('what is imported later runs later, wherever the import stands', async () => {
  const { log, ask } = exportsOf({
    'main.js':
      'log("main");var ask=async()=>[(await import("./late.js")).value,...await ask2()],ask2=async()=>[(await import("./late.js")).value];export{ask};',
    'late.js': 'log("late");var value=7;export{value};',
  });
  assert.equal(log, ['main']);
  assert.equal(await (ask as () => Promise<unknown>)(), [7, 7]);
  assert.equal(log, ['main', 'late']);
});

test('of modules of Node the whole, the default and names', () => {
  const { value } = exportsOf({
    'main.js':
      'import path from"node:path";import*as all from"node:path";import{sep,sep as other}from"node:path";import both,{sep as third}from"node:path";import"node:fs";var value=[path,all,sep,other,both,third];export{value};',
  });
  const whole = { default: 'node:path', sep: 'sep of node:path' };
  assert.equal(value, [whole, whole, 'sep of node:path', 'sep of node:path', whole, 'sep of node:path']);
});

test('a module of Node is imported late, too', async () => {
  const { ask } = exportsOf({
    'main.js': 'var ask=async()=>(await import("node:net")).sep;export{ask};',
  });
  assert.is(await (ask as () => Promise<unknown>)(), 'sep of node:net');
});

test('a default export, and names that are no identifiers', () => {
  const { 'a-b': one, other } = exportsOf({
    'main.js': 'import{default as d,"x-y"as e}from"./json.js";var z=[d,e];export{z as"a-b",z as other};',
    'json.js': 'var make=()=>({a:1}),x=2;export{x as"x-y"};export default make();',
  });
  assert.equal(one, [{ a: 1 }, 2]);
  assert.is(other, one);
});

test('of a CommonJS module, import() gives the names, and runs none of its getters', async () => {
  const { ask, log } = exportsOf({
    'main.js': 'var ask=async()=>{const all=await import("./cjs.js");return[all.one,all.default.one]};export{ask};',
    'cjs.js': 'var make=()=>({one:1,get two(){log("two")}});export default make();',
  });
  assert.equal(await (ask as () => Promise<unknown>)(), [1, 1]);
  assert.equal(log, []);
});

test('a text that looks like a statement stays', () => {
  const { text } = exportsOf({ 'main.js': 'var text=\'import{a}from"./a.js";import("./a.js")\';export{text};' });
  assert.is(text, 'import{a}from"./a.js";import("./a.js")');
});

test('regular expressions have no character beyond ASCII, and mean the same', () => {
  const chunk = { path: 'main.js', text: 'var r=/^[✗µ]\\u{1f600}😀+$/u;export{r};' };
  assert.match(asScript([chunk]), /^[\n -~]+$/);
  const { r } = exportsOf({ 'main.js': chunk.text });
  assert.ok((r as RegExp).test('✗😀😀😀'));
  assert.not((r as RegExp).test('✗😀'));
});

for (const [what, text] of [
  ['has characters beyond ASCII', 'var a=tag`µ`;export{a};'],
  ['exports all', 'export*from"./a.js";'],
  ['exports what is not a name', 'export var a=1;'],
  ['exports what is not a name', 'export{a}from"./a.js";'],
  ['imports what has no name', 'import(a);'],
] as const) {
  test(`a chunk that ${what} is refused: ${text}`, () => {
    assert.throws(() => asScript([{ path: 'main.js', text }]), what);
  });
}

/** Names that a chunk exports and that something in it gives another value. */
function changing({ text }: Pick<Chunk, 'text'>): string[] {
  const program = parseChunk(text);
  const exported = new Set(exportedBy(program));
  const changed: string[] = [];
  const note = (target: Pattern): void => {
    if (target.type === 'Identifier' && exported.has(target.name)) changed.push(target.name);
  };
  simple(program, {
    AssignmentExpression: ({ left }: AssignmentExpression) => note(left),
    UpdateExpression: ({ argument }: UpdateExpression) => note(argument as Pattern),
  });
  return changed;
}

const exportedBy = ({ body }: Program): string[] =>
  body.flatMap((node) =>
    node.type === 'ExportNamedDeclaration'
      ? node.specifiers.map(({ local }) => (local.type === 'Identifier' ? local.name : ''))
      : [],
  );

test('no chunk exports a variable that changes: who imports it has a constant', async () => {
  assert.equal(changing({ text: 'var a=1,b=2,c=()=>{a++;b=3;let d=1;d=2};export{a,b as d,c};' }), ['b', 'a'].sort());
  const directory = mkdtempSync(join(tmpdir(), 'kii-chunks-'));
  try {
    const { chunks } = await bundle({ directory, names: true });
    assert.ok(chunks.length > 50, `${chunks.length} chunks`);
    assert.equal(chunks.flatMap(changing), []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
