// What a client, a tenant, a node, an API server or a stranger's file says reaches the terminal as text and nothing
// else. test/render/gate.test.ts puts one payload into every field; here are other payloads, and what comes over streams.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WebSocket } from 'ws';
import type { Random } from '../faults/random.ts';
import { runCommand, type Said, withDemo } from '../support/run-command.ts';
import { unsafeIn } from '../support/unsafe-text.ts';
import { attack, generated } from './attack.ts';
import { terminalText } from './hostile-text.ts';
import { type Json, type Lies, withLies } from './lying-server.ts';

const terminal = { isTTY: true, columns: 200, color: false };
const onTerminal = { terminal, errorTerminal: terminal };

/** Progress takes its own line off. */
function assertClean({ out, err }: Said, from: string): void {
  assert.equal(
    unsafeIn(out + err.replaceAll('\r\u001b[2K', '')),
    [],
    `${from}: ${JSON.stringify((err + out).slice(0, 400))}`,
  );
}

const status = (message: string): string => JSON.stringify({ kind: 'Status', status: 'Failure', message, code: 403 });
const forbidden = { status: 403, body: status('pods is forbidden') };
const close = (socket: WebSocket, ...messages: readonly (readonly [number, string])[]): void => {
  for (const [channel, text] of messages) socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]));
  socket.close(1000);
};
const exitCode1 = JSON.stringify({ status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '1' }] } });
const opened = (socket: WebSocket): void => {
  for (const channel of [0, 1]) socket.send(Buffer.from([channel, 0x98, 0x3a]));
};
const isExec = ({ pathname }: URL): boolean => pathname.endsWith('/exec');

/** By who says the text, and the line of the table. */
const speakers: Readonly<Record<string, readonly [row: number, lies: (text: string) => Lies]>> = {
  'a Status of the API server': [
    9,
    (text) => ({ answer: (_, response) => !!response.writeHead(403).end(status(`forbidden: ${text}\nmore`)) }),
  ],
  'an error of the API server in plain text': [
    9,
    (text) => ({ answer: (_, response) => !!response.writeHead(500).end(`boom ${text}\r\nmore`) }),
  ],
  'the refusal of a stream': [10, (text) => ({ refuse: () => ({ status: 500, body: `no ${text}` }) })],
  'the text of a node about a stream': [
    10,
    (text) => ({
      serve: (socket) => {
        opened(socket);
        close(socket, [1, `odd ${text} failure`]);
      },
    }),
  ],
  'an answer of a pod that is none of Envoy': [
    10,
    (text) => ({
      serve: (socket) => {
        opened(socket);
        const body = Buffer.from(`boom ${text}`);
        const head = Buffer.from(
          `\0HTTP/1.1 500 ${text.replace(/[\r\n]/g, '')}\r\ncontent-length: ${body.length}\r\n\r\n`,
        );
        socket.on('message', () => socket.send(Buffer.concat([head, body])));
      },
    }),
  ],
  'stderr of exec': [
    10,
    (text) => ({
      refuse: (url) => (isExec(url) ? undefined : forbidden),
      serve: (socket) => close(socket, [2, `bad ${text}\n`], [3, exitCode1]),
    }),
  ],
  'the Status of exec': [
    10,
    (text) => ({
      refuse: (url) => (isExec(url) ? undefined : forbidden),
      serve: (socket) => close(socket, [3, JSON.stringify({ status: 'Failure', message: `no ${text}` })]),
    }),
  ],
  'names of pods and nodes': [
    11,
    (text) => ({
      change: ({ pathname }, json: Json) => {
        if (!pathname.endsWith('/pods')) return;
        for (const pod of json.items) {
          pod.spec.nodeName = `n${text}`;
          pod.metadata.name = `${pod.metadata.name}${text}`;
        }
      },
    }),
  ],
};

for (const [speaker, [row, lies]] of Object.entries(speakers))
  generated('terminal', [row], speaker, async (random) => {
    await withLies(lies(terminalText(random)), async ({ kii, directory }) => {
      for (const words of ['status', 'routes --pod-timeout 10s', `config-dump --dir ${directory}/saved`]) {
        const said = await kii(words, onTerminal);
        assert.ok(said.err.length > 10, words);
        assertClean(said, words);
      }
    });
  });

generated('terminal', [13], 'names in a kubeconfig', async (random) => {
  await withDemo({}, async ({ directory }) => {
    const file = join(directory, 'odd');
    const name = terminalText(random);
    const config = {
      contexts: [{ name, context: { cluster: name, user: name } }],
      clusters: [{ name, cluster: { server: `https://x${name}` } }],
      users: [{ name, user: { exec: { apiVersion: name, command: name } } }],
    };
    writeFileSync(file, JSON.stringify({ ...config, 'current-context': name }));
    for (const flags of [[], ['--context', 'zz'], ['--context', name], ['--user', name], ['--cluster', `x${name}`]])
      assertClean(await runCommand(['status', '--kubeconfig', file, ...flags], onTerminal), flags.join(' '));
  });
});

