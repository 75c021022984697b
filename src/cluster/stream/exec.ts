// A command in a container over a WebSocket. One byte of channel before each message: 1 is stdout, 2 stderr, 3 the
// Status of the end. Source: kubernetes/staging/src/k8s.io/cri-streaming/pkg/streaming/remotecommand/websocket.go.

import type WebSocket from 'ws';
import type { Connection } from '#cluster/access/connection.ts';
import { podPath } from '#cluster/access/resource-path.ts';
import { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import { field, parseJson } from '#core/json.ts';
import { limits } from '#core/limits.ts';
import { openWebSocket } from './web-socket.ts';

export interface ExecRequest {
  readonly pod: PodRef;
  readonly container: string;
  readonly command: readonly string[];
  readonly maxBytes: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const stdoutChannel = 1;
const stderrChannel = 2;
const statusChannel = 3;

/**
 * Runs a command without stdin, to its end. Throws `broken` when no Status came: what has been printed may then be cut
 * off. v4 is asked for first: the API server's translation of v5 reports success for a command whose container runtime
 * died, over half of its output; a server that has no v4 left is asked with v5.
 */
export async function execInPod(
  connection: Connection,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecResult> {
  const attempted = `run ${request.command[0]} in ${request.pod.namespace}/${request.pod.name}`;
  const open = (protocol: string): Promise<WebSocket> =>
    openWebSocket(connection, { ...streamOf(request), protocols: [protocol], attempted }, signal);
  const socket = await open('v4.channel.k8s.io').catch((error: unknown) => {
    if (error instanceof ToolError && error.code === 'unsupported') return open('v5.channel.k8s.io');
    throw error;
  });
  return collect(socket, attempted, request.maxBytes, signal);
}

function streamOf({
  pod,
  container,
  command,
}: ExecRequest): Pick<Parameters<typeof openWebSocket>[1], 'path' | 'query' | 'rule'> {
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
  for (const word of command) query.append('command', word);
  return {
    path: `${podPath(pod)}/exec`,
    query,
    rule: { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'], namespace: pod.namespace },
  };
}

function collect(socket: WebSocket, attempted: string, maxBytes: number, signal: AbortSignal): Promise<ExecResult> {
  let silence: NodeJS.Timeout | undefined;
  let onAbort = (): void => {};
  return new Promise<ExecResult>((resolve, reject) => {
    const output = new ExecOutput(attempted, maxBytes);
    const late = (): void =>
      reject(new ToolError('timeout', `cannot ${attempted}: nothing came for ${limits.firstByteMs / 1000} s`));
    silence = setTimeout(late, limits.firstByteMs);
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.removeAllListeners('error');
    socket.on('error', (error) =>
      reject(new ToolError('broken', `cannot ${attempted}: ${error.message}`, { cause: error })),
    );
    socket.on('message', (data: Buffer) => {
      silence?.refresh();
      try {
        output.take(data);
      } catch (error) {
        socket.terminate();
        reject(error);
      }
    });
    socket.on('close', () => {
      try {
        resolve(output.result());
      } catch (error) {
        reject(error);
      }
    });
    socket.resume();
  }).finally(() => {
    clearTimeout(silence);
    signal.removeEventListener('abort', onAbort);
    socket.terminate();
  });
}

/** What came on each channel. */
class ExecOutput {
  readonly #attempted: string;
  readonly #maxBytes: number;
  readonly #parts: Readonly<Record<number, Buffer[]>> = {
    [stdoutChannel]: [],
    [stderrChannel]: [],
    [statusChannel]: [],
  };
  #stdoutBytes = 0;
  #otherBytes = 0;

  constructor(attempted: string, maxBytes: number) {
    this.#attempted = attempted;
    this.#maxBytes = maxBytes;
  }

  /** Throws where a channel passes its limit. */
  take(message: Buffer): void {
    const channel = message[0] as number;
    const bytes = message.length - 1;
    if (channel === stdoutChannel) this.#stdoutBytes += bytes;
    else this.#otherBytes += bytes + 1;
    if (this.#stdoutBytes > this.#maxBytes)
      throw new ToolError(
        'too-large',
        `cannot ${this.#attempted}: it printed more than ${this.#maxBytes / 1024 / 1024} MiB`,
        { hint: 'raise the limit with --max-dump MIB' },
      );
    if (this.#otherBytes > limits.errorBytes)
      throw new ToolError(
        'too-large',
        `cannot ${this.#attempted}: more than ${limits.errorBytes / 1024} KiB came as errors and status`,
      );
    this.#parts[channel]?.push(message.subarray(1));
  }

  result(): ExecResult {
    const bytes = (channel: number): Buffer => Buffer.concat(this.#parts[channel] as Buffer[]);
    return {
      exitCode: exitCodeOf(bytes(statusChannel), this.#attempted),
      stdout: bytes(stdoutChannel),
      stderr: bytes(stderrChannel).toString('utf8'),
    };
  }
}

/**
 * `{"status":"Success"}`, or the exit code among `details.causes`: apimachinery pkg/apis/meta/v1 Status, CauseType
 * ExitCode.
 */
function exitCodeOf(status: Buffer, attempted: string): number {
  if (status.length === 0)
    throw new ToolError('broken', `cannot ${attempted}: the stream ended before the command did`);
  const json = parseJson(status, 'the Status of exec');
  if (field(json, 'status') === 'Success') return 0;
  const causes = field(field(json, 'details'), 'causes');
  const exit = Array.isArray(causes) ? causes.find((cause) => field(cause, 'reason') === 'ExitCode') : undefined;
  const code = Number(field(exit, 'message'));
  if (Number.isInteger(code) && code > 0) return code;
  throw new ToolError('api', `cannot ${attempted}: ${String(field(json, 'message') ?? 'the node gave no reason')}`);
}
