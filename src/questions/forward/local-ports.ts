// What `port-forward` opens on this machine: a door to the admin port that lets reading through, and plain TCP to other
// ports.

import { forwardingServer } from '#cluster/local/local-forward.ts';
import { type Loopback, listenOnLoopback } from '#cluster/local/loopback.ts';
import { type DoorAnswer, doorServer } from '#cluster/local/loopback-door.ts';
import { readableAdminPaths } from '#core/admin.ts';
import { readAdminPath } from '#core/admin-path.ts';
import { asToolError, type ErrorCode, hintLines, type ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import type { Source } from '#core/source.ts';
import { readAdminBody } from '#dump/admin-body.ts';
import { fetchBody, type PodTarget } from './pod-target.ts';

/**
 * Lets only GET of reading paths through, for Host headers of this machine, one request after the other, and takes
 * private keys out.
 */
export function openDoor(target: PodTarget, port: number, failed: (error: ToolError) => void): Promise<Loopback> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const inTurn = (path: string): Promise<DoorAnswer> => {
    const answer = last.then(() => answerPath(target, path, failed)).finally(() => waiting--);
    waiting++;
    last = answer;
    return answer;
  };
  const answer = async (path: string): Promise<DoorAnswer> => {
    if (path === '/') return plain(200, await aboutDoor(target));
    return waiting < limits.waitingRequests ? inTurn(path) : plain(503, `${waiting} requests wait already`);
  };
  return listenOnLoopback(() => doorServer(answer), port);
}

async function answerPath(target: PodTarget, path: string, failed: (error: ToolError) => void): Promise<DoorAnswer> {
  try {
    const request = readAdminPath(path);
    const { text, json } = await readAdminBody(await target.with((pod, source) => fetchBody(source, pod, request)));
    return json === undefined
      ? { ...plain(200, ''), body: text }
      : { status: 200, contentType: 'application/json', body: text };
  } catch (thrown) {
    const error = asToolError(thrown, `ask for ${path}`);
    if (error.code !== 'usage' && error.code !== 'unsupported') failed(error);
    return plain(statuses[error.code] ?? 502, [error.message, ...hintLines(error)].join('\n'));
  }
}

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  usage: 403,
  unsupported: 400,
  timeout: 504,
  'not-ready': 503,
  internal: 500,
};

async function aboutDoor(target: PodTarget): Promise<string> {
  const pod = await target.pod().then(
    ({ namespace, name }) => `${namespace}/${name}`,
    () => 'no pod at the moment',
  );
  return [`the admin port of ${pod}, for GET of:`, ...readableAdminPaths.map((path) => `/${path}`)].join('\n');
}

const plain = (status: number, line: string): DoorAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${line}\n`,
});

export interface Forwarded {
  readonly local: number;
  readonly remote: number;
}

/** Plain TCP: whatever is sent goes to the pod's port. `source` stays open for as long as there are connections. */
export function openForward(
  target: PodTarget,
  source: Source,
  { local, remote }: Forwarded,
  { failed, signal }: { readonly failed: (error: ToolError) => void; readonly signal: AbortSignal },
): Promise<Loopback> {
  const dial = (inner: AbortSignal): ReturnType<Source['dial']> =>
    target.with((pod) => source.dial(pod, remote, inner));
  return listenOnLoopback(() => forwardingServer({ dial, failed, signal }), local);
}
