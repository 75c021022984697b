// What may be made to go wrong, where, and how often. Each kind is applied in one place: `request` in server.ts,
// `connection` and `answer` in port-forward.ts (armed by pod-http.ts), `exec` in exec.ts, `log` in log.ts, `review` in
// rest.ts. How a real node does each: realnode measurements of kubelet 1.37, containerd 2.4 (a close comes one second
// late, with code 1000).

import { globMatcher } from '#core/glob.ts';

export type Operation = 'list' | 'watch' | 'read' | 'review' | 'log' | 'portforward' | 'exec' | 'other';

interface Where {
  /** Name or glob of the pod; every pod, and requests that concern none, where it is not given. */
  readonly pod?: string;
  /** Only these requests to the API server. */
  readonly on?: Operation;
  /** Plural resource of a list, watch or read. */
  readonly resource?: string;
  /** API version of a list, watch or read: `v1beta1`. */
  readonly version?: string;
  readonly port?: number;
  /** Beginning of path and query on the pod's port: `/config_dump?resource=static`. */
  readonly path?: string;
  /** How often; always, where it is not given. */
  readonly times?: number;
}

/** The API server's answer instead of the real one: a Status, or what the kubelet says as text, or nothing. */
export interface StatusFault {
  readonly at: 'request';
  readonly does: 'status';
  readonly code: number;
  readonly body?: 'status' | 'text' | 'empty';
  readonly message?: string;
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
}

/** To the HTTPS connection itself: it is never answered, or it is reset. */
export interface RequestFault {
  readonly at: 'request';
  readonly does: 'stall' | 'reset';
}

/**
 * To the TCP connection into the pod: nothing listens; it opens and stays silent; it is reset at once; it is closed at
 * once (1000); the WebSocket is dropped (1006).
 */
export interface ConnectionFault {
  readonly at: 'connection';
  readonly does: 'refuse' | 'stall' | 'reset' | 'close' | 'drop';
}

/**
 * To one answer on the pod's port. `afterBytes` counts bytes of the body (with its chunk framing); nothing is answered
 * where it is not given. stall: silence; close: FIN, then 1000; reset: an error text, then 1000; drop: 1006.
 */
export interface CutAnswerFault {
  readonly at: 'answer';
  readonly does: 'stall' | 'close' | 'reset' | 'drop';
  readonly afterBytes?: number;
}

export type OtherAnswerFault =
  | { readonly at: 'answer'; readonly does: 'junk' }
  /** Content-Length is wrong by that much; the connection is closed after the body where it says too much. */
  | { readonly at: 'answer'; readonly does: 'wrong-length'; readonly by: number }
  /** Pieces of that many bytes, one every `everyMs`. */
  | { readonly at: 'answer'; readonly does: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** Another answer than Envoy's own. */
  | {
      readonly at: 'answer';
      readonly does: 'answer';
      readonly status: number;
      readonly body: string;
      readonly contentType?: string;
    };

/** The output ends early: with `Success` (containerd died), without a status, or dropped. */
export interface ExecFault {
  readonly at: 'exec';
  readonly does: 'success' | 'no-status' | 'drop';
  readonly afterBytes: number;
}

/** A log stream ends early: as if the container had ended, reset, or silent. */
export interface LogFault {
  readonly at: 'log';
  readonly does: 'close' | 'reset' | 'stall';
  readonly afterLines: number;
}

/** A right that the user has not: by `resource`, with its subresource, and `verb`. */
export interface ReviewFault {
  readonly at: 'review';
  readonly does: 'deny';
  readonly verb?: string;
}

export type Fault = Where &
  (
    | StatusFault
    | RequestFault
    | ConnectionFault
    | CutAnswerFault
    | OtherAnswerFault
    | ExecFault
    | LogFault
    | ReviewFault
  );

export interface Target {
  readonly on: Operation;
  readonly pod?: string | undefined;
  readonly resource?: string | undefined;
  readonly version?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly verb?: string | undefined;
}

export interface Faults {
  /** The fault that is to happen now, which is counted as having happened. */
  take<At extends Fault['at']>(at: At, target: Target): Extract<Fault, { readonly at: At }> | undefined;
  /** From now on these, and none of the earlier ones. */
  set(faults: readonly Fault[]): void;
}

/** The first fault of the list that concerns a target and has times left is the one that happens. */
export function faultList(initial: readonly Fault[]): Faults {
  let left: { readonly fault: Fault; times: number }[] = [];
  const set = (faults: readonly Fault[]): void => {
    left = faults.map((fault) => ({ fault, times: fault.times ?? Number.POSITIVE_INFINITY }));
  };
  set(initial);
  return {
    set,
    take: (at, target) => {
      const entry = left.find(({ fault, times }) => times > 0 && fault.at === at && concerns(fault, target));
      if (entry) entry.times--;
      return entry?.fault as never;
    },
  };
}

function concerns(where: Where & { readonly verb?: string }, target: Target): boolean {
  if (where.verb !== undefined && where.verb !== target.verb) return false;
  if (where.pod !== undefined && (target.pod === undefined || !globMatcher(where.pod)(target.pod))) return false;
  if (where.path !== undefined && !target.path?.startsWith(where.path)) return false;
  return (
    (where.on === undefined || where.on === target.on) &&
    (where.resource === undefined || where.resource === target.resource) &&
    (where.version === undefined || where.version === target.version) &&
    (where.port === undefined || where.port === target.port)
  );
}
