// GETs of a port of a pod without port-forward: Istio's images bring a client of their own, `pilot-agent request` in
// the proxy and `pilot-discovery request` in istiod. It holds the whole answer in the container's memory, so it never
// carries a full dump. Source: istio/pilot/cmd/pilot-agent/app/request.go (60 s, the port by --debug-port, the answer
// and a newline on stdout).

import type { Connection } from '#cluster/access/connection.ts';
import { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import type { HttpAnswer, PodHttp } from '#core/stream.ts';
import { execInPod } from './exec.ts';

export interface ExecHttpOptions {
  readonly pod: PodRef;
  readonly container: 'istio-proxy' | 'discovery';
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
  /** Allows whole dumps, which the user has to ask for. */
  readonly mayDump?: boolean;
}

const clients = { 'istio-proxy': 'pilot-agent', discovery: 'pilot-discovery' } as const;

export function execHttp(
  connection: Connection,
  { pod, container, maxAnswerBytes, signal, mayDump = false }: ExecHttpOptions,
): PodHttp {
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (method: string, path: string): Promise<HttpAnswer> => {
    const what = `${path.slice(1)} of ${pod.namespace}/${pod.name} through exec`;
    if (!mayDump && isWholeDump(path)) throw fullDump(what);
    const command = [clients[container], 'request', method, path.slice(1)];
    const { exitCode, stdout, stderr } = await execInPod(
      connection,
      { pod, container, command, maxBytes: maxAnswerBytes },
      signal,
    );
    if (exitCode !== 0)
      throw new ToolError('bad-answer', `cannot read ${what}: ${command[0]} ${howEnded(exitCode, stderr)}`);
    const body = wholeAnswer(withoutLog(stdout), what);
    return { status: isNotFound(body) ? 404 : 200, body };
  };
  return {
    request: (method, path) => {
      const answer = last.then(() => ask(method, path));
      last = answer.catch(() => {});
      return answer;
    },
    close: () => {},
  };
}

/** 137 is 128 and SIGKILL. What slog writes at INFO is on stderr before any error. */
function howEnded(exitCode: number, stderr: string): string {
  if (exitCode === 137) return 'was killed: the container has ended meanwhile, or had no memory left for it';
  const words = stderr
    .trim()
    .split('\n')
    .filter((line) => !/^\d{4}\/\d\d\/\d\d [\d:]+ INFO /.test(line));
  return `ended with ${exitCode}${words.length === 0 ? '' : `, "${words.at(-1)}"`}`;
}

/**
 * The client logs to stdout, before the answer, for instance where the image has no CA certificates. Source:
 * istio/pkg/log/options.go, defaultOutputPath.
 */
function withoutLog(stdout: Buffer): Buffer {
  const [log = ''] =
    /^(?:\d{4}-\d\d-\d\dT[\d:.]+Z\t(?:debug|info|warn|error)\t.*\n)+/.exec(stdout.toString('latin1', 0, 4096)) ?? [];
  return stdout.subarray(log.length);
}

function isWholeDump(path: string): boolean {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  return pathname === '/config_dump' && !searchParams.has('resource') && !searchParams.has('mask');
}

/**
 * The client takes a 404 for success; these are Envoy's texts of one: source/server/admin/admin.cc and
 * config_dump_handler.cc.
 */
const isNotFound = (body: Buffer): boolean =>
  /^(invalid path\. admin commands are:|\S+ not found in config dump\s*$)/.test(body.toString('utf8', 0, 200));

/**
 * The client ends what it prints with a newline of its own; a kubelet may report a command that was cut off as a
 * success.
 */
function wholeAnswer(stdout: Buffer, what: string): Buffer {
  if (stdout.at(-1) !== 0x0a)
    throw new ToolError('broken', `cannot read ${what}: the answer ended in the middle, after ${stdout.length} bytes`);
  return stdout.subarray(0, -1);
}

const fullDump = (what: string): ToolError =>
  new ToolError(
    'unsupported',
    `cannot read ${what}: exec would hold the whole dump in the gateway's own memory several times`,
    {
      hint: 'allow pods/portforward (kubectl istio-ingress doctor prints the rule), or ask all the same: config-dump --exec-dump',
    },
  );
