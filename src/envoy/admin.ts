// Envoy's admin interface over HTTP to a pod. Only GETs of readableAdminPaths, and `POST /logging`. Source:
// envoyproxy.io/docs/envoy/latest/operations/admin; requests run on Envoy's main thread, the one that takes xDS
// updates.

import { setImmediate } from 'node:timers/promises';
import { type Admin, type AdminRequest, type LoggingChange, readableAdminPaths } from '#core/admin.ts';
import { pause } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import type { Pod } from '#core/fleet.ts';
import { parseJson } from '#core/json.ts';
import type { PodHttp } from '#core/stream.ts';

export const adminPort = 15000;

/**
 * Envoy makes an answer on its main thread, all of it before the first byte. One that took longer than this held the
 * thread: the next request waits as long, so that xDS updates come through. Source:
 * source/server/admin/admin_filter.cc, onComplete.
 */
const slowMs = 500;
const longestPauseMs = 2_000;

/**
 * After a shorter one, a moment in which Envoy does what came meanwhile: whoever waits, such as a readiness probe,
 * waits for one answer and not for two.
 */
const noticeableMs = 25;
const breathMs = 5;

/** An answer of fewer bytes has hardly taken Envoy any time: all that it was waited for is the way there and back. */
const smallBytes = 4096;

function restAfter(heldMs: number): number {
  if (heldMs > slowMs) return Math.min(heldMs, longestPauseMs);
  return heldMs > noticeableMs ? breathMs : 0;
}

export function adminOf(pod: Pod, http: PodHttp, signal: AbortSignal): Admin {
  // Whoever asks for several things at once has the next one under way while the last one is read; Envoy still gets one
  // at a time.
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  /** By performance.now(). Only the next request waits for it: after the last one nobody does. */
  let restedAt = 0;
  const rested = async (): Promise<void> => {
    const ms = restedAt - performance.now();
    if (ms > 0) await pause(ms, signal);
  };
  /** An Envoy that does not know names in such a request answers with all there is. */
  let areBriefAnswersBrief = true;
  let wayMs: number | undefined;
  const timed = async (method: 'GET' | 'POST', path: string, isBrief: boolean) => {
    waiting--;
    if (!isBrief || !areBriefAnswersBrief) await rested();
    const began = performance.now();
    const answer = await http.request(method, path);
    const ended = performance.now();
    const waitedMs = answer.waitedMs ?? ended - began;
    if (answer.body.length < smallBytes) wayMs = Math.min(wayMs ?? waitedMs, waitedMs);
    const heldMs = waitedMs - Math.min(wayMs ?? 0, waitedMs);
    restedAt = Math.max(restedAt, ended + restAfter(heldMs));
    if (isBrief && heldMs > slowMs) areBriefAnswersBrief = false;
    return { ...answer, heldMs };
  };
  const send = async (method: 'GET' | 'POST', path: string, isBrief = false): Promise<Buffer> => {
    waiting++;
    const answered = last.then(() => timed(method, path, isBrief));
    // Who asked hears of a failure; the next request is tried all the same.
    last = answered.catch(() => {});
    const { status, body, heldMs } = await answered;
    if (status !== 200) throw notOk(pod, path, status, body);
    // The next request is sent before this answer is read, which takes some ten milliseconds.
    if (waiting > 0 && heldMs <= slowMs) await rested();
    await setImmediate();
    return body;
  };
  return {
    pod,
    get: async (request) => send('GET', pathOf(request), request.isBrief),
    logging: async (change) => (await send('POST', loggingPath(change))).toString('utf8'),
  };
}

/** The answer, parsed. Throws ToolError `bad-answer` for what is no JSON. */
export async function fetchJson(
  admin: Admin,
  request: AdminRequest,
  parse: (body: Buffer, what: string) => unknown = parseJson,
): Promise<unknown> {
  const { namespace, name } = admin.pod;
  return parse(await admin.get(request), `${pathOf(request).slice(1)} of ${namespace}/${name}:${adminPort}`);
}

function pathOf({ path, query = {} }: AdminRequest): string {
  if (!readableAdminPaths.includes(path))
    throw new ToolError('usage', `/${path} is not an admin path that this tool asks for`);
  const words = Object.entries(query).map(([name, value]) =>
    value === '' ? encodeURIComponent(name) : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return `/${path}${words.length === 0 ? '' : `?${words.join('&')}`}`;
}

/** Envoy before 1.26 does not decode what stands in a query, so what need not be encoded is not. */
function loggingPath(change: LoggingChange | undefined): string {
  if (change === undefined) return '/logging';
  const [name, value] =
    'paths' in change
      ? ['paths', change.paths.map(({ logger, level }) => `${plain(logger)}:${plain(level)}`).join(',')]
      : ['logger' in change ? plain(change.logger) : 'level', plain(change.level)];
  return `/logging?${name}=${value}`;
}

const plain = (text: string): string => encodeURIComponent(text).replaceAll('%2F', '/');

function notOk(pod: Pod, path: string, status: number, body: Buffer): ToolError {
  const firstLine = body.toString('utf8', 0, 200).trim().split('\n')[0];
  return new ToolError(
    status === 400 || status === 404 ? 'unsupported' : 'bad-answer',
    `cannot ${path.startsWith('/logging?') ? 'set log levels' : `read ${path.slice(1)}`} of ${pod.namespace}/${pod.name}:${adminPort}: Envoy answered ${status}${firstLine ? `, "${firstLine}"` : ''}`,
  );
}
