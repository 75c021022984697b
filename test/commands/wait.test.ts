import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

/** How long it took is nobody's business here. */
const untimed = (text: string): string => text.replaceAll(/after \d+s/g, 'after …');

test('what holds on every pod at once ends it at once', () =>
  withDemo({}, async ({ demo, kii }) => {
    const { code, out, err } = await kii(
      'wait --for version=1.31 --for route=svc1.discovery.wmnet/two --for absent:route=svc1.discovery.wmnet/gone',
    );
    assert.equal([code, err], [0, '']);
    golden('commands/wait/holds.txt', untimed(out));
    assert.not.ok(demo.requests.some(({ path }) => path.includes('dynamic_listeners')));
  }));

test('when the time is over, what is missing is named with where, and the exit code is 1', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out } = await kii('wait --for synced --for route=svc1.discovery.wmnet/new --timeout 2s');
    assert.is(code, 1);
    golden('commands/wait/missing.txt', untimed(out));
    const json = await kii('wait --for synced --timeout 2s -o json');
    const document = JSON.parse(json.out) as {
      readonly holds: boolean;
      readonly items: readonly { readonly pod: string; readonly holds: boolean }[];
    };
    assert.equal(schemaErrors(document), []);
    assert.equal([json.code, document.holds, document.items.filter(({ holds }) => holds).length], [1, false, 2]);
  }));

test('rounds go on until it holds; what is missing is said on stderr meanwhile', () =>
  withDemo({ faults: [{ at: 'connection', does: 'refuse', pod: '*-gfn8x' }] }, async ({ demo, kii }) => {
    let waiting = '';
    const { code } = await kii('wait --for version=1.31 --timeout 1m', {
      writeError: (text) => {
        waiting += text;
        demo.faults.set([]);
      },
    });
    assert.is(code, 0);
    assert.match(
      waiting,
      /^waiting: 2 of 3 pods are there; istio-ingressgateway-gfn8x: version=1.31: .*nothing listens/,
    );
    assert.is(waiting.trim().split('\n').length, 1);
  }));

test('where most pods do not answer, one that does decides only what it lacks itself', () =>
  withDemo(
    {
      faults: ['*-gfn8x', '*-66qlf'].map((pod) => ({ at: 'connection', does: 'refuse', pod }) as const),
    },
    async ({ kii }) => {
      assert.is((await kii('wait --for route=svc1.discovery.wmnet/two --timeout 2s')).code, 3);
      assert.is((await kii('wait --for route=svc1.discovery.wmnet/new --timeout 2s')).code, 1);
    },
  ));

test('a certificate that could not be asked for is neither there nor absent', () =>
  withDemo({}, async ({ kii }) => {
    for (const condition of ['cert=svc1.discovery.wmnet', 'absent:cert=svc1.discovery.wmnet']) {
      assert.is((await kii(`wait --for ${condition} --timeout 2s`)).code, 3, condition);
    }
  }));

test('without a condition, or with one that is none, it is wrong usage; a directory cannot change', () =>
  withDemo({}, async ({ kii }) => {
    for (const words of ['wait', 'wait --for sync', 'wait --for synced --from x'])
      assert.is((await kii(words)).code, 2, words);
  }));

test('an API server that cannot be reached is an error, not a wait', () =>
  withDemo({ faults: [{ at: 'request', does: 'status', code: 403 }] }, async ({ kii }) => {
    const { code, err } = await kii('wait --for synced');
    assert.is(code, 2);
    assert.match(err, 'error: ');
  }));

test.run();
