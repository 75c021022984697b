import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ownership, serviceMatcher } from '#analysis/select/service-match.ts';

const cluster = 'outbound|4001|v1|web.svc1.svc.cluster.local';

const names: readonly (readonly [string, boolean])[] = [
  ['web', true],
  ['svc1/web', true],
  ['web.svc1', true],
  ['web.svc1.svc.cluster.local', true],
  ['svc1/*', true],
  ['we?', true],
  ['we', false],
  ['svc2/web', false],
  ['svc1', false],
];

for (const [name, expected] of names)
  test(`${name} is ${expected ? '' : 'not '}that service`, () => assert.is(serviceMatcher(name)(cluster), expected));

test('a host outside the cluster and a cluster of another form have one name only', () => {
  assert.ok(serviceMatcher('db.example.org')('outbound|5432||db.example.org'));
  assert.ok(serviceMatcher('Passthrough*')('PassthroughCluster'));
  assert.not(serviceMatcher('db')('outbound|5432||db.example.org'));
});

test('who owns a namespace owns its services and objects; who owns a name owns that', () => {
  assert.equal(
    ['svc1', 'svc1/web', 'svc1/other', 'svc2'].map((wanted) => [
      ownership(wanted).hasServiceOf(cluster),
      ownership(wanted).has({ namespace: 'svc1', name: 'web' }),
    ]),
    [
      [true, true],
      [true, true],
      [false, false],
      [false, false],
    ],
  );
  assert.not(ownership('org').hasServiceOf('outbound|5432||db.org'));
});

test.run();
