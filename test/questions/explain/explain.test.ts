// `explain` asked without a command line.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readExpectation } from '#analysis/request/expectation.ts';
import { readRequest } from '#analysis/request/request.ts';
import { askExplain } from '#questions/explain/explain.ts';
import { withDemoSource } from '../../support/demo-source.ts';

function asked(url: string, expected: readonly string[] = []) {
  const typed = { url, method: 'GET', headers: [], sni: undefined, hasClientCertificate: false };
  return { ...readRequest(typed), url, toSend: undefined, expectations: expected.map(readExpectation) };
}

test('the way of a request on every pod, with what was expected of it', () =>
  withDemoSource({}, async ({ source, asking, warned }) => {
    const answer = await askExplain(source, asked('https://svc1.discovery.wmnet/two', ['host=a.example']), asking);
    const [first] = answer.items;
    assert.is(answer.pods.length, 3);
    assert.is(first?.value.entry.listenerPort, 8443);
    assert.is(first?.value.gateway?.name, 'svc1-main');
    assert.ok(first?.value.outcomes.some(({ kind }) => kind === 'forward'));
    assert.is(answer.findings, true);
    assert.match(answer.notes?.join('\n') ?? '', 'host=a.example');
    assert.equal(warned, []);
  }));

test('where nothing listens, only listeners were asked for', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const { items, findings } = await askExplain(source, asked('https://svc1.discovery.wmnet:9999/'), asking);
    assert.equal(
      items.flatMap(({ value }) => value.outcomes.map((outcome) => outcome.kind)),
      ['fail'],
    );
    assert.is(findings, false);
  }));

test('without the Services the usual ports are taken, and that is said', () => {
  const forbidden = {
    resource: 'services',
    at: 'request',
    does: 'status',
    code: 403,
    reason: 'Forbidden',
    message: 'no',
  } as const;
  return withDemoSource({ faults: [forbidden] }, async ({ source, asking, warned }) => {
    const { items } = await askExplain(source, asked('https://svc1.discovery.wmnet/'), asking);
    assert.is(items[0]?.value.entry.by, 'usual port');
    assert.match(
      warned.join('\n'),
      "cannot read the gateway's Services: this tool assumes that port 443 is listener port 8443",
    );
  });
});

test.run();
