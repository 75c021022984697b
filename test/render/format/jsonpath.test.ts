// Expected texts are what kubectl 1.36 printed for the same document and template, but for those marked.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '#core/error.ts';
import { renderJsonPath } from '#render/format/jsonpath.ts';

const document = {
  kind: 'Foo',
  metadata: { name: 'n', labels: { a: 'b', 'k8s.io/x': 'y' } },
  things: [
    { name: 'one', n: 1, on: true, tags: ['a', 'b'], absent: undefined },
    { name: 'two', n: 2.5, c: { d: null, 'e.f': 'g' } },
    { name: '<3>', n: 30, tags: [] },
  ],
};

const cases: readonly (readonly [template: string, text: string])[] = [
  ['{.kind}', 'Foo'],
  ['{$.kind}', 'Foo'],
  ['{ .kind }', 'Foo'],
  ['{@.kind}', 'Foo'],
  ['name {.metadata.name} of {.kind}', 'name n of Foo'],
  ['{.things[*].name}', 'one two <3>'],
  ['{.things.*.name}', 'one two <3>'],
  ['{range .things[*]}{.name}{"\\t"}{.n}{"\\n"}{end}x', 'one\t1\ntwo\t2.5\n<3>\t30\nx'],
  ['{range .things[*]}{range .tags[*]}{@},{end};{end}', 'a,b,;;;'],
  ['{range .nope[*]}{.x}{end}after', 'after'],
  ['{range .things[*]}{.name}', 'onetwo<3>'],
  ['{.things[-1].name}', '<3>'],
  ['{.things[-1:].name}', '<3>'],
  ['{.things[0:2].name}', 'one two'],
  ['{.things[:2].n}', '1 2.5'],
  ['{.things[::2].n}', '1 30'],
  ['{.things[0,2].name}', 'one <3>'],
  ["{.things[*]['name','n']}", 'one two <3> 1 2.5 30'],
  ["{['metadata.name','kind']}", 'n Foo'],
  ['{.metadata.labels.k8s\\.io/x}', 'y'],
  ["{.metadata.labels['k8s\\.io/x']}", 'y'],
  ['{..name}', 'n one two <3>'],
  ['{.things..n}', '1 2.5 30'],
  ['{.things[?(@.name=="two")].n}', '2.5'],
  ["{.things[?(@.name!='two')].n}", '1 30'],
  ['{.things[?(@.on==true)].name}', 'one'],
  ['{.things[?(@.tags)].name}', 'one <3>'],
  ['{.things[?(@.c.d)].name}', 'two'],
  ['{.things[?(@.zz)].name}', ''],
  ['{.nothing}', ''],
  ['{.things[1].c.d}', 'null'],
  ['{.things[*].tags}', '["a","b"] []'],
  ['{.things[0].on}', 'true'],
  ['{"a\\"b\\u0041\\x42"}', 'a"bAB'],
  ["{'q'}", 'q'],
  // kinder than kubectl
  ['.kind', 'Foo'],
  ['{.things[?( @.n == 1 )].name}', 'one'],
  ['{.things[?(@.n>1)].name}', 'two <3>'],
  ['{.things[?(@.n<=2.5)].name}', 'one two'],
  ['{.things[?(@.name>=3)].name}', ''],
  ['{.things[?(@.tags[0]=="a")].name}', 'one'],
  ['{.things[9].name}', ''],
  ['{.things[0].absent}', ''],
  ['{.things[?(@.absent)].name}', ''],
];

for (const [template, text] of cases) {
  test(`fills ${template}`, () => {
    assert.is(renderJsonPath(document, template), text);
  });
}

const wrong: readonly (readonly [template: string, at: number])[] = [
  ['', 0],
  ['{.kind', 7],
  ['{end}', 1],
  ['{foo}', 2],
  ['{.things[x]}', 10],
  ['{.things[]}', 10],
  ['{.things[0}', 10],
  ['{.things[::0]}', 10],
  ['{.things[?(@.n=~1)]}', 15],
  ['{.things[?(@.n==)]}', 17],
  ['{"open}', 2],
  ["{['open]}", 3],
  ['{.kind[0]}', 8],
  ['{.a. b}', 6],
  ['{.a}}{#}', 7],
];

for (const [template, at] of wrong) {
  test(`refuses ${template || 'an empty template'} and points at the place`, () => {
    try {
      renderJsonPath(document, template);
    } catch (error) {
      assert.instance(error, ToolError);
      assert.is((error as ToolError).code, 'usage');
      if (at > 0) assert.match((error as ToolError).message, `(at character ${at})`);
      return;
    }
    assert.unreachable('the template was accepted');
  });
}

test('reads no inherited property', () => {
  assert.is(renderJsonPath(document, '{.constructor}{.things.length}{.kind.length}'), '');
});

test.run();
