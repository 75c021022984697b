// Questions without a command line, as a report would ask them: one source, several answers, texts by whoever renders.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checks } from '#analysis/checks/all.gen.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import type { DemoOptions } from '#demo/server.ts';
import { comparedKinds } from '#model/difference.ts';
import { askHostCertificates } from '#questions/certs/host-certificates.ts';
import { askCheck } from '#questions/check/check.ts';
import { askDiff } from '#questions/diff.ts';
import { askRoutes } from '#questions/routes.ts';
import { askStatus } from '#questions/status.ts';
import { describeElements } from '#render/words/describe-elements.ts';
import { withSource } from '../support/run-command.ts';

async function report(source: Source, now: Date) {
  const asking = { now, signal: new AbortController().signal, warn: () => {}, progress: () => {} };
  const everyHost = { asked: undefined, part: 'certificate', served: false, failWithin: undefined } as const;
  const [status, certs, check, diff, routes] = await Promise.all([
    askStatus(source),
    askHostCertificates(source, everyHost, asking),
    askCheck(source, { checks }, { now }),
    askDiff(source, { kinds: comparedKinds, describe: describeElements }),
    askRoutes(source, { filter: { host: 'svc1.discovery.wmnet' } }),
  ]);
  return { status, certs, check, diff, routes };
}

const reportOf = (options: DemoOptions): ReturnType<typeof report> =>
  withSource(options, (source, now) => report(source, now));

test('status, certs, check, diff and routes are asked of one source', async () => {
  const { status, certs, check, diff, routes } = await reportOf({});
  const gateways = [status, certs, check, diff, routes].map(({ gateway }) => gateway.name);
  assert.equal(new Set(gateways), new Set(['istio-ingressgateway']));
  assert.is(status.items.length, status.gateway.pods.length);
  assert.ok(status.problems.length > 0);
  assert.ok(certs.items.some(({ value }) => value.host === 'svc1.discovery.wmnet'));
  assert.is(check.findings, true);
  assert.is(check.items.length, checks.length);
  assert.equal(
    [...new Set(diff.items.filter(({ value }) => !value.byNode).flatMap(({ pods }) => pods))],
    ['istio-ingressgateway-l9b5b'],
  );
  assert.ok(routes.items.some(({ value }) => value.domains.includes('svc1.discovery.wmnet')));
});

test('a pod that does not answer is missing from each answer with its reason', async () => {
  const answers = await reportOf({ faults: [{ pod: '*-gfn8x', at: 'connection', does: 'refuse' }] });
  for (const [name, { pods }] of Object.entries(answers)) {
    const silent = pods.filter((outcome) => !hasAnswered(outcome)).map(({ pod }) => pod.name);
    assert.equal(silent, ['istio-ingressgateway-gfn8x'], name);
  }
});

test('dumps are kept only where they are asked for', () =>
  withSource({}, async (source) => {
    const dumpsOf = async (keepDumps: boolean): Promise<readonly unknown[]> =>
      ((await askRoutes(source, { filter: {}, keepDumps })).dumps ?? []).filter(hasAnswered).flatMap(({ ok }) => ok);
    assert.equal(await dumpsOf(false), []);
    const kept = await dumpsOf(true);
    assert.ok(kept.length > 0 && kept.every((dump) => Array.isArray((dump as { configs?: unknown }).configs ?? [])));
  }));

test.run();
