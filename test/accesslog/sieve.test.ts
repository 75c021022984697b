// Blocks of a file are sifted by their bytes. What is left, read line by line, has to amount to what all lines read
// line by line do.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blockOf } from '#accesslog/byte-table.ts';
import { readCriteria } from '#accesslog/criteria.ts';
import { ExportReader } from '#accesslog/export-reader.ts';
import type { ExportedLine } from '#accesslog/exported.ts';
import { isError } from '#accesslog/failure.ts';
import { logFilter } from '#accesslog/filter.ts';
import { envoyText, istioJson, istioText } from '#accesslog/known-formats.ts';
import { type LineParser, lineParser } from '#accesslog/line-parser.ts';
import { QuickPrint } from '#accesslog/quick-print.ts';
import { QuickSummary } from '#accesslog/quick-summary.ts';
import { type LogCounts, LogScan } from '#accesslog/scan.ts';
import type { TakeLine } from '#accesslog/sieve.ts';
import { LogSummaries } from '#accesslog/summary.ts';
import { LineSplitter } from '#core/lines.ts';
import recorded from '#demo/fleet.json' with { type: 'json' };
import type { AccessLogFormat } from '#model/access-log.ts';
import type { LogSummary } from '#model/log-summary.ts';
import { logPrinter } from '#render/views/log-line.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Flags = Readonly<Record<string, unknown>>;

const textLines = recorded.pods.flatMap(({ log }) => log);
const jsonLines = textLines.flatMap((line) => {
  const parsed = lineParser([istioText]).parse(line);
  if (parsed.kind !== 'access' || istioJson.kind !== 'json') return [];
  const { format, values } = parsed;
  const byName = new Map(
    format.slots.map(({ name, kind }, at) => [
      `%${name}%`,
      kind === 'number' && values[at] !== undefined ? Number(values[at]) : values[at],
    ]),
  );
  return [
    JSON.stringify(
      Object.fromEntries(
        Object.entries(istioJson.json).map(([key, operator]) => [key, byName.get(String(operator)) ?? null]),
      ),
    ),
  ];
});

interface Outcome {
  readonly counts: LogCounts;
  readonly summary: LogSummary;
  /** Of the lines that the filters keep, of those that cannot be parsed, and of others. */
  readonly kept: readonly string[];
}

/** A line by itself. */
function exported(line: string, parser: LineParser): readonly ExportedLine[] {
  const reader = new ExportReader(parser);
  return [...reader.read(line), ...reader.end()];
}

function readLines(
  scan: LogScan,
  parser: LineParser,
  lines: readonly string[],
  summaries = new LogSummaries(),
): Outcome {
  const kept = lines.flatMap((line) => {
    const [{ text, time = '', pod = '' } = { text: '' }] = exported(line, parser);
    const scanned = scan.read(text);
    if (scanned?.kind === 'access') summaries.add(scanned.format.entry(scanned.values), { time, pod });
    return scanned === undefined ? [] : [`${scanned.kind} ${line}`];
  });
  return { counts: scan.counts, kept, summary: summaries.result(10) };
}

/** What is found on the bytes of a line is what the parser of the first format that reads it finds. */
function checkValues(parser: LineParser, line: string, bytes: Buffer): void {
  for (const format of parser.formats) {
    if (!format.quick?.begins(bytes, 0, bytes.length)) continue;
    const at = new Int32Array(format.quick.places);
    if (!format.quick.find(blockOf(bytes), 0, bytes.length, at)) return;
    assert.is(exported(line, parser)[0]?.text, line);
    const parsed = parser.parse(line);
    assert.is(parsed.kind === 'access' && parsed.format, format, line);
    const found = format.slots.map((_, slot) => bytes.toString('utf8', at[2 * slot], at[2 * slot + 1]));
    const values = parsed.kind === 'access' ? parsed.values : [];
    assert.equal(
      found.map((value) => (value === '' || value === '-' ? undefined : value)),
      values.map((value) => (value === undefined ? undefined : String(value))),
      line,
    );
    return;
  }
}

