// The node's side of exec over `v5.channel.k8s.io` and `v4.channel.k8s.io`: 1 stdout, 2 stderr, 3 status. First comes
// an empty message on stdout, last the status, then a close with 1000. It runs `pilot-agent` and `pilot-discovery` with
// `request`, no more. Source: kubernetes/pkg/kubelet/cri/streaming/remotecommand; measured with containerd 2.4.

import type { WebSocket } from 'ws';
import type { Faults } from './fault.ts';
import type { PodDoor } from './pod-http.ts';

export interface Execution {
  readonly pod: PodDoor;
  readonly command: readonly string[];
  readonly faults: Faults;
  /** In place of what a container says that has no such program. */
  readonly noCommand: string | undefined;
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: object;
}

const success = { metadata: {}, status: 'Success' };

const exitedWith = (code: number): object => ({
  metadata: {},
  status: 'Failure',
  message: `command terminated with non-zero exit code: exit status ${code}`,
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
});

const chunkBytes = 32 * 1024;

/** Runs the command and closes the socket. Never rejects: what goes wrong is sent as the command's status. */
export async function serveExec(socket: WebSocket, execution: Execution): Promise<void> {
  const { stdout, stderr, status } = await run(execution);
  const send = (channel: number, bytes: Buffer): Promise<void> =>
    new Promise((resolve) => socket.send(Buffer.concat([Buffer.of(channel), bytes]), () => resolve()));
  const fault = execution.faults.take('exec', {
    on: 'exec',
    pod: execution.pod.name,
    path: execution.command.join(' '),
  });
  await send(1, Buffer.alloc(0));
  const output = Buffer.from(stdout).subarray(0, fault?.afterBytes);
  for (let at = 0; at < output.length; at += chunkBytes) await send(1, output.subarray(at, at + chunkBytes));
  if (stderr) await send(2, Buffer.from(stderr));
  if (fault?.does === 'drop') return socket.terminate();
  if (fault?.does !== 'no-status') await send(3, Buffer.from(JSON.stringify(fault ? success : status)));
  socket.close(1000);
}

const adminPort: Readonly<Record<string, number>> = { 'pilot-agent': 15000, 'pilot-discovery': 8080 };

async function run({ pod, command, noCommand }: Execution): Promise<Ended> {
  const [program = '', verb, method = '', path = ''] = command.filter((word) => !word.startsWith('-'));
  const port = adminPort[program];
  if (port === undefined || verb !== 'request') {
    const message =
      noCommand ??
      `error executing command in container: failed to exec in container: failed to start exec: exec: "${program}": executable file not found in $PATH`;
    const status = {
      metadata: {},
      status: 'Failure',
      message,
      reason: 'InternalError',
      details: { causes: [{ message }] },
      code: 500,
    };
    return { stdout: '', stderr: '', status };
  }
  const answer = await pod.ask(port, method, `/${path.replace(/^\//, '')}`);
  // The agent takes a 404 for success, and ends its output with a newline of its own.
  if (answer.status === 200 || answer.status === 404)
    return { stdout: `${answer.body}\n`, stderr: '', status: success };
  return {
    stdout: '',
    stderr: `Error: unexpected status code ${answer.status}: ${answer.body}\n`,
    status: exitedWith(1),
  };
}
