// What is asked of a pod, one thing after the other, for the way of one request.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nextNeed } from '#analysis/request/needs.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import { routeMatch } from '../../support/builders/route.ts';
import {
  chain,
  clusterName,
  configuration,
  entry,
  forward,
  handler,
  listener,
  request,
  route,
  routeConfiguration,
  virtualHost,
} from '../../support/builders/way.ts';

const bound = (address: string, routes: string) =>
  listener({
    name: `${address}_8443`,
    address,
    filterChains: [chain({ handler: handler({ routeConfiguration: routes }) })],
  });
const listeners = [bound('10.0.0.1', 'first'), bound('10.0.0.2', 'second')];

const needOf = (known: Partial<PodConfiguration>) => nextNeed({ envoyVersion: '1.36.2', ...known }, request(), entry);

test('the routes of filter chains for some clients are asked for as well', () => {
  const match = { ...chain().match, sourcePrefixes: ['10.0.0.0/8'] };
  const inside = chain({ match, handler: handler({ routeConfiguration: 'inside' }) });
  const all = chain({ handler: handler({ routeConfiguration: 'all' }) });
  assert.equal(needOf({ listeners: [listener({ filterChains: [inside, all] })] }), {
    what: 'routes',
    names: ['all', 'inside'],
  });
});

test('the routes of every listener that the connection may reach are asked for', () => {
  assert.equal(needOf({ listeners }), { what: 'routes', names: ['first', 'second'] });
  const quic = { ...bound('0.0.0.0', 'of QUIC'), transport: 'UDP' } as const;
  assert.equal(needOf({ listeners: [quic, ...listeners] }), { what: 'routes', names: ['first', 'second', 'of QUIC'] });
  const overQuic = nextNeed(
    { envoyVersion: '1.36.2', listeners: [quic, ...listeners] },
    request({ alpn: ['h3'] }),
    entry,
  );
  assert.equal(overQuic, { what: 'routes', names: ['of QUIC'] });
});

test('the clusters of every listener that the connection may reach are asked for', () => {
  const { secrets } = configuration({});
  const to = (name: string, cluster: string) =>
    routeConfiguration({
      name,
      virtualHosts: [virtualHost({ routes: [route({ action: forward({ to: { kind: 'cluster', cluster } }) })] })],
    });
  const routeConfigurations = [to('first', 'one'), to('second', 'other')];
  assert.equal(needOf({ listeners, secrets, routeConfigurations }), {
    what: 'clusters',
    names: ['one', 'other'],
    envoyVersion: '1.36.2',
  });
});

test('the runtime is asked for where a route has a key in it, and once', () => {
  const { secrets } = configuration({});
  const known = (...routes: ReturnType<typeof route>[]) => ({
    listeners: [listener()],
    secrets,
    routeConfigurations: [routeConfiguration({ virtualHosts: [virtualHost({ routes })] })],
  });
  const keyed = route({ match: routeMatch({ fraction: { numerator: 1, denominator: 2, runtimeKey: 'canary' } }) });
  const clusters = { what: 'clusters', names: [clusterName], envoyVersion: '1.36.2' };
  assert.equal(needOf(known(route())), clusters);
  assert.equal(needOf(known(keyed)), { what: 'runtime', envoyVersion: '1.36.2' });
  assert.equal(needOf({ ...known(keyed), runtime: undefined }), clusters);
});

test.run();