/** How many lines were left out by their bytes. */
function compare(formats: readonly AccessLogFormat[], flags: Flags, bytes: Buffer): number {
  const parser = lineParser(formats);
  const make = (): LogScan => new LogScan({ parser, filter: logFilter(readCriteria(flags)) });
  const splitter = new LineSplitter();
  for (const line of splitter.linesOf(bytes)) checkValues(parser, line, Buffer.from(line));
  const whole = readLines(make(), parser, splitter.linesOf(bytes));
  const scan = make();
  const left = leftOf(scan, bytes);
  const leftOut = scan.counts.lines;
  const sifted = readLines(scan, parser, left);
  assert.equal(sifted, whole, `${JSON.stringify(flags)}\n${bytes.toString()}`);
  compareSummaries({ scan: make(), parser, bytes }, make());
  comparePrinted({ scan: make(), parser, bytes }, make());
  return leftOut;
}

/** The lines that have to be read as text. */
const leftOf = (scan: LogScan, bytes: Buffer, take?: TakeLine): string[] =>
  scan.sift(bytes, take).flatMap((piece) => (typeof piece === 'string' ? [] : new LineSplitter().linesOf(piece)));

interface Summarised {
  readonly scan: LogScan;
  readonly parser: LineParser;
  readonly bytes: Buffer;
}

/** Where lines that are wanted are taken from their bytes as well; twice, as most lines are like an earlier one. */
function compareSummaries({ scan, parser, bytes }: Summarised, whole: LogScan): void {
  const [summaries, expected] = [new LogSummaries(), new LogSummaries()];
  const quick = new QuickSummary(summaries);
  for (const _ of [1, 2]) {
    const take: TakeLine = (format, read, line) => {
      quick.add(format, read, line);
      return '';
    };
    readLines(scan, parser, leftOf(scan, bytes, take), summaries);
    readLines(whole, parser, new LineSplitter().linesOf(bytes), expected);
  }
  const [found, wanted] = [summaries.result(10), expected.result(10)];
  assert.equal({ counts: scan.counts, summary: found }, { counts: whole.counts, summary: wanted }, bytes.toString());
}

/** What lines that are taken from their bytes look like; twice, and in colours. */
function comparePrinted({ scan, parser, bytes }: Summarised, whole: LogScan): void {
  const explain = undefined;
  const printer = logPrinter({ format: 'table', color: true, context: () => ({}), explain, isError });
  assert.ok(printer.alike);
  const quick = new QuickPrint(printer.alike);
  const printed = (one: LogScan, lines: readonly string[]): string =>
    lines
      .map((line) => {
        const [{ text, time = '', pod = '' } = { text: '' }] = exported(line, parser);
        const scanned = one.read(text);
        return scanned?.kind === 'access'
          ? printer.entry(scanned.format.entry(scanned.values), { text, time, pod })
          : (scanned && printer.other({ text, time, pod }, scanned.kind)) || '';
      })
      .join('');
  const expected = printed(whole, new LineSplitter().linesOf(bytes));
  for (const _ of [1, 2]) {
    const pieces = scan.sift(bytes, (format, read, line) => quick.print(format, read, line));
    const texts = pieces.map((piece) =>
      typeof piece === 'string' ? piece : printed(scan, new LineSplitter().linesOf(piece)),
    );
    assert.is(texts.join(''), expected, bytes.toString());
  }
}

const block = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));

const filters: readonly Flags[] = [
  {},
  { status: ['5xx'] },
  { status: ['0'] },
  { flag: ['-'] },
  { host: ['svc1.discovery.wmnet'], not: ['status=2xx'] },
  { path: ['/one*'] },
  { upstream: ['svc2/svc2-tls-service'] },
  { route: ['none'] },
  { 'min-duration': 20 },
  { detail: ['~^upstream'], 'user-agent': ['curl'] },
];

