// A whole dump that may not fit into a pod's memory is asked for in pieces, and is the same.

import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Demo } from '#demo/server.ts';
import { withDemo } from '../support/run-command.ts';

const pod = 'istio-ingressgateway-66qlf';

const dumpsAsked = ({ requests }: Demo): URLSearchParams[] =>
  requests
    .filter(({ path }) => path.startsWith('/config_dump'))
    .map(({ path }) => new URL(path, 'http://envoy').searchParams);

const isWhole = (query: URLSearchParams): boolean => !query.has('resource') && !query.has('name_regex');

/** The order of a list's elements is that of a hash map, in Envoy as well. */
function byContent(dump: string): unknown {
  const { configs } = JSON.parse(dump) as { readonly configs: readonly Record<string, unknown>[] };
  return configs.map((section) =>
    Object.fromEntries(
      Object.entries(section).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map((one) => JSON.stringify(one)).sort() : value,
      ]),
    ),
  );
}

for (const line of [
  `config-dump --pod ${pod}`,
  `admin config_dump?include_eds --pod ${pod}`,
  `admin /config_dump --pod ${pod}`,
])
  test(`${line}: over the limit, in pieces, and the same`, () =>
    withDemo({}, async ({ demo, kii }) => {
      demo.changes.resize(pod, '4Gi');
      const whole = await kii(line);
      assert.equal([whole.code, whole.err], [0, '']);
      assert.equal(dumpsAsked(demo).filter(isWhole).length, 1);
      demo.changes.resize(pod, '128Mi');
      const pieces = await kii(line);
      assert.is(pieces.code, 0);
      assert.equal(dumpsAsked(demo).filter(isWhole).length, 1, 'no other whole dump');
      assert.equal(byContent(pieces.out), byContent(whole.out));
      assert.match(
        pieces.err,
        /istio-system\/istio-ingressgateway-66qlf: its Envoy holds \d+ MiB, and with a whole dump the container could need \d+ MiB of its limit of 128 MiB: put together from \d+ answers, which are not of one moment\n/,
      );
    }));

test('--dir: each pod by its own limit, and without one that is said once', () =>
  withDemo({}, async ({ demo, directory, kii }) => {
    demo.changes.resize(pod, '128Mi');
    demo.changes.resize('istio-ingressgateway-gfn8x', undefined);
    demo.changes.resize('istio-ingressgateway-l9b5b', undefined);
    const { code, err } = await kii(['config-dump', '--dir', `${directory}/saved`]);
    assert.is(code, 0, err);
    assert.is(dumpsAsked(demo).filter(isWhole).length, 2);
    assert.is(err.match(/has no memory limit: whether there is room for a whole dump is not known/g)?.length, 1);
    const saved = JSON.parse(readFileSync(`${directory}/saved/index.json`, 'utf8'));
    assert.is(saved.gateway.pods.find(({ name }: { name: string }) => name === pod).memoryLimit, 134_217_728);
    for (const words of ['routes', 'clusters --whole-mesh', 'endpoints', 'secrets', 'listeners', 'diff'])
      assert.is((await kii([...words.split(' '), '--from', `${directory}/saved`])).out, (await kii(words)).out, words);
  }));

test('an Envoy that does not say what it holds is asked in pieces', () =>
  withDemo(
    { faults: [{ at: 'answer', path: '/memory', does: 'answer', status: 200, body: '{"allocated":"0"}' }] },
    async ({ demo, kii }) => {
      demo.changes.resize(pod, '64Gi');
      const { code, err } = await kii(`config-dump --pod ${pod}`);
      assert.is(code, 0);
      assert.match(err, 'its Envoy does not say how much memory it holds');
      assert.is(dumpsAsked(demo).filter(isWhole).length, 0);
    },
  ));

test('an Envoy before 1.20 answers lists only, and what that leaves out is said', () =>
  withDemo(
    {
      faults: [
        {
          at: 'answer',
          path: '/server_info',
          does: 'answer',
          status: 200,
          body: '{"version":"c/1.19.1/Clean/RELEASE/B"}',
        },
      ],
    },
    async ({ demo, kii }) => {
      demo.changes.resize(pod, '128Mi');
      const { code, out, err } = await kii(`config-dump --pod ${pod}`);
      assert.is(code, 0);
      assert.match(err, 'without the bootstrap, which Envoy 1.19.1 gives in whole dumps only');
      assert.is(dumpsAsked(demo).filter((query) => query.has('name_regex')).length, 0);
      assert.not.match(out, 'BootstrapConfigDump');
      assert.match(out, 'dynamic_route_configs');
    },
  ));

test.run();
