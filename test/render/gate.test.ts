// Nothing that somebody else has written obeys or deceives a terminal: the payload goes into every text of a saved
// directory, of exported logs and of an API server's errors, and what every command then writes is looked at.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { ToolError } from '#core/error.ts';
import { errorLines } from '#render/format/error.ts';
import { cleanLine, colourMark, openGate, terminalDocument, terminalLine } from '#render/format/terminal.ts';
import { renderYaml } from '#render/format/yaml.ts';
import { runCommand, withDemo } from '../support/run-command.ts';
import { isUnsafe, unsafeIn } from '../support/unsafe-text.ts';

const hostile =
  '\u001b]0;PWN\u0007\u009b31m\u202eRTL\u2066\u200b\u061c\ufeff\u{e0041}\u00ad\u115f\u007f\b\0\u2028\ud800\u001b[2J';
/** The same, with line ends and without: as many lines have to come of them. */
const payloads = { flat: `${hostile}xx`, lines: `${hostile}\r\nx\nx\r` } as const;

const place = mkdtempSync(join(tmpdir(), 'kii-gate-'));
test.after(() => rmSync(place, { recursive: true }));

/** What is no text of somebody's but a type, a time, a number, an address or a word of an enumeration. */
const isFixed = (key: string, value: string): boolean =>
  /^(@type|kind|apiVersion|type_url|namespace|inline_bytes|tls\.crt|ca\.crt)$/.test(key) ||
  /^\d{4}-\d\d-\d\dT|^[\d.:]+s?$|^[A-Z][A-Z0-9_]*$|-----BEGIN|^[A-Za-z0-9+/=]{200,}$/.test(value);

function poisoned(value: unknown, payload: string, key = ''): unknown {
  if (typeof value === 'string') return isFixed(key, value) ? value : value + payload;
  if (Array.isArray(value)) return value.map((element) => poisoned(element, payload, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, payload, name)]));
}

const saved = join(place, 'saved');
const parts = ['config_dump', 'clusters', 'certs', 'syncz', 'objects', 'index'] as const;

/** A saved directory with `payload` in every text of `part`. */
function poisonedDirectory(part: (typeof parts)[number], kind: keyof typeof payloads): string {
  const directory = join(place, `${part}-${kind}`);
  cpSync(saved, directory, { recursive: true });
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.json') || !entry.includes(part) || part === 'index') continue;
    const path = join(directory, entry);
    writeFileSync(path, JSON.stringify(poisoned(JSON.parse(readFileSync(path, 'utf8')), payloads[kind])));
  }
  if (part === 'index') poisonIndex(join(directory, 'index.json'), payloads[kind]);
  return directory;
}

/** Names in it have to be DNS names; all else is free. */
function poisonIndex(path: string, payload: string): void {
  const index = JSON.parse(readFileSync(path, 'utf8'));
  const failure = { code: 'api', message: `no${payload}`, hint: `see${payload}` };
  const [first, second] = index.gateway.pods;
  for (const node of index.gateway.nodesWithoutPod) node.reason += payload;
  second.reason = `Crash${payload}`;
  second.isReady = false;
  index.failedPods[first.name] = failure;
  index.failedResources.gateways = failure;
  index.noIstiods = failure;
  index.origin += payload;
  writeFileSync(path, JSON.stringify(index));
}

const commands = [
  'status',
  'check',
  'routes',
  'listeners',
  'clusters --whole-mesh',
  'endpoints',
  'secrets',
  'certs',
  'certs --upstream-ca',
  'diff',
  'version',
  'explain https://svc1.discovery.wmnet/two',
];
const texts = [...commands, 'certs --text *', 'certs --client-ca', 'admin /certs'];

const terminal = { isTTY: true, columns: Number.MAX_SAFE_INTEGER, color: true };

