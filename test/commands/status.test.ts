import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { comparedInFull, pluralOf } from '#model/status.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

interface Status {
  readonly compared: readonly string[];
  readonly items: readonly { readonly difference?: object; readonly report: { readonly fingerprint: string } }[];
}

const large = /resource=dynamic_active_clusters|resource=dynamic_listeners(?!.*mask)|^\/clusters/;

test('compares routes and certificates, and says so', () =>
  withDemo({}, async ({ demo, kii }) => {
    const { out } = await kii('status -o json');
    const document = JSON.parse(out) as Status;
    assert.equal(schemaErrors(document), []);
    assert.equal(document.compared, ['routes', 'certificates']);
    assert.equal(document.items[2]?.difference, { routes: 3, certificates: 2 });
    assert.not.ok(demo.requests.some(({ path }) => large.test(path)));
  }));

test('--full compares everything', () =>
  withDemo({}, async ({ demo, kii }) => {
    const { out } = await kii('status --full -o json');
    const document = JSON.parse(out) as Status;
    assert.equal(schemaErrors(document), []);
    assert.equal(document.compared, comparedInFull.map(pluralOf));
    const expected = { routes: 3, certificates: 2, listeners: 1, endpoints: 3, loadAssignments: 3 };
    assert.equal(document.items[2]?.difference, expected);
    assert.is(document.items[0]?.report.fingerprint, document.items[1]?.report.fingerprint);
    assert.is(demo.requests.filter(({ path }) => large.test(path)).length, 9);
  }));

test('an istiod whose debug endpoints are off is said to be so', () =>
  withDemo(
    {
      faults: [
        { pod: 'istiod-*', path: '/debug/', at: 'answer', does: 'answer', status: 404, body: '404 page not found' },
      ],
    },
    async ({ kii }) => {
      const { code, out } = await kii('status');
      assert.is(code, 3);
      assert.match(out, /debug\/syncz of \S+: istiod answered 404, as it does where ENABLE_DEBUG_ON_HTTP is false/);
    },
  ));

test.run();
