// A cluster whose Istio is older than the newest version of its kinds: the same answers, and no more requests than needed.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '#apiserver/fault.ts';
import type { Resource } from '#core/kinds.ts';
import type { Demo } from '#demo/server.ts';
import { withDemo } from '../support/run-command.ts';

/** As a path that nobody serves is answered. */
const unserved = (resource: Resource, version: string): Fault => ({
  at: 'request',
  does: 'status',
  code: 404,
  body: 'text',
  message: '404 page not found\n',
  resource,
  version,
});

const olderThan122 = (['gateways', 'virtualservices', 'destinationrules'] as const).map((one) => unserved(one, 'v1'));
const check = 'check --only gateways';

const versionsAsked = (demo: Demo, resource: Resource, from = 0): (string | undefined)[] =>
  demo.requests
    .slice(from)
    .flatMap(({ path }) => new RegExp(`^/apis/networking.istio.io/([^/]+)/${resource}\\b`).exec(path)?.[1] ?? []);

const cached = (directory: string): number => {
  const cache = join(directory, '.cache/kubectl-istio_ingress');
  return existsSync(cache) ? readdirSync(cache).length : 0;
};

test('v1beta1, and v1alpha3 where that is not served either, give the answer that v1 gives', () =>
  withDemo({}, async ({ demo, directory, kii }) => {
    const newest = await kii(check);
    assert.equal(versionsAsked(demo, 'gateways'), ['v1']);
    assert.is(cached(directory), 0, 'nothing to remember');
    demo.faults.set([...olderThan122, unserved('gateways', 'v1beta1')]);
    const [from, older] = [demo.requests.length, await kii(check)];
    assert.equal(older, newest);
    assert.equal(versionsAsked(demo, 'gateways', from), ['v1', 'v1beta1', 'v1alpha3']);
    assert.equal(versionsAsked(demo, 'virtualservices', from), ['v1', 'v1beta1']);
    assert.is(cached(directory), olderThan122.length, 'a file for each kind');
  }));

test('the next command asks for what was served; when that is gone, all are tried again', () =>
  withDemo({ faults: olderThan122 }, async ({ demo, kii }) => {
    const first = await kii(check);
    const second = demo.requests.length;
    assert.equal(await kii(check), first);
    assert.equal(versionsAsked(demo, 'gateways', second), ['v1beta1']);
    demo.faults.set([unserved('gateways', 'v1beta1')]);
    const third = demo.requests.length;
    assert.equal(await kii(check), first);
    assert.equal(versionsAsked(demo, 'gateways', third), ['v1beta1', 'v1']);
    const fourth = demo.requests.length;
    assert.equal(await kii(check), first);
    assert.equal(versionsAsked(demo, 'gateways', fourth), ['v1']);
  }));

test('a directory asks for no version, and leaves no cache behind', () =>
  withDemo({ faults: olderThan122 }, async ({ directory, kii }) => {
    const dump = join(directory, 'dump');
    assert.is((await kii(['config-dump', '--dir', dump])).code, 0);
    const kept = cached(directory);
    const home = join(directory, 'other-home');
    const { code } = await kii([...check.split(' '), '--from', dump], { env: { HOME: home } });
    assert.is(code, 0);
    assert.equal([cached(directory), cached(home)], [kept, 0]);
  }));

test('doctor asks for rights by group, whatever versions there are', () =>
  withDemo({}, async ({ demo, kii }) => {
    const rights = async (): Promise<unknown> =>
      JSON.parse((await kii('doctor -o json')).out).items.filter(({ name }: { name: string }) => name === 'right');
    const newest = await rights();
    demo.faults.set(olderThan122);
    assert.equal(await rights(), newest);
    demo.faults.set([...olderThan122, { at: 'review', does: 'deny', resource: 'gateways', verb: 'list' }]);
    assert.match(JSON.stringify(await rights()), 'gateways.networking.istio.io');
  }));

test.run();
