// `pods/NAME/log`: what the kubelet makes of a container's log. Measured with kubelet 1.37: sinceTime is cut to
// seconds, the end of a container is a clean end of the stream, a rotation is not seen by a follower that keeps up.

import type { ServerResponse } from 'node:http';
import type { ContainerLogs, LoggedLine } from './container-logs.ts';
import type { Faults, LogFault } from './fault.ts';
import { type ApiAnswer, badRequest, failure } from './status.ts';

export interface LogServing {
  readonly pod: string;
  readonly containers: readonly string[];
  /** False while the container is being created. */
  readonly hasStarted: boolean;
  /** The log of one that has ended is served to its end, however often it is followed. */
  readonly isRunning: boolean;
  readonly query: URLSearchParams;
  readonly logs: ContainerLogs;
  readonly faults: Faults;
  /** Resets the connection. */
  readonly reset: () => void;
}

/** Serves the stream, or says why not. */
export function serveLog(response: ServerResponse, serving: LogServing): ApiAnswer | undefined {
  const { query, logs, pod } = serving;
  const refused = refusal(serving);
  if (refused) return refused;
  const lines = logs.lines(pod, query.get('previous') === 'true' ? 'previous' : 'current');
  if (!lines) return badRequest(`previous terminated container "${containerOf(serving)}" in pod "${pod}" not found`);
  response.writeHead(200, { 'content-type': 'text/plain' });
  const writer = lineWriter(response, serving);
  for (const line of selected(lines, query)) writer.line(line);
  if (query.get('follow') !== 'true' || query.get('previous') === 'true' || !serving.isRunning) writer.end();
  else {
    response.flushHeaders();
    const { stop } = logs.follow(pod, writer);
    response.on('close', stop);
  }
  return undefined;
}

const containerOf = ({ query, containers }: LogServing): string => query.get('container') ?? containers[0] ?? '';

function refusal(serving: LogServing): ApiAnswer | undefined {
  const { query, containers, pod, hasStarted } = serving;
  const container = containerOf(serving);
  const sinceTime = query.get('sinceTime');
  if (sinceTime !== null && Number.isNaN(Date.parse(sinceTime)))
    return badRequest(`parsing time ${JSON.stringify(sinceTime)}`);
  if (sinceTime !== null && query.has('sinceSeconds')) {
    return failure(
      422,
      'Invalid',
      'PodLogOptions is invalid: at most one of `sinceTime` or `sinceSeconds` may be specified',
    );
  }
  if (!containers.includes(container)) return badRequest(`container ${container} is not valid for pod ${pod}`);
  return hasStarted
    ? undefined
    : badRequest(`container "${container}" in pod "${pod}" is waiting to start: ContainerCreating`);
}

function selected(lines: readonly LoggedLine[], query: URLSearchParams): readonly LoggedLine[] {
  const since = query.get('sinceTime');
  const from = since === null ? '' : `${new Date(Date.parse(since)).toISOString().slice(0, 19)}.000000000Z`;
  const recent = lines.filter(({ time }) => time >= from);
  const tail = query.get('tailLines');
  return tail === null ? recent : recent.slice(Math.max(0, recent.length - Number(tail)));
}

function lineWriter(
  response: ServerResponse,
  { query, faults, pod, reset }: LogServing,
): { line: (line: LoggedLine) => void; end: () => void } {
  const fault = faults.take('log', { on: 'log', pod });
  const hasTimes = query.get('timestamps') === 'true';
  let left = Number(query.get('limitBytes') ?? Number.POSITIVE_INFINITY);
  let lines = 0;
  const isSpoiled = (): boolean => fault !== undefined && lines > fault.afterLines;
  return {
    line: ({ time, text }) => {
      if (++lines > (fault?.afterLines ?? Number.POSITIVE_INFINITY)) {
        if (lines - 1 === fault?.afterLines) spoil(response, fault, reset);
        return;
      }
      const bytes = Buffer.from(`${hasTimes ? `${time} ` : ''}${text}\n`).subarray(0, left);
      left -= bytes.length;
      if (bytes.length > 0) response.write(bytes);
    },
    end: () => {
      if (!isSpoiled()) response.end();
    },
  };
}

function spoil(response: ServerResponse, { does }: LogFault, reset: () => void): void {
  if (does === 'close') response.end();
  if (does === 'reset') reset();
}
