// Access logs as large as one likes, of the recorded requests, in Istio's own formats: each line with a time, a path, a
// client, a duration and a request id of its own.

import { closeSync, openSync, writeFileSync } from 'node:fs';
import { parseFormat } from '#accesslog/format.ts';
import { istioJson, istioText } from '#accesslog/known-formats.ts';
import { type CompiledFormat, compileFormat } from '#accesslog/line-parser.ts';
import recorded from '#demo/fleet.json' with { type: 'json' };
import type { AccessField } from '#model/access-log.ts';

export type LogKind = 'text' | 'json';

type Request = ReadonlyMap<AccessField, string>;
type Random = (below: number) => number;

/** One request in so many fails: who reads a whole log looks for few lines. */
const failing = 50;
const blockLength = 4 * 1024 * 1024;
const formats: Readonly<Record<LogKind, CompiledFormat>> = {
  text: compileFormat(istioText),
  json: compileFormat(istioJson),
};
const literals = istioText.kind === 'text' ? parseFormat(istioText.text).literals : [];

const keys = istioJson.kind === 'json' ? Object.keys(istioJson.json) : [];

/** At least `bytes`, ending with a line; the same each time. */
export function writeLogFile(file: string, kind: LogKind, bytes: number): void {
  const random = randomOf(1);
  const requests = recordedRequests();
  const failed = requests.filter((request) => Number(request.get('responseCode')) >= 500);
  const fine = requests.filter((request) => !failed.includes(request));
  const write = kind === 'text' ? textLine : jsonLine;
  const out = openSync(file, 'w');
  let at = Date.parse('2026-11-23T12:00:00Z');
  for (let written = 0; written < bytes; ) {
    let block = '';
    while (block.length < blockLength) {
      const some = random(failing) === 0 ? failed : fine;
      at += random(4);
      block += `${write(varied(some[random(some.length)] as Request, at, random))}\n`;
    }
    writeFileSync(out, block);
    written += block.length;
  }
  closeSync(out);
}

function recordedRequests(): Request[] {
  const { slots, parse } = formats.text;
  const lines = recorded.pods.flatMap(({ log, ip }) =>
    log.map((line) => parse(line.replaceAll('{ip}', ip), undefined)),
  );
  return lines
    .filter((values) => values !== undefined)
    .map(
      (values) =>
        new Map(
          slots.flatMap(({ field }, at) =>
            field && values[at] !== undefined ? [[field, String(values[at])] as const] : [],
          ),
        ),
    );
}

function varied(request: Request, at: number, random: Random): Request {
  const hex = (digits: number): string =>
    random(16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const path = request.get('path');
  const made = new Map(request)
    .set('startTime', new Date(at).toISOString())
    .set('durationMs', String(Number(request.get('durationMs')) + random(100)))
    .set('downstreamRemoteAddress', `10.${random(256)}.${random(256)}.${random(256)}:${1024 + random(60_000)}`)
    .set('requestId', `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(8)}${hex(4)}`);
  return path === undefined ? made : made.set('path', `${path}/${random(1_000_000)}?page=${random(100)}`);
}

const textLine = (request: Request): string =>
  formats.text.slots.reduce(
    (line, { field }, at) => `${line}${(field && request.get(field)) ?? '-'}${literals[at + 1]}`,
    literals[0] ?? '',
  );

/** As Envoy writes it: by key. */
function jsonLine(request: Request): string {
  const leaves = formats.json.slots.map(({ field, kind }, at): [string, unknown] => {
    const value = field && request.get(field);
    return [keys[at] ?? '', value === undefined ? null : kind === 'number' ? Number(value) : value];
  });
  return JSON.stringify(Object.fromEntries(leaves.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Lehmer's generator (MINSTD). */
function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * below);
  };
}
