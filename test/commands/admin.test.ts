import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

test('asks every pod with GET, and prints what all of them say once', () =>
  withDemo({}, async ({ demo, kii }) => {
    assert.equal(await kii('admin /ready'), { code: 0, out: 'PODS 3/3\nLIVE\n', err: '' });
    const asked = demo.requests.filter(({ pod }) => pod !== undefined);
    assert.equal(asked.map(({ method, path }) => `${method} ${path}`).sort(), Array(3).fill('GET /ready'));
  }));

test('a path that acts is refused before anything is asked', () =>
  withDemo({}, async ({ demo, kii }) => {
    const { code, out, err } = await kii('admin /quitquitquit');
    assert.equal(
      [code, out, err],
      [2, '', 'error: cannot ask for /quitquitquit: it ends Envoy, and this tool asks only for paths that read\n'],
    );
    assert.is(demo.requests.length, 0);
  }));

test('a whole config_dump is for one pod only', () =>
  withDemo({}, async ({ demo, kii }) => {
    const many = await kii('admin config_dump');
    assert.is(many.code, 2);
    assert.match(many.err, 'config-dump --dir DIR');
    assert.is(demo.requests.filter(({ pod }) => pod !== undefined).length, 0);
    const one = await kii('admin config_dump --pod *-66qlf');
    assert.is(one.code, 0);
    assert.ok(JSON.parse(one.out).configs.length > 3);
    assert.is((await kii('admin config_dump?resource=dynamic_active_secrets')).code, 0);
  }));

test('-o json has an item for each pod, parsed where Envoy answers JSON, and keeps to its schema', () =>
  withDemo({ faults: [{ pod: '*-gfn8x', at: 'connection', does: 'refuse' }] }, async ({ kii }) => {
    const { code, out, err } = await kii('admin server_info -o json');
    assert.is(code, 3);
    assert.match(err, 'nothing listens on that port');
    const document = JSON.parse(out);
    assert.equal(schemaErrors(document), []);
    assert.equal(
      document.items.map(({ pod, body }: { pod: string; body: { state: string } }) => [pod, body.state]),
      [
        ['istio-ingressgateway-66qlf', 'LIVE'],
        ['istio-ingressgateway-l9b5b', 'LIVE'],
      ],
    );
  }));

test('a saved directory answers what it has, and says what it has not', () =>
  withDemo({}, async ({ directory, kii }) => {
    const saved = `${directory}/saved`;
    assert.is((await kii(['config-dump', '--dir', saved])).code, 0);
    assert.is((await kii(['admin', '/memory', '--from', saved])).code, 0);
    assert.is(
      (await kii(['admin', '/stats?format=json&usedonly', '--from', saved])).code,
      0,
      'parameters in another order than they were saved with',
    );
    const missing = await kii(['admin', '/contention', '--from', saved]);
    assert.is(missing.code, 2);
    assert.match(missing.err, 'config-dump does not save it');
  }));

test('--parallel takes a whole number of pods', () =>
  withDemo({}, async ({ kii }) => {
    for (const wrong of ['0', '1.5']) {
      const { code, err } = await kii(['admin', '/ready', `--parallel=${wrong}`]);
      assert.is(code, 2);
      assert.match(err, `--parallel takes a whole number from 1 on, not ${wrong}`);
    }
  }));

test.run();
