import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckResult } from '#model/finding.ts';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

interface Document {
  readonly complete: boolean;
  readonly items: readonly CheckResult[];
}

const found = ({ items }: Document): string[] =>
  items.filter(({ outcome }) => outcome === 'found').map(({ name }) => name);

test('finds what is wrong with the recorded fleet, of which one pod is cut off', () =>
  withDemo({}, async ({ kii }) => {
    const text = await kii('check');
    assert.equal([text.code, text.err], [1, '']);
    golden('commands/check/out.txt', text.out);
    const { code, out } = await kii('check -o json');
    assert.is(code, 1);
    const document = JSON.parse(out) as Document;
    assert.equal(schemaErrors(document), []);
    assert.is(document.complete, true);
    assert.equal(found(document), [
      ...[
        'node-without-pod',
        'not-connected',
        'drift',
        'certificate-expired',
        'certificate-expiring',
        'certificate-wrong-host',
        'certificate-missing',
      ],
      ...[
        'secret-newer',
        'certificate-issuer',
        'certificate-differs',
        'connection-reuse',
        'route-without-object',
        'cluster-missing',
        'no-endpoint',
        'connections-fail',
      ],
    ]);
  }));

test('--only and --skip choose by id, name and section; the exit code goes by what is left and by --fail-on', () =>
  withDemo({}, async ({ kii }) => {
    const codes = [
      'load',
      'KII031',
      'KII031 --fail-on warning',
      'certificates --skip certificates --only load',
      'KII039 --fail-on info',
    ];
    const got = [];
    for (const words of codes) got.push((await kii(`check --only ${words}`)).code);
    assert.equal(got, [0, 0, 1, 0, 1]);
    const unknown = await kii('check --only drif');
    assert.equal([unknown.code, /did you mean drift\?/.test(unknown.err)], [2, true]);
    assert.is((await kii('check --only drift --skip KII020')).code, 2);
  }));

test('asks for no more than the chosen checks look at', () =>
  withDemo({}, async ({ demo, kii }) => {
    await kii('check --only virtual-service-gateway');
    assert.equal(
      demo.requests.filter(({ pod }) => pod !== undefined),
      [],
    );
    await kii('check --only stale');
    assert.not.ok(
      demo.requests.some(({ path }) =>
        /resource=dynamic_listeners(?!.*mask)|resource=dynamic_active_clusters|\/secrets/.test(path),
      ),
    );
  }));

test('one certificate check alone knows what is wrong with the Secret', () =>
  withDemo({}, async ({ kii }) =>
    assert.match(
      (await kii('check --only certificate-missing')).out,
      'Secret istio-system/does-not-exist does not exist',
    ),
  ));

test('large answers are asked of one pod for each group that serves the same; to compare them, of every pod once', () =>
  withDemo({ pods: 12 }, async ({ demo, kii }) => {
    const asked = (): number =>
      demo.requests.filter(({ path }) => path.includes('resource=dynamic_active_clusters')).length;
    await kii('check --skip drift');
    assert.is(asked(), 2);
    await kii('check');
    assert.is(asked(), 2 + 12);
  }));

test('what may not be read is not evaluated, with the reason, and the rest is', () =>
  withDemo(
    { faults: [{ at: 'request', does: 'status', code: 403, on: 'list', resource: 'gateways' }] },
    async ({ kii }) => {
      const { code, out } = await kii('check --only gateways,drift -o json --fail-on info');
      const document = JSON.parse(out) as Document;
      assert.equal([code, document.complete, found(document)], [1, false, ['drift']]);
      assert.equal(schemaErrors(document), []);
      assert.equal(
        document.items.filter(({ outcome }) => outcome === 'not-evaluated').map(({ name }) => name),
        [
          'gateway-conflict',
          'gateway-selector',
          'virtual-service-gateway',
          'virtual-service-host',
          'gateway-hosts',
          'virtual-service-unused',
          'gateway-port',
        ],
      );
      assert.is((await kii('check --only gateways')).code, 3);
    },
  ));

