// What is asked of the pods' logs, and what comes.

import type { PodOutcome } from './fleet.ts';

export type LoggedWorkload = 'gateway' | 'istiod';

/** The container that writes the log of each. */
export const loggedContainer = { gateway: 'istio-proxy', istiod: 'discovery' } as const satisfies Readonly<
  Record<LoggedWorkload, string>
>;

/** Which lines of the pods' logs. */
export interface LogRequest {
  /** Whose pods; the gateway's where it is not given. */
  readonly of?: LoggedWorkload;
  readonly container: string;
  /** By the kubelet's time of the line, which is written when a request ends. */
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  /** The last so many lines of each pod. */
  readonly tailLines: number | undefined;
  readonly follow: boolean;
  /** Of several pods' lines; `time` where it is not given, for which a line waits for the pods that are silent. */
  readonly order?: 'time' | 'arrival';
  /** Per pod; what comes after is not read. Not for `follow`, which has no end. */
  readonly maxBytes: number;
  /** One line for people about a pod that lags, is new, lost lines… */
  readonly note: (line: string) => void;
}

/** Of a log that is read once, up to now; what pods do meanwhile is not told. */
export const upToNow = { until: undefined, tailLines: undefined, follow: false, note: () => {} } as const;

export interface LogLine {
  readonly pod: string;
  /** The kubelet's: RFC 3339 in UTC with nine digits, so that text order is time order. Empty where it gave none. */
  readonly time: string;
  readonly text: string;
}

/** What of the stretch of time that was asked for a pod's log has. */
export interface LogCoverage {
  /** Time of the oldest line that the API server can give. */
  readonly from: string | undefined;
  /** Why a part of it is missing; undefined where nothing is. */
  readonly gap: string | undefined;
  /** Where it is later lines that are missing, the time of the last one before; empty for any of them. */
  readonly wholeUntil?: string | undefined;
  readonly lines: number;
}

/** Lines of all pods in the order that was asked for, some at a time. Ends by itself unless it follows. */
export interface LogStream extends AsyncIterable<readonly LogLine[]> {
  /** So far. */
  coverage(): readonly PodOutcome<LogCoverage>[];
  /** Ends the streams; the iteration ends as well. */
  close(): void;
}
