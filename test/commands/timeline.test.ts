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

test('what istiod logged of the pods, live and of a snapshot, anonymous too', () =>
  withDemo({}, async ({ demo, kii, directory }) => {
    const [istiod, pod] = ['istiod-69897fbd6f-87b4r', 'istio-ingressgateway-l9b5b'];
    const write = (time: string, scope: string, message: string): void => {
      const at = `2026-11-23T12:${time}.000Z`;
      demo.logs.write(istiod, `${at}\tinfo\t${scope}\t${message}`, new Date(at));
    };
    write('06:13', 'model', 'its container starts');
    write('08:01', 'delta', `ADS: "10.200.0.9:51234" ${pod}.istio-system-7 terminated`);
    write('08:20', 'delta', `ADS: new delta connection for node:${pod}.istio-system-8`);
    write(
      '08:21',
      'delta',
      `CDS: PUSH request for node:${pod}.istio-system resources:30 removed:0 size:24.1kB cached:0/29`,
    );
    write(
      '08:30',
      'ads',
      'Push debounce stable[9] 2 for config VirtualService/svc1/two and 1 more configs: 100ms since last change, 1s since last push, forced=false',
    );
    write('08:31', 'delta', `RDS: PUSH for node:${pod}.istio-system resources:17 removed:0 size:44.1kB cached:0/17`);
    const only = 'timeline --only push,connection';
    const live = await kii(only);
    assert.is(live.code, 0, live.err);
    assert.match(live.out, /12:08:01.000 .* 1\/3, only \S+ +disconnected from istiod\n/);
    assert.match(live.out, /12:08:20.000 .* connected to istiod\n/);
    assert.match(
      live.out,
      /12:08:31.000 .* istiod pushed RDS; what had changed last: VirtualService svc1\/two and 1 more/,
    );
    for (const flags of [[], ['--anonymous']]) {
      const file = join(directory, `incident${flags.length}.tgz`);
      assert.is((await kii(['snapshot', file, ...flags])).code, 0);
      const saved = await kii([...only.split(' '), '--from', file]);
      if (flags.length === 0) assert.equal(saved, live);
      else assert.is(saved.out.split('\n').length, live.out.split('\n').length, saved.out);
    }
  }));

test("istiod's log that may not be read is said", () =>
  withDemo(
    {
      faults: [
        {
          pod: 'istiod-*',
          on: 'log',
          at: 'request',
          does: 'status',
          code: 403,
          reason: 'Forbidden',
          message: 'not you',
        },
      ],
    },
    async ({ kii }) => {
      const { code, err } = await kii('timeline');
      assert.is(code, 3);
      assert.match(err, /istiod-\S+.*not you/);
    },
  ));

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

test('that nothing is of the kinds that are asked for is said', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out, err } = await kii('timeline --only event,rejection');
    assert.equal([code, out], [0, '']);
    assert.match(err, /^none of the \d+ lines since 2026-11-23T11:53:\S+ is of event or rejection\n$/);
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
