import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  readCondition,
  settle,
  whyNoRoute,
  whyNotServed,
  whyNotSynced,
  whyNotVersion,
} from '#analysis/fleet/wait-condition.ts';
import type { Served } from '#model/host-certificate.ts';
import { certificate } from '../../support/builders/certificate.ts';
import { routes } from '../../support/builders/facts.ts';
import { connected, now, report } from '../../support/builders/fleet.ts';
import { prefix, route, routeMatch } from '../../support/builders/route.ts';
import { rejection } from '../../support/rejection.ts';

test('reads every form of a condition', () => {
  assert.equal(readCondition('synced').what, { kind: 'synced' });
  assert.equal(readCondition('route=A.example/x/y?q').what, { kind: 'route', host: 'a.example', path: '/x/y' });
  assert.equal(readCondition('route=https://a.example:443').what, { kind: 'route', host: 'a.example', path: '/' });
  assert.equal(readCondition('cert=a.example:8444=00:1a:ff').what, {
    kind: 'cert',
    host: 'a.example',
    port: 8444,
    serial: '1AFF',
  });
  assert.equal(readCondition('cert=a.example').what, { kind: 'cert', host: 'a.example', port: 443, serial: undefined });
  const absent = readCondition('absent:version=1.30');
  assert.equal(
    [absent.isAbsent, absent.what, absent.text],
    [true, { kind: 'version', version: '1.30' }, 'absent:version=1.30'],
  );
});

test('refuses what is no condition, and says which there are', async () => {
  for (const text of [
    '',
    'sync',
    'synced=1',
    'route',
    'route=',
    'cert=a=xyz',
    'version',
    'absent:synced',
    'absent:',
    'cert=a/b',
  ]) {
    const error = await rejection((async () => readCondition(text))());
    assert.match(error.message, 'route=HOST/PATH', text);
  }
});

test('a pod is synced that has taken all that istiod has sent', () => {
  const state = (word: 'SYNCED' | 'STALE' | 'NACK' | 'NOT SENT', error?: string) => ({
    RDS: { state: word, error, sentAt: undefined },
  });
  assert.is(whyNotSynced(connected('istiod')), undefined);
  assert.is(whyNotSynced(connected('istiod', state('NOT SENT'))), undefined);
  // There always are clusters: istiod is only about to send them.
  const begun = { CDS: { state: 'NOT SENT', error: undefined, sentAt: undefined } } as const;
  assert.is(whyNotSynced(connected('istiod', begun)), 'CDS NOT SENT');
  assert.is(whyNotSynced(connected('istiod', state('STALE'))), 'RDS STALE');
  assert.is(whyNotSynced(connected('istiod', state('NACK', 'bad'))), 'RDS NACK ("bad")');
  const kept = connected('istiod', { SDS: { state: 'NACK', error: 'bad', sentAt: undefined } });
  assert.equal(whyNotSynced(kept), { unsure: 'SDS NACK ("bad"); istiod keeps it until another secret is taken' });
  assert.is(whyNotSynced({ state: 'not-connected' }), 'connected to no istiod');
  assert.is(whyNotSynced({ state: 'unknown', why: 'istiod-b is silent' }), 'istiod-b is silent');
});

test('a route is there that is for the path; one for every path is for none but /', () => {
  const of = (path: string, host = 'svc1.discovery.wmnet') =>
    whyNoRoute(
      [
        routes(
          route({ match: prefix('/two') }),
          route({ match: routeMatch({ path: { kind: 'regex', value: '/v[0-9]+' } }) }),
          route({ match: prefix('/') }),
        ),
      ],
      { host, path },
    );
  assert.is(of('/two/three'), undefined);
  assert.is(of('/v2'), undefined);
  assert.is(of('/'), undefined);
  assert.is(of('/new'), 'no route of svc1.discovery.wmnet is for /new');
  assert.is(of('/two', 'other.example'), 'no routes for other.example');
});

test('a certificate is the one with the serial, or else any that is for the host and valid', () => {
  const served = (changes: Parameters<typeof certificate>[0]): Served => ({
    outcome: 'certificate',
    chain: [certificate(changes)],
    protocol: 'TLSv1.3',
    alpn: undefined,
  });
  const asked = { host: 'svc1.discovery.wmnet', serial: undefined };
  assert.is(whyNotServed(served({}), asked, now), undefined);
  assert.is(whyNotServed(served({}), { ...asked, serial: '1008A7' }, now), undefined);
  assert.match(whyNotServed(served({}), { ...asked, serial: '1008A8' }, now) ?? '', 'serial 1008A7');
  assert.match(whyNotServed(served({ dnsNames: ['other'] }), asked, now) ?? '', 'is for other');
  assert.match(whyNotServed(served({ notAfter: '2026-11-01T00:00:00Z' }), asked, now) ?? '', 'expired');
  assert.match(whyNotServed(served({ notBefore: '2027-01-01T00:00:00Z' }), asked, now) ?? '', 'not valid yet');
  assert.is(
    whyNotServed({ outcome: 'closed', why: 'closed by the other side' }, asked, now),
    'closed by the other side',
  );
});

test('a version is also its patches, and not one that only begins alike', () => {
  const of = (version: string, istioVersion: string) => whyNotVersion({ ...report().proxy, istioVersion }, version);
  assert.equal(
    [of('1.31', '1.31.0'), of('1.31', '1.31-dev'), of('1.31.0', '1.31.0')],
    [undefined, undefined, undefined],
  );
  assert.is(of('1.3', '1.31.0'), 'runs 1.31.0');
});

test('absent turns it round', () => {
  assert.equal(
    [settle({ isAbsent: true }, 'gone'), settle({ isAbsent: true }, undefined)],
    [undefined, 'it is still there'],
  );
  assert.equal([settle({ isAbsent: false }, 'gone'), settle({ isAbsent: false }, undefined)], ['gone', undefined]);
});

test('what nobody can say is neither there nor absent', () => {
  const opaque = routes(route({ match: routeMatch({ path: { kind: 'unknown', type: 'Custom' } }) }));
  const why = whyNoRoute([opaque], { host: 'svc1.discovery.wmnet', path: '/x' });
  assert.is(typeof why, 'object');
  assert.equal(settle({ isAbsent: false }, why), why);
  assert.equal(settle({ isAbsent: true }, why), why);
  assert.equal(whyNotVersion({ ...report().proxy, istioVersion: undefined }, '1.31'), {
    unsure: 'it does not say which version it runs',
  });
});

test.run();