test('a pod that does not answer is a finding, and what it serves is not passed over in silence', () =>
  withDemo({ faults: [{ at: 'connection', does: 'refuse', pod: '*-gfn8x' }] }, async ({ kii }) => {
    const { code, out, err } = await kii('check --only pods,drift -o json');
    const document = JSON.parse(out) as Document;
    assert.is(code, 1);
    assert.match(err, 'gfn8x');
    assert.ok(found(document).includes('pod-silent'));
    assert.match(document.items.find(({ name }) => name === 'drift')?.notEvaluated.join() ?? '', 'gfn8x');
  }));

test('where no pod answers, what needs pods is not evaluated, and what does not is', () =>
  withDemo({ faults: [{ at: 'connection', does: 'refuse' }] }, async ({ kii }) => {
    const { out } = await kii('check -o json');
    const { items } = JSON.parse(out) as Document;
    const outcomes = Object.fromEntries(items.map(({ name, outcome }) => [name, outcome]));
    assert.equal(
      [outcomes['node-without-pod'], outcomes['pod-silent'], outcomes['no-endpoint'], outcomes['virtual-service-host']],
      [...['found', 'found', 'not-evaluated', 'passed']],
    );
  }));

test('--for shows what concerns an owner, and counts the rest', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out } = await kii('check --for svc3');
    assert.is(code, 1);
    golden('commands/check/for-svc3.txt', out);
    assert.is((await kii('check --for svc7')).code, 0);
  }));

test('--known counts what it names, keeps it out of the exit code, and an entry that has expired is a finding', () =>
  withDemo({}, async ({ kii, directory }) => {
    const path = `${directory}/known.json`;
    const entry = { id: 'KII030', subject: '*', until: '2099-12-31', reason: 'it is replaced' };
    const write = (...entries: readonly object[]): void => writeFileSync(path, JSON.stringify(entries));
    const check = (words = '') => kii(`check --only certificate-expired --known ${path}${words}`);
    write(entry);
    const known = await check();
    assert.is(known.code, 0, known.out);
    assert.match(known.out, 'nothing found · 1 known');
    assert.equal(schemaErrors(JSON.parse((await check(' -o json')).out)), []);
    write({ ...entry, until: '2020-01-01' });
    const expired = await check();
    assert.is(expired.code, 1);
    assert.match(expired.out, /expired on 2020-01-01: it is replaced \(KII070\)/);
    write({ ...entry, subject: 'nothing' });
    assert.match((await check()).err, 'line 1 of the known findings is not needed');
    write({ ...entry, id: 'KII999' });
    const wrong = await check();
    assert.equal([wrong.code, wrong.out], [2, '']);
    assert.match(wrong.err, 'line 1: id "KII999" is no check');
  }));

test('openmetrics has a sample for each check and severity, and says which were evaluated', () =>
  withDemo({}, async ({ kii }) =>
    golden('commands/check/metrics.txt', (await kii('check --only load,KII030,KII031 -o openmetrics')).out),
  ));

test('a directory of config-dump is checked as the cluster is; Secrets are not in it, and that is said', () =>
  withDemo({}, async ({ kii, directory }) => {
    const live = JSON.parse((await kii('check -o json')).out) as Document;
    await kii(['config-dump', '--dir', `${directory}/saved`]);
    const { out } = await kii(['check', '--from', `${directory}/saved`, '-o', 'json']);
    const saved = JSON.parse(out) as Document;
    const unknown = saved.items.filter(({ outcome }) => outcome === 'not-evaluated').map(({ name }) => name);
    assert.equal(unknown, ['secret-missing', 'secret-newer', 'certificate-issuer']);
    assert.equal(
      found(saved),
      found(live).filter((name) => !unknown.includes(name)),
    );
  }));

test.run();
