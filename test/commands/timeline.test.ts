// What happened in the demo, in the order of time: live and of a snapshot the same.

import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Moment } from '#model/timeline.ts';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

test('the order of the incident, live and of a snapshot', () =>
  withDemo({}, async ({ kii, directory }) => {
    const live = await kii('timeline');
    assert.is(live.code, 0, live.err);
    golden('commands/timeline.txt', live.out);
    const file = join(directory, 'incident.tgz');
    assert.is((await kii(['snapshot', file])).code, 0);
    assert.equal(await kii(['timeline', '--from', file]), live);
    const json = JSON.parse((await kii(['timeline', '-o', 'json', '--from', file])).out) as {
      items: readonly Moment[];
    };
    assert.equal(schemaErrors(json), []);
    const times = json.items.map(({ at }) => Date.parse(at));
    assert.equal(
      times,
      times.toSorted((a, b) => a - b),
    );
  }));

test('errors of one host, only these, with their onset', () =>
  withDemo({}, async ({ kii }) => {
    const { out } = await kii('timeline --only errors --host svc9.discovery.wmnet -o json');
    const { items } = JSON.parse(out) as { items: readonly Moment[] };
    assert.ok(items.length > 0);
    for (const { kind, what, count = 0, pods } of items) {
      assert.is(kind, 'errors');
      assert.match(what, 'svc9.discovery.wmnet');
      assert.ok(count > 0 && pods.length > 0);
    }
  }));

test('what may not be read is said, and the rest is told', () =>
  withDemo(
    {
      faults: [
        { resource: 'events', at: 'request', does: 'status', code: 403, reason: 'Forbidden', message: 'no events' },
        { on: 'log', at: 'request', does: 'status', code: 403, reason: 'Forbidden', message: 'no logs' },
      ],
    },
    async ({ kii }) => {
      const { code, out, err } = await kii('timeline');
      assert.is(code, 3);
      assert.match(out, 'route configuration');
      assert.match(err, 'no events');
      assert.match(err, 'no logs');
    },
  ));

test.run();
