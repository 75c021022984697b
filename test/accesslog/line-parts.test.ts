import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ExportReader } from '#accesslog/export-reader.ts';
import { lineParser } from '#accesslog/line-parser.ts';

const time = '2026-11-23T06:20:43.123456789Z';
const access = (path: string): string =>
  `[2026-11-23T06:20:43.000Z] "GET ${path} HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 145 31 - "192.0.2.3" "curl/8 \\"q\\"" "id" "web.example.test" "-" outbound|80||web.shop.svc.cluster.local - 10.1.0.8:8443 192.0.2.3:55808 - default`;
const cri = (tag: 'P' | 'F', text: string, stream = 'stdout'): string => `${time} ${stream} ${tag} ${text}`;
const docker = (log: string, stream = 'stdout'): string => JSON.stringify({ log, stream, time });

function textsOf(...lines: readonly string[]): string[] {
  const reader = new ExportReader(lineParser([]));
  return [...lines.flatMap((line) => reader.read(line)), ...reader.end()].map(({ text }) => text.trimEnd());
}

const [one, two] = [access('/a'), access('/b')];
const cut = (line: string, at: number): [string, string] => [line.slice(0, at), line.slice(at)];

test('parts of a line that the container runtime has cut are one line again, streams apart', () => {
  const [first, second] = cut(one, 60);
  const lines = [cri('P', first), cri('F', 'a warning', 'stderr'), cri('P', second.slice(0, 5))];
  assert.equal(textsOf(...lines, cri('F', second.slice(5)), cri('F', two)), ['a warning', one, two]);
});

test("parts in docker's JSON are told by the newline that only the last has", () => {
  for (const at of [1, 60, one.indexOf('\\"') + 1, one.indexOf(' "curl')]) {
    const [first, second] = cut(one, at);
    const lines = [docker(first), docker('a warning\n', 'stderr'), docker(`${second}\n`), docker(`${two}\n`)];
    assert.equal(textsOf(...lines), ['a warning', one, two]);
    assert.equal(textsOf(...lines.map((line) => line.replaceAll('":"', '": "'))), ['a warning', one, two]);
  }
});

test('lines of whoever writes such JSON without newlines stay as they are', () => {
  assert.equal(textsOf(docker(one), docker('at some.place'), docker(two)), [one, 'at some.place', two]);
  assert.equal(textsOf(docker('ends with \\n'), docker(one)), ['ends with \\n', one]);
  assert.equal(textsOf(docker(one), docker(`${two}\n`)), [one, two]);
});

test('the end of a file gives what has come', () => {
  const [first] = cut(one, 60);
  assert.equal(textsOf(cri('P', first), cri('P', 'more')), [`${first}more`]);
  assert.equal(textsOf(docker(two), docker(first)), [two, first]);
});

test('what is longer than any line is given back', () => {
  const part = 'x'.repeat(600_000);
  const lengths = textsOf(cri('P', part), cri('P', part), cri('P', part), cri('F', 'y'), cri('F', one)).map(
    ({ length }) => length,
  );
  assert.equal(lengths, [1_200_000, 600_001, one.length]);
});

test('a file of tiny parts that never end is read in a moment', () => {
  assert.is(textsOf(...Array.from({ length: 5_000 }, () => cri('P', 'x'))).join('').length, 5_000);
});

test.run();
