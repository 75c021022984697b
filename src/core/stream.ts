// What `cluster` hands to `envoy`, `istiod` and the commands: ways to reach a port of a pod.

import type { Duplex } from 'node:stream';
import type { PodRef } from './fleet.ts';

/**
 * Opens one TCP connection to `port` on the loopback interface of the pod. Resolves once the stream is open, which does
 * not mean that something listens there: a refusal destroys the stream with a ToolError `refused`. The caller destroys
 * it.
 */
export type Dial = (pod: PodRef, port: number, signal: AbortSignal) => Promise<Duplex>;

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** From the request to the first byte, in ms: as long as it was made. Undefined where that cannot be told. */
  readonly waitedMs?: number;
}

/** HTTP to one port of one pod. Requests are sent one after the other, also those of several callers. */
export interface PodHttp {
  /**
   * `path` with its query, beginning with `/`; the body is whole, whatever the status. Throws ToolError: refused,
   * timeout, broken, too-large, bad-answer, unreachable, forbidden… A GET that failed for what can pass is sent again;
   * a POST never.
   */
  request(method: 'GET' | 'POST', path: string): Promise<HttpAnswer>;
  /** Ends what is under way, and the connection. */
  close(): void;
}
