import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

const stale = 'istio-ingressgateway-l9b5b';
const healthy = 'istio-ingressgateway-66qlf';

test('--pod compares that pod with all the others', () =>
  withDemo({}, async ({ kii }) => {
    const all = await kii('diff');
    const one = await kii(`diff --pod ${stale}`);
    assert.equal([one.code, one.err], [1, '']);
    assert.match(one.out, `1 of 1 pod differs from what most pods have\n\n${stale}`);
    assert.is(one.out.split('\n').slice(1).join('\n'), all.out.split('\n').slice(1).join('\n'));
    assert.equal(await kii(`diff --pod ${healthy}`), {
      code: 0,
      out: '1 pod is the same as what most pods have\n',
      err: '',
    });
  }));

test('of the pods that a chosen one is compared with, one that does not answer is told of', () =>
  withDemo({ faults: [{ pod: '*-gfn8x', at: 'connection', does: 'refuse' }] }, async ({ kii }) => {
    const { code, err } = await kii(`diff --pod ${healthy}`);
    assert.is(code, 3);
    assert.match(err, 'istio-ingressgateway-gfn8x:15000: nothing listens on that port');
  }));

test('a saved directory is compared in the same way', () =>
  withDemo({}, async ({ directory, kii }) => {
    assert.is((await kii(['config-dump', '--dir', `${directory}/saved`])).code, 0);
    const saved = await kii(['diff', '--pod', stale, '--from', `${directory}/saved`]);
    assert.is(saved.out, (await kii(`diff --pod ${stale}`)).out);
  }));

test('a directory has the pods that were saved, and asks for no others', () =>
  withDemo({}, async ({ directory, kii }) => {
    assert.is((await kii(['config-dump', '--pod', healthy, '--dir', `${directory}/one`])).code, 0);
    const { code, err } = await kii(['routes', '--from', `${directory}/one`]);
    assert.equal([code, err], [0, '']);
  }));

test('says in words what the pod that is behind has, and keeps to its schema', () =>
  withDemo({}, async ({ kii }) => {
    const said = await kii('diff', { terminal: { isTTY: true, columns: 80, color: false } });
    assert.equal([said.code, said.err], [1, '']);
    golden('commands/diff/80.txt', said.out);
    const document = JSON.parse((await kii('diff -o json')).out);
    assert.equal(schemaErrors(document), []);
    golden('commands/diff/one.json', (await kii('diff --only secrets -o json')).out);
    golden('commands/diff/names.txt', (await kii('diff -o name')).out);
  }));

test('--against compares with what config-dump has saved: the same is the same, and what has changed since is told', () =>
  withDemo({}, async ({ directory, kii }) => {
    assert.is((await kii(['config-dump', '--pod', healthy, '--dir', `${directory}/before`])).code, 0);
    const same = await kii(['diff', '--pod', healthy, '--against', `${directory}/before`]);
    assert.is(same.code, 0);
    assert.match(same.out, /^1 pod is the same as .*before as of /);
    const changed = await kii(['diff', '--pod', stale, '--against', `${directory}/before`, '-o', 'json']);
    assert.is(changed.code, 1);
    assert.equal(schemaErrors(JSON.parse(changed.out)), []);
    assert.match(changed.out, 'kubernetes://svc5-tls-certificate');
    const missing = await kii(['diff', '--against', `${directory}/nothing`]);
    assert.is(missing.code, 2);
    assert.match(missing.err, 'it has no index.json');
  }));

test('--only asks for these kinds and tells no others', () =>
  withDemo({}, async ({ kii }) => {
    const { items } = JSON.parse((await kii('diff --only routes,endpoints -o json')).out) as {
      items: { kind: string }[];
    };
    assert.equal([...new Set(items.map(({ kind }) => kind))], ['route configuration', 'route', 'endpoint']);
    const refused = await kii('diff --only pods');
    assert.is(refused.code, 2);
  }));

test('a pod that dies in the middle costs a line; with nobody to compare with that is said', () =>
  withDemo(
    {
      faults: [
        {
          at: 'answer',
          does: 'drop',
          pod: '*-gfn8x',
          path: '/config_dump?resource=dynamic_listeners',
          afterBytes: 500,
        },
      ],
    },
    async ({ kii }) => {
      const { code, out, err } = await kii('diff -o json');
      assert.is(code, 1);
      assert.is(JSON.parse(out).complete, false);
      assert.is(err.trim().split('\n').length, 1, err);
      assert.match(err, 'istio-system/istio-ingressgateway-gfn8x');
    },
  ));

test.run();
