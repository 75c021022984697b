// What docs/compatibility.md says of versions that ran: made of the records of `npm run test:versions`.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const records = join(import.meta.dirname, '../test/real-cluster/records');

/** One run of test/real-cluster. */
export interface Run {
  readonly istio: string;
  readonly envoy: string;
  readonly kubernetes: string;
  /** Of this repository: as it was landed, where a branch ran. */
  readonly commit: string;
  /** `2026-11-29`. */
  readonly date: string;
  /** Parts of the tests' paths, where not all ran. */
  readonly parts?: readonly string[];
  readonly passed: number;
  readonly failed: number;
  /** The names of the tests that failed. */
  readonly failing: readonly string[];
}

/** `kubernetes`: another than the harness runs by itself. */
export const recordFile = (istio: string, kubernetes?: string): string =>
  join(records, `istio-${istio}${kubernetes === undefined ? '' : `-kubernetes-${kubernetes}`}.json`);

export const runs = (): readonly Run[] =>
  readdirSync(records)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((file) => JSON.parse(readFileSync(join(records, file), 'utf8')) as Run);
