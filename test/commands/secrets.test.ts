// `secrets` on the demo: what it asks for, and the hosts that only the listeners know.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';

const secrets = 'mask=dynamic_active_secrets%2Cdynamic_warming_secrets';
const listeners = 'resource=dynamic_listeners';

/** Command line → what one of the pods was asked for. */
const asked: Readonly<Record<string, readonly string[]>> = {
  secrets: [secrets],
  'secrets -o name': [secrets],
  'secrets --name svc1-tls-certificate': [secrets],
  'secrets -o wide': [secrets, listeners],
  'secrets -o json': [secrets, listeners],
  'secrets --host svc1.discovery.wmnet': [secrets, listeners],
};

for (const [words, queries] of Object.entries(asked)) {
  test(`${words}: asks for ${queries.at(-1)} and no more`, () =>
    withDemo({}, async ({ demo, kii }) => {
      assert.is((await kii(`${words} --pod *-66qlf`)).code, 0);
      const paths = demo.requests.filter(({ pod }) => pod !== undefined).map(({ path }) => path);
      assert.equal(
        paths.filter((path) => path.startsWith('/config_dump')),
        queries.map((query) => `/config_dump?${query}`),
      );
    }));
}

test('the table has the names in each certificate, and the hosts where they are asked for', () =>
  withDemo({}, async ({ kii }) => {
    assert.match((await kii('secrets')).out, /^NAME +STATE +DNS NAMES +VALID FOR /);
    assert.match((await kii('secrets --host svc1.discovery.wmnet')).out, /^NAME +STATE +HOSTS +VALID FOR /);
    assert.match((await kii('secrets -o wide')).out, /^NAME +STATE +HOSTS .* SANS /);
  }));

test('a secret that waits says where to see whom it hurts', () =>
  withDemo({}, async ({ kii }) => {
    const note = 'to see which hosts wait for kubernetes://does-not-exist, add -o wide';
    assert.match((await kii('secrets')).err, note);
    assert.match((await kii('secrets --name does-not-exist -o wide')).out, 'nosecret.discovery.wmnet');
    for (const words of ['secrets -o wide', 'secrets -o json', 'secrets -o name', 'secrets --name svc1*'])
      assert.not.match((await kii(words)).err, note);
  }));

const isAskedForListeners = ({ path }: { readonly path: string }): boolean => path.includes('dynamic_listeners');

test('of pods that hold the same secrets one is asked for the hosts, and another one where that fails', () =>
  withDemo(
    { faults: [{ pod: '*-66qlf', path: '/config_dump?resource=dynamic_listeners', at: 'answer', does: 'junk' }] },
    async ({ demo, kii }) => {
      const { code, out } = await kii('secrets -o wide --name svc1-tls-certificate');
      assert.is(code, 0);
      assert.equal(
        demo.requests
          .filter(isAskedForListeners)
          .map(({ pod }) => pod)
          .sort(),
        ['istio-ingressgateway-66qlf', 'istio-ingressgateway-gfn8x', 'istio-ingressgateway-l9b5b'],
      );
      assert.match(out, ' svc1.discovery.wmnet ');
      assert.match(out, ' svc0.discovery.wmnet, svc1.discovery.wmnet ');
    },
  ));

test('hosts that no pod could tell are unknown, and the answer is incomplete', () =>
  withDemo(
    { faults: [{ path: '/config_dump?resource=dynamic_listeners', at: 'answer', does: 'junk' }] },
    async ({ kii }) => {
      const { code, out, err } = await kii('secrets -o wide --name svc1-tls-certificate');
      assert.is(code, 3);
      assert.match(out, /ACTIVE +\? /);
      assert.match(
        err,
        'cannot tell which hosts the secrets of istio-ingressgateway-66qlf, istio-ingressgateway-gfn8x, istio-ingressgateway-l9b5b serve: ',
      );
    },
  ));

test.run();
