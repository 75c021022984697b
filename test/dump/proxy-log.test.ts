import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readProxyLine } from '#dump/proxy-log.ts';

const cases = [
  [
    '2026-11-25T08:32:39.341224Z\tdebug\tenvoy http source/common/http/conn_manager_impl.cc:2253\t[Tags: "ConnectionId":"495"] new stream\tthread=17100',
    'http',
  ],
  ['2026-11-25T08:32:39.341224Z\twarning\tenvoy config external/envoy/x.cc:1\tm\tthread=1', 'config'],
  ['{"level":"debug","time":"2026-11-25T08:32:39.341224Z","scope":"envoy router","msg":"x","caller":"y"}', 'router'],
  ['2026-11-25T08:32:39.341224Z\tinfo\tads\tADS: new connection', 'other'],
  ['{"level":"info","time":"2026-11-25T08:32:39.341224Z","scope":"xdsproxy","msg":"x"}', 'other'],
  ['[2026-11-25T08:32:39.341Z] "GET / HTTP/2" 200 - via_upstream', 'other'],
  ['{"authority":"svc1.discovery.wmnet","response_code":200}', 'other'],
  ["':status', '200'", 'more'],
  ['2026-11-25 is no head\tenvoy http', 'more'],
  ['{"half":', 'more'],
  ['', 'more'],
] as const;

for (const [text, is] of cases) {
  test(`${JSON.stringify(text.slice(0, 60))} is ${is}`, () => {
    const line = readProxyLine(text);
    assert.is(line.kind === 'logger' ? line.logger : line.kind, is);
  });
}

test.run();
