// Errors that are alike: host, code, flags, details and upstream are the same.

import type { LogLine } from '#core/pod-logs.ts';
import type { AccessEntry } from '#model/access-log.ts';
import type { ErrorSignature } from '#model/report.ts';
import { isOwnConnection } from './own-connection.ts';

interface Counting {
  readonly of: Omit<ErrorSignature, 'count' | 'last' | 'pods' | 'samples'>;
  last: string;
  count: number;
  readonly pods: Set<string>;
  readonly samples: LogLine[];
}

export class ErrorSignatures {
  readonly #known = new Map<string, Counting>();
  readonly #samples: number;

  /** `samples`: lines that are kept of each. */
  constructor(samples: number) {
    this.#samples = samples;
  }

  /** An entry that is an error, and its line. */
  add(entry: AccessEntry, line: LogLine): void {
    if (isOwnConnection(entry)) return;
    const { authority, serverName, responseCode, responseFlags = [], responseCodeDetails, upstreamCluster } = entry;
    const host = authority ?? serverName;
    const key = JSON.stringify([host, responseCode, responseFlags, responseCodeDetails, upstreamCluster]);
    const known = this.#known.get(key) ?? {
      of: {
        host,
        code: responseCode === 0 ? undefined : responseCode,
        flags: responseFlags,
        details: responseCodeDetails,
        upstream: upstreamCluster,
        first: line.time,
      },
      last: line.time,
      count: 0,
      pods: new Set<string>(),
      samples: [],
    };
    known.last = line.time;
    known.count++;
    known.pods.add(line.pod);
    if (known.samples.length < this.#samples) known.samples.push(line);
    this.#known.set(key, known);
  }

  /** In the order of their first lines. */
  list(): ErrorSignature[] {
    return [...this.#known.values()].map(({ of, last, count, pods, samples }) => ({
      ...of,
      count,
      last,
      pods: [...pods].sort(),
      samples,
    }));
  }
}