test('every recorded line that is not wanted is left out by its bytes, as text and as JSON', () => {
  for (const [formats, lines] of [
    [[istioText], textLines],
    [[istioJson], jsonLines],
    [[], [...textLines, ...jsonLines]],
  ] as const) {
    for (const flags of filters) compare(formats, flags, block(lines));
    const scan = new LogScan({ parser: lineParser(formats), filter: logFilter(readCriteria({ method: ['NONE'] })) });
    const lineIs = (line: string): boolean => /^\[\d|^\{"start_time/.test(line);
    const rest = leftOf(scan, block(lines));
    assert.equal(
      rest,
      lines.filter((line) => !lineIs(line)),
    );
    assert.is(scan.counts.access, lines.filter(lineIs).length);
  }
});

test('a value is read as it stands: not ASCII, broken UTF-8, before a carriage return', () => {
  const line = textLines.find((one) => one.includes('"GET /one HTTP/2" 200')) ?? '';
  const spoilt = Buffer.concat([
    block([line.replace('/one', '/Ünï'), line.replace(/-$/, 'named\r')]),
    Buffer.from([0xff, 10]),
  ]);
  for (const flags of [{ path: ['/Ünï'] }, { route: ['named'] }]) {
    assert.is(compare([istioText], flags, spoilt), 1);
    assert.is(compare([istioText], flags, spoilt.subarray(0, -2)), 1);
  }
});

test('what is plainly a line of the format is itself, at the edge of a block, too', () => {
  const plain = '[%START_TIME%] %REQ(:PATH)% %RESPONSE_CODE%';
  for (const [text, line] of [
    [
      '{"msg": "%REQ(:PATH)%", "code": %RESPONSE_CODE%, "log": "%REQ(USER-AGENT)%"}',
      '{"msg": "/", "code": 200, "log": "a"}',
    ],
    [plain, '[2026-11-23T12:07:53.354Z] /a\\"b 200'],
    [plain, '[2026-11-23T12:07:53.354Z] /?q=&quot;b 200'],
  ] as const)
    assert.is(compare([{ kind: 'text', text }], { path: ['/none'] }, block([line])), 1);
});

test('who answered is told apart by the upstream, where the format has no more', () => {
  const json = { method: '%REQ(:METHOD)%', response_code: '%RESPONSE_CODE%', upstream_host: '%UPSTREAM_HOST%' };
  const lines = [null, '10.0.0.1:80', null, '-', '10.0.0.2:80'].map((upstream_host) =>
    JSON.stringify({ method: 'GET', response_code: 503, upstream_host }),
  );
  compare([{ kind: 'json', json }], {}, block(lines));
});

test('lines are alike only where all is that tells an error, and each is cleaned', () => {
  const json = {
    method: '%REQ(:METHOD)%',
    path: '%REQ(:PATH)%',
    response_code: '%RESPONSE_CODE%',
    response_code_details: '%RESPONSE_CODE_DETAILS%',
    grpc_status: '%GRPC_STATUS%',
  };
  const line = {
    method: 'GET',
    path: '/',
    response_code: 200,
    response_code_details: 'via_upstream',
    grpc_status: 'OK',
  };
  const changes = [{}, { grpc_status: 'Internal' }, { response_code_details: 'route_not_found' }, { path: '/\u007f' }];
  const lines = changes.map((change) => JSON.stringify({ ...line, ...change }));
  compare([{ kind: 'json', json }], {}, block(lines));
  const access = textLines.find((one) => one.includes('"GET /one HTTP/2" 200')) ?? '';
  compare(
    [istioText],
    {},
    block([access, access.replace('/one', '/one\u001b[2J'), access.replace('"GET ', '"G\u001b[2J ')]),
  );
  compare([istioText], {}, block([access.replace(/^\[[^\]]*/, '[2\u001b[2J'), access]));
});

test('kinds of lines whose host is forgotten are read again', () => {
  const line = jsonLines.find((one) => one.includes('"response_code":503')) ?? '';
  const ofHost = (host: number): string => line.replace(/"authority":"[^"]*"/, `"authority":"h${host}.test"`);
  const many = Array.from({ length: 45_000 }, (_, index) => ofHost(index % 7 === 0 ? index % 70 : index));
  compare([istioJson], {}, block(many));
});

test('they are read again, too, where lines that were read as text made their host forgotten', () => {
  const parser = lineParser([istioJson]);
  const ofHost = (host: string): string => JSON.stringify({ ...JSON.parse(jsonLines[0] ?? ''), authority: host });
  const [summaries, expected] = [new LogSummaries(), new LogSummaries()];
  const quick = new QuickSummary(summaries);
  const nowhere = { pod: '', time: '' };
  const readBoth = (lines: readonly string[]): void => {
    const scan = new LogScan({ parser, filter: logFilter([]) });
    scan.sift(block(lines), (format, read, line) => {
      quick.add(format, read, line);
      return '';
    });
    assert.is(scan.counts.matching, lines.length);
    readLines(new LogScan({ parser, filter: logFilter([]) }), parser, lines, expected);
  };
  readBoth(['once.test', 'often.test', 'often.test'].map(ofHost));
  for (let n = 0; n < 20_000; n++)
    for (const one of [summaries, expected]) one.add({ method: 'GET', authority: `${n}.test` }, nowhere);
  readBoth(['often.test', 'often.test', 'often.test'].map(ofHost));
  assert.is(expected.result(1).hosts.top[0]?.requests, 5);
  assert.equal(summaries.result(10), expected.result(10));
});

test('what is kept of a kind of lines keeps no block in memory', () => {
  const line = jsonLines.find((one) => one.includes('"response_code":503')) ?? '';
  const filler = 'x'.repeat(128 * 1024);
  const printer = logPrinter({ format: 'table', color: false, context: () => ({}), explain: undefined, isError });
  assert.ok(printer.alike);
  const quick = new QuickPrint(printer.alike);
  const scan = new LogScan({ parser: lineParser([istioJson]), filter: logFilter([]) });
  const heapBytes = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = heapBytes();
  for (let n = 0; n < 200; n++) {
    const ofHost = line.replace(/"authority":"[^"]*"/, `"authority":"host-number-${n}.test"`);
    scan.sift(block([ofHost, filler]), (format, read, found) => quick.print(format, read, found));
  }
  assert.is(scan.counts.access, 200);
  const grown = heapBytes() - before;
  assert.ok(grown < 5e6, `${grown} bytes of ${200 * filler.length}`);
  assert.ok(quick, 'is held until here');
});

test('a key that comes again counts once', () => {
  assert.is(compare([istioJson], { path: ['/b'] }, block(['{"path":"/a","path":"/a","path":"/a","path":"/a"}'])), 0);
});

const pieces = [
  '"',
  ' ',
  '" "',
  '-',
  '\\',
  '\\"',
  ',',
  '}',
  '[',
  ']',
  '{',
  '|',
  '0',
  '-1',
  '\0',
  '\t',
  '\r',
  'ü',
  '✓',
  'x'.repeat(40),
  '"path":"/two",',
  ' "',
];
const prefixes = ['', '', '', '', '[pod/gw-1/istio-proxy] ', '2026-11-23T12:08:10.000000001Z stdout F ', '\u2028', ' '];

/**
 * A line as it may come from a client that is up to no good, a full disk or an exporter: changed after one of the
 * characters that delimit.
 */
const spoiled = (lines: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...lines),
      fc.constantFrom(...prefixes),
      fc.array(
        fc.record({ at: fc.nat(), cut: fc.constantFrom(0, 0, 1, 2, 30, 500), put: fc.constantFrom(...pieces, '') }),
        { maxLength: 2 },
      ),
      fc.constantFrom('', '', '', '\r', ' ', 'x', '}'),
    )
    .map(
      ([line, prefix, changes, end]) =>
        changes.reduce((text, { at, cut, put }) => {
          const places = [...text.matchAll(/[ ",:]|$/g)].map(({ index }) => index + 1);
          const place = places[at % places.length] ?? 0;
          return text.slice(0, place) + put + text.slice(place + cut);
        }, prefix + line) + end,
    );

const values = [
  '0',
  '7',
  '-1',
  '-0',
  '007',
  '1.5',
  '1e3',
  '123456789012345678901',
  'null',
  'nullx',
  'true',
  '""',
  '"-"',
  '"a',
  '"a\\"b"',
  '"a\\u0041"',
  '"\t"',
  '{}',
  '[1]',
  '"ü"',
  '-',
];

/** Some keys have no or other values. */
const revalued = fc
  .tuple(fc.constantFrom(...jsonLines), fc.nat(), fc.constantFrom(...values))
  .map(([line, which, value]) => {
    const entries = Object.entries(JSON.parse(line) as Record<string, unknown>);
    return `{${entries.map(([key, old], index) => `"${key}":${index === which % entries.length ? value : JSON.stringify(old)}`).join(',')}}`;
  });

const rearranged = fc
  .tuple(
    fc.constantFrom(...jsonLines),
    fc.infiniteStream(fc.nat({ max: 9 })),
    fc.constantFrom('', ' '),
    fc.constantFrom(0, 1, 8),
  )
  .map(([line, numbers, blank, least]) => {
    const entries = Object.entries(JSON.parse(line) as Record<string, unknown>).filter(
      () => (numbers.next().value ?? 0) >= least,
    );
    const keyed = entries
      .map((entry) => [numbers.next().value, entry] as const)
      .sort(([a], [b]) => (a > 4 && b > 4 ? a - b : 0));
    return `{${keyed.map(([, [key, value]]) => `"${key}":${blank}${JSON.stringify(value)}`).join(`,${blank}`)}}`;
  });

const bytesOf = (lines: readonly string[], noise: number | undefined): Buffer => {
  const bytes = block(lines);
  // A byte that is no UTF-8.
  if (noise !== undefined && bytes.length > 1) bytes[noise % (bytes.length - 1)] = 0xe2;
  return bytes;
};

const formatsOf: readonly (readonly AccessLogFormat[])[] = [
  [],
  [istioText],
  [istioJson],
  [istioJson, istioText],
  [envoyText],
  [{ kind: 'text', text: '[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% %REQ(X-REST)%\n' }],
  [{ kind: 'text', text: '[%REQ(X-ANY)%] %REQ(X-REST)%x\n' }],
  [{ kind: 'text', text: '[%REQ(X-ANY)%] %REQ(X-REST)% %REQ(:AUTHORITY)%x\n' }],
  [
    {
      kind: 'json',
      json: { method: '%REQ(:METHOD)%', response_code: '%RESPONSE_CODE%', path: '%REQ(:PATH)%', message: 'fixed' },
    },
  ],
];

test('spoiled, cut off, prefixed and rearranged lines amount to the same', () => {
  const line = fc.oneof(spoiled(textLines), spoiled(jsonLines), revalued, rearranged, fc.string());
  let left = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...formatsOf),
      fc.constantFrom(...filters),
      fc.array(line, { minLength: 1, maxLength: 8 }),
      fc.option(fc.nat(), { nil: undefined, freq: 8 }),
      (formats, flags, lines, noise) => {
        left += compare(
          formats,
          flags,
          bytesOf(
            lines.flatMap((one) => one.split('\n')),
            noise,
          ),
        );
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(left > 500, `${left} lines were left out by their bytes`);
});

test.run();