/** Lines of stdout and of stderr. */
async function linesOf(words: readonly string[], isTTY: boolean): Promise<readonly [number, number]> {
  const { out, err } = await runCommand(words, isTTY ? { terminal, errorTerminal: terminal } : {});
  const what = `${words.join(' ')}: ${JSON.stringify((out + err).slice(0, 300))}`;
  const isBody = words[0] === 'admin' && !isTTY;
  assert.equal(isBody ? [] : unsafeIn(out), [], what);
  assert.equal(unsafeIn(err), [], what);
  return [out.split('\n').length, err.split('\n').length];
}

test('every text of a saved directory, in every command and form', async () => {
  await withDemo({}, async ({ kii }) => assert.is((await kii(['config-dump', '--dir', saved])).code, 0));
  const forms = [...texts, ...commands.flatMap((command) => [`${command} -o wide`, `${command} -o name`])];
  for (const part of parts) {
    const [flat, lines] = [poisonedDirectory(part, 'flat'), poisonedDirectory(part, 'lines')];
    for (const form of forms) {
      const words = (directory: string): string[] => [...form.split(' '), '--from', directory];
      const expected = await linesOf(words(flat), form.length % 2 === 0);
      const found = await linesOf(words(lines), form.length % 2 === 0);
      // A body of Envoy's own is a document: its line ends are its own.
      if (!form.startsWith('admin')) assert.equal(found, expected, `${part}: ${form}`);
    }
  }
});

test('documents on a terminal are cleaned, and say so; in a pipe they are what they were', async () => {
  const directory = join(place, 'config_dump-lines');
  for (const form of ['json', 'yaml', 'jsonpath={.items[*].domains}']) {
    const words = ['routes', '-o', form, '--from', directory];
    const shown = await runCommand(words, { terminal });
    assert.equal(unsafeIn(shown.out.replaceAll('\t', '')), [], form);
    if (form !== 'yaml') assert.match(shown.err, /^\d+ characters? shown as \ufffd, because/m);
    const piped = await runCommand(words, {});
    assert.not.match(piped.err, 'terminal');
    if (form === 'json')
      assert.ok(JSON.stringify(JSON.parse(piped.out)).includes(JSON.stringify(`${hostile}\r\n`).slice(1, -1)));
  }
});

const fields: Readonly<Record<string, unknown>> = {
  start_time: '2026-11-20T12:00:00.000Z',
  method: 'GET',
  path: '/a',
  protocol: 'HTTP/2',
  response_code: 503,
  response_flags: 'UF',
  response_code_details: 'via_upstream',
  upstream_transport_failure_reason: null,
  duration: 12,
  x_forwarded_for: '1.2.3.4',
  user_agent: 'curl',
  request_id: 'id',
  authority: 'h.example',
  upstream_host: '10.0.0.9:80',
  upstream_cluster: 'outbound|80||s.n.svc.cluster.local',
  downstream_remote_address: '10.9.9.9:1',
  requested_server_name: 'h.example',
  route_name: 'r',
};

function logLines(payload: string): string {
  const each = Object.keys(fields).map((name) => ({ ...fields, [name]: `${fields[name]}${payload}` }));
  const tcp = { ...fields, method: null, path: null, authority: null, protocol: `TCP${payload}` };
  const entries = [...each, tcp].map((entry) => JSON.stringify(entry));
  const envelope = (message: string): string =>
    JSON.stringify({
      '@timestamp': `2026-11-20T12:00:00${payload}`,
      kubernetes: { pod: { name: `gw-${payload}` } },
      message,
    });
  return [...entries, ...entries.slice(0, 2).map(envelope), envelope(`no log${payload}`), ''].join('\n');
}

test('every field of an exported access log', async () => {
  const files = (Object.keys(payloads) as (keyof typeof payloads)[]).map((kind) => {
    const file = join(place, `${kind}.log`);
    writeFileSync(file, logLines(payloads[kind]));
    return file;
  });
  for (const form of ['', '-o wide', '--explain', '--all', '--summary']) {
    const [flat, lines] = await Promise.all(
      files.map((file) => linesOf(['logs', ...form.split(' ').filter(Boolean), '--from', file], true)),
    );
    assert.equal(lines, flat, form);
  }
  const { out } = await runCommand(['logs', '--raw', '--from', files[0] as string], { terminal });
  assert.equal(unsafeIn(out), []);
});

