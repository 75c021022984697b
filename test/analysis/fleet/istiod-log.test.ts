// What istiod's log tells of the gateway's pods. The lines are of istiod 1.31 (delta), 1.24 (state of the world) and 1.20.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { IstiodLog } from '#analysis/fleet/istiod-log.ts';

const pods = ['gw-a', 'gw-b'].map((name) => ({ namespace: 'istio-system', name }));

/** `SECONDS MESSAGE`, as text or JSON. */
function told(
  lines: readonly string[],
  asLine = (message: string) => `2026-11-23T12:07:00.0Z\tinfo\tdelta\t${message}`,
) {
  const log = new IstiodLog(pods);
  for (const line of lines) {
    const [, seconds = '', message = ''] = /^(\S+) (.*)$/s.exec(line) ?? [];
    log.read({ at: `2026-11-23T12:07:${seconds}Z`, istiod: 'istiod-1', text: asLine(message) });
  }
  return log.moments().map(({ at, until, kind, what, by, pods: on }) => {
    assert.is(by, 'istiod-1');
    return `${at.slice(17, 19)}${until ? `–${until.slice(17, 19)}` : ''} ${kind}: ${what} on ${on.join()}`;
  });
}

const push = (type: string, node: string): string =>
  `${type}: PUSH for node:${node}.istio-system resources:11 removed:0 size:9.4kB cached:3/10`;

const change = (what: string): string =>
  `Push debounce stable[5] 19 for ${what}: 102.810186ms since last change, 507.294407ms since last push, forced=false`;

test('pushes of one change are one moment for the pods that were sent the same, with what had changed', () =>
  assert.equal(
    told([
      `41 ${change('config VirtualService/svc0/svc0-main and 15 more configs')}`,
      '41 XDS: Pushing Services:6 ConnectedEndpoints:3 Version:2026-11-29T09:03:48Z/5',
      `41 ${push('CDS', 'gw-a')}`,
      `42 ${push('CDS', 'gw-b')}`,
      `43 ${push('LDS', 'gw-b')}`,
      `43 ${push('CDS', 'a-sidecar')}`,
      `50 ${change('reason endpoint:2')}`,
      `50 ${push('EDS', 'gw-a')}`,
    ]),
    [
      '41 push: istiod pushed CDS; what had changed last: VirtualService svc0/svc0-main and 15 more on gw-a',
      '42–43 push: istiod pushed CDS, LDS; what had changed last: VirtualService svc0/svc0-main and 15 more on gw-b',
      '50 push: istiod pushed EDS; what had changed last: reason endpoint:2 on gw-a',
    ],
  ));

test('a push whose change is not in the log has none, nor has one of versions that name none', () => {
  assert.equal(told([`41 ${push('RDS', 'gw-a')}`]), ['41 push: istiod pushed RDS on gw-a']);
  assert.equal(
    told([
      '41 Push debounce stable[2] 5: 100.653671ms since last change, 100.816035ms since last push, full=true',
      `41 ${push('RDS', 'gw-a')}`,
    ]),
    ['41 push: istiod pushed RDS on gw-a'],
  );
});

test('who came, who went and why, and what was rejected; what a proxy asks for belongs to its coming', () =>
  assert.equal(
    told([
      '10 ADS: new delta connection for node:gw-a.istio-system-1',
      '10 CDS: PUSH request for node:gw-a.istio-system resources:11 removed:0 size:9.4kB cached:0/10',
      '11 ADS: new connection for node:gw-b.istio-system-22',
      '20 ADS: "10.64.0.9:51234" gw-a.istio-system-1 terminated',
      '30 ADS: "client-3f9a1c42d0:51234" gw-b.istio-system-22 terminated with error: rpc error: code = Canceled',
      '31 ADS: "10.64.0.9:51234" a-sidecar.x-3 terminated',
      "40 ADS:LDS: ACK ERROR gw-a.istio-system-1 Internal:Error adding/updating listener(s) 0.0.0.0_8443: no 'x'\n at all",
    ]),
    [
      '10–11 connection: connected to istiod on gw-a,gw-b',
      '20 connection: disconnected from istiod on gw-a',
      '30 connection: disconnected from istiod: rpc error: code = Canceled on gw-b',
      "40 rejection: LDS is rejected: Error adding/updating listener(s) 0.0.0.0_8443: no 'x' at all on gw-a",
    ],
  ));

test('of a rejection the reason is told and not the resource, once for all pods', () => {
  const rejected = (node: string, mark: string): string =>
    `40 ADS:RDS: ACK ERROR ${node}.istio-system-1 Internal:${mark}name: "https.443.a"\nvirtual_hosts {\n}\n: Proto constraint validation failed (AValidationError.B: value is required)`;
  for (const marks of [
    ['goo.gle/debugstr ', 'goo.gle/debugonly '],
    ['', ''],
  ])
    assert.equal(told(marks.map((mark, index) => rejected(index === 0 ? 'gw-a' : 'gw-b', mark))), [
      '40 rejection: RDS is rejected: https.443.a: B: value is required on gw-a,gw-b',
    ]);
});

test('a log in JSON tells the same', () =>
  assert.equal(
    told(['10 ADS: new delta connection for node:gw-a.istio-system-1'], (msg) =>
      JSON.stringify({ level: 'info', time: '2026-11-23T12:07:10Z', scope: 'delta', msg }),
    ),
    ['10 connection: connected to istiod on gw-a'],
  ));

test('other scopes, other lines and what only looks like a line of istiod tell nothing', () => {
  const message = '10 ADS: new delta connection for node:gw-a.istio-system-1';
  for (const asLine of [
    (text: string) => text,
    (text: string) => `2026-11-23T12:07:00.0Z\twarn\tmodel\t${text}`,
    (text: string) => `2026-11-23T12:07:00.0Z\tinfo\tdelta\tx ${text}`,
    (text: string) => JSON.stringify({ scope: 'model', msg: text }),
    (text: string) => `{"scope":"delta","msg":"${text}`,
  ])
    assert.equal(told([message], asLine), []);
});

test.run();