const commands = ['status', 'check', 'routes', 'listeners', 'secrets', 'certs', 'diff', 'endpoints', 'version'];
const forms = ['', '-o wide', '-o name', '-o yaml', '-o json'];

/** The texts of a document, each with a hostile end by a chance of one in `rarity`. */
function poisoned(value: Json, random: Random, rarity: number): Json {
  if (typeof value === 'string')
    return random.number(rarity) > 0 || /^[A-Z_]+$|^type\.|^[\d.]+$|-----|^\d{4}-/.test(value)
      ? value
      : value + terminalText(random);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => poisoned(one, random, rarity));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'inline_bytes' ? one : poisoned(one, random, rarity)]),
  );
}

generated('terminal', [14, 15, 16, 17, 19, 20, 22, 24, 27, 29], 'texts of a saved directory', async (random) => {
  await withDemo({}, async ({ kii, directory }) => {
    const saved = join(directory, 'saved');
    assert.is((await kii(['config-dump', '--dir', saved])).code, 0);
    for (const name of readdirSync(saved, { recursive: true, encoding: 'utf8' })) {
      const file = join(saved, name);
      if (!name.endsWith('.json') || name === 'index.json') continue;
      writeFileSync(file, JSON.stringify(poisoned(JSON.parse(readFileSync(file, 'utf8')), random, 5)));
    }
    for (const command of commands) {
      const form = random.pick(forms);
      const words = [command, ...form.split(' ').filter(Boolean), '--from', saved];
      assertClean(await runCommand(words, onTerminal), words.join(' '));
    }
  });
});

const fields = ['method', 'path', 'protocol', 'response_flags', 'response_code_details', 'user_agent', 'authority'];

/** Istio's JSON and text formats, and an exporter's envelope, with hostile texts in some of the fields. */
function logLine(random: Random): string {
  const entry: Record<string, unknown> = { start_time: '2026-11-20T12:00:00.000Z', response_code: 503, duration: 12 };
  for (const name of [...fields, 'upstream_cluster', 'route_name', 'x_forwarded_for', 'request_id'])
    entry[name] = `v${random.number(2) === 0 ? terminalText(random) : ''}`;
  entry['start_time'] += random.number(4) === 0 ? terminalText(random) : '';
  const json = JSON.stringify(entry);
  const word = (): string => terminalText(random).replace(/["\s]/g, '');
  const text = `[2026-11-20T12:00:00.000Z] "GET /${word()} HTTP/2" 503 UF${word()} ${word()} - "-" 0 0 1 1 "${word()}" "${word()}" "id" "${word()}" "10.0.0.1:80" outbound|80||${word()} 1:1 2:2 3:3 ${word()} ${word()}`;
  const line = random.pick([json, text]);
  const pod = `gw-${terminalText(random)}`;
  return random.pick([
    line,
    `[pod/${pod}/istio-proxy] ${line}`,
    JSON.stringify({ '@timestamp': `2026-11-20T12:00:00${word()}`, kubernetes: { pod: { name: pod } }, message: line }),
    `${terminalText(random)} no log`,
  ]);
}

generated('terminal', [1, 3, 4, 5, 6, 7, 8, 27], 'lines of exported logs', async (random) => {
  await withDemo({}, async ({ directory }) => {
    const file = join(directory, 'log');
    writeFileSync(file, `${Array.from({ length: 40 }, () => logLine(random)).join('\n')}\n`);
    for (const form of ['', '-o wide', '--explain', '--all', '--summary', '--raw', '-o json']) {
      const words = ['logs', '--from', file, ...form.split(' ').filter(Boolean)];
      const said = await runCommand(words, onTerminal);
      assert.ok(said.out.length > 20, said.err);
      assertClean(said, words.join(' '));
    }
  });
});

attack('terminal', [28], 'HTML and escapes of an admin page', async () => {
  const body = '<script>alert(1)</script>\u001b]0;T\u0007\u009b31m\u202e';
  const faults = [
    { at: 'answer', path: '/help', does: 'answer', status: 200, body, contentType: 'text/html' },
  ] as const;
  await withDemo({ faults }, async ({ kii }) => {
    const said = await kii('admin /help --pod *-66qlf', onTerminal);
    assert.match(said.out, 'alert');
    assertClean(said, 'admin /help');
  });
});

test.run();