test('what an API server answers', async () => {
  for (const body of [JSON.stringify({ kind: 'Status', message: `no${payloads.lines}` }), `no${payloads.lines}`]) {
    for (const status of [403, 404, 429, 500]) {
      const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      for (const command of ['status', 'routes', 'logs'])
        await linesOf([command, '--server', url, '--request-timeout', '2s'], status % 2 === 0);
      server.close();
    }
  }
});

test('an error is its line and its hints, whatever is in them', () => {
  const error = new ToolError('api', `no${payloads.lines}`, { hint: [`a${payloads.lines}`, 'b'] });
  assert.is(errorLines(error, true).length, 3);
  const written = openGate(true).lines(errorLines(error, true));
  assert.equal([written.split('\n').length, unsafeIn(written)], [4, []]);
});

test('no code point that is unsafe passes in a line; a colour is ours alone', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    if (!isUnsafe(code) && code !== 0x0a) continue;
    const shown = terminalLine(`a${String.fromCodePoint(code)}b`);
    assert.ok(shown === 'a\ufffdb' || shown === 'a b', code.toString(16));
  }
  assert.is(terminalLine(`${colourMark(31)}a${colourMark(39)}`), '\u001b[31ma\u001b[39m');
  assert.is(terminalLine('\ufdd000112233445566770031m\ufdd1'), '\ufffd00112233445566770031m\ufffd');
  const line = `\u001b[31m${colourMark(1)}x\n`;
  assert.is(terminalLine(cleanLine(line)), '\ufffd[31m\u001b[1mx');
});

test('lines that are one text are shown as they are apart', () => {
  const gate = openGate(true);
  assert.is(gate.lines('a → b\nc\n'), 'a → b\nc\n');
  assert.is(gate.lines(`${colourMark(31)}a\n`), '\u001b[31ma\n');
  for (let code = 0; code <= 0x10ffff; code++) {
    if (!isUnsafe(code) || code === 0x0a) continue;
    const lines = ['a', `b${String.fromCodePoint(code)}c`];
    assert.is(gate.lines(`${lines.join('\n')}\n`), gate.lines(lines), code.toString(16));
  }
});

test('a document keeps its line ends and tabs, and CR LF is one line end', () => {
  assert.equal(terminalDocument('a\r\n\tb\rc\u001b\n'), { text: 'a\n\tb\ufffdc\ufffd\n', replaced: 2 });
});

test('YAML is valid for every text, as a value and as a key', async () => {
  const odd = [
    payloads.lines,
    payloads.flat,
    ' \n ',
    '\t',
    '- a',
    '# b\n',
    '\u0085',
    '\ufffe',
    'a: \u009b\nb\r\n',
    '\ud800',
  ];
  for (const text of odd) {
    const yaml = await renderYaml({ [text]: text, list: [text] });
    assert.equal(unsafeIn(yaml.replaceAll('\t', '')), []);
    const whole = text.toWellFormed();
    assert.equal(parse(yaml, { version: '1.1' }), { [whole]: whole, list: [whole] }, JSON.stringify(text));
  }
});

const command = "import('./src/main.ts').then(({ main }) => main())";

test('a real terminal gets nothing either', () => {
  if (spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') !== true) {
    writeSync(2, 'not run on a real pseudo-terminal: the script command of util-linux is missing\n');
    return;
  }
  for (const words of [
    `routes --from ${join(place, 'config_dump-lines')}`,
    `logs --raw --from ${join(place, 'flat.log')}`,
  ]) {
    const line = `${process.execPath} -e "${command}" -- ours ${words}`;
    const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], { encoding: 'utf8', timeout: 60_000 });
    assert.ok(stdout.length > 200, stdout);
    assert.equal(unsafeIn(stdout.replaceAll('\r\n', '\n')), []);
  }
});

test.run();
