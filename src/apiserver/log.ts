// `pods/NAME/log`: what the kubelet makes of a container's log. Measured with kubelet 1.37: sinceTime is cut to
// seconds, the end of a container is a clean end of the stream, a rotation is not seen by a follower that keeps up.

import type { ServerResponse } from 'node:http';
import type { KubeObject } from '#core/kube-object.ts';
import type { LoggedLine, LogReader, ServedCluster } from './cluster.ts';
import type { Faults, LogFault } from './fault.ts';
import { podParts } from './pod-parts.ts';
import { type ApiAnswer, badRequest, failure } from './status.ts';

export interface LogServing {
  readonly cluster: ServedCluster;
  readonly pod: KubeObject;
  readonly query: URLSearchParams;
  readonly faults: Pick<Faults, 'take'>;
  /** Resets the connection. */
  readonly reset: () => void;
}

/** Serves the stream, or says why not. */
export async function serveLog(response: ServerResponse, serving: LogServing): Promise<ApiAnswer | undefined> {
  const { cluster, query, pod } = serving;
  const refused = refusal(serving);
  if (refused) return refused;
  const container = containerOf(serving);
  const log = await cluster.log(pod, container, query.get('previous') === 'true' ? 'previous' : 'current');
  if (!log)
    return badRequest(
      cluster.words?.noPrevious ??
        `previous terminated container "${container}" in pod "${pod.metadata.name}" not found`,
    );
  response.writeHead(200, { 'content-type': 'text/plain' });
  const writer = lineWriter(response, serving);
  for (const line of selected(log.lines, query, cluster.now())) writer.line(line);
  const follows = query.get('follow') === 'true' && query.get('previous') !== 'true' && isRunning(pod);
  if (!follows || !log.follow) writer.end();
  else {
    response.flushHeaders();
    const { stop } = log.follow(writer);
    response.on('close', stop);
  }
  return undefined;
}

const containerOf = ({ query, pod }: LogServing): string =>
  query.get('container') ?? podParts(pod).containers[0]?.name ?? '';

/** The log of one that has ended is served to its end, however often it is followed. */
const isRunning = (pod: KubeObject): boolean =>
  podParts(pod).status.containerStatuses.some(({ state }) => state?.running !== undefined);

function refusal(serving: LogServing): ApiAnswer | undefined {
  const { query, pod } = serving;
  const { name } = pod.metadata;
  const { containers, status } = podParts(pod);
  const container = containerOf(serving);
  const wrong = ['sinceSeconds', 'tailLines', 'limitBytes'].map((one) => query.get(one)).find(isNoNumber);
  if (wrong !== undefined) return badRequest(`strconv.ParseInt: parsing ${JSON.stringify(wrong)}: invalid syntax`);
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
  if (!containers.some((one) => one.name === container))
    return badRequest(`container ${container} is not valid for pod ${name}`);
  // While it is being created there is none.
  return status.containerStatuses.length > 0
    ? undefined
    : badRequest(`container "${container}" in pod "${name}" is waiting to start: ContainerCreating`);
}

/** Twelve digits of seconds reach to no time that Date does not know. */
const isNoNumber = (value: string | null): boolean => value !== null && !/^-?\d{1,12}$/.test(value);

function selected(lines: readonly LoggedLine[], query: URLSearchParams, now: Date): readonly LoggedLine[] {
  const from = fromTime(query, now);
  const recent = lines.filter(({ time }) => time >= from);
  const tail = query.get('tailLines');
  return tail === null ? recent : recent.slice(Math.max(0, recent.length - Number(tail)));
}

/** Text order is time order. */
function fromTime(query: URLSearchParams, now: Date): string {
  const since = query.get('sinceTime');
  const seconds = query.get('sinceSeconds');
  if (since === null && seconds === null) return '';
  const from = since === null ? now.getTime() - Number(seconds) * 1000 : Date.parse(since);
  return `${new Date(from).toISOString().slice(0, 19)}.000000000Z`;
}

function lineWriter(response: ServerResponse, { query, faults, pod, reset }: LogServing): LogReader {
  const fault = faults.take('log', { on: 'log', pod: pod.metadata.name });
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
