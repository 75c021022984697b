// What a whole dump has, asked for in pieces of a real Envoy: the same.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AdminRequest } from '#core/admin.ts';
import { isMadeAtOnce } from '#core/admin-path.ts';
import type { Pod } from '#core/fleet.ts';
import { memoryGuard } from '#envoy/whole-dump.ts';
import { admin as curl, gateways } from './truth/cluster.ts';

/** By its content: neither the order of a hash map nor that of an object's fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(sorted(one))).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, one]) => [name, sorted(one)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

for (const gateway of gateways())
  test(`${gateway.pod}: in pieces as in one`, async () => {
    const asked: AdminRequest[] = [];
    const get = async (request: AdminRequest): Promise<Buffer> => {
      asked.push(request);
      return Buffer.from(curl(gateway, `${request.path}?${new URLSearchParams(request.query)}`));
    };
    const notes: string[] = [];
    const guarded = memoryGuard((line) => notes.push(line));
    const dump = async (memoryLimit: number): Promise<unknown> => {
      const pod = { namespace: 'istio-system', name: gateway.pod, memoryLimit } as Pod;
      const body = await guarded({ pod, get, logging: async () => '' }).get({
        path: 'config_dump',
        query: { include_eds: '' },
      });
      return sorted(JSON.parse(body.toString('utf8')));
    };
    const whole = await dump(1e15);
    assert.equal([asked.filter(isMadeAtOnce).length, notes], [1, []]);
    assert.equal(await dump(1), whole);
    assert.match(notes.join(), 'which are not of one moment');
  });

test.run();
