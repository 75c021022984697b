import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '#analysis/request/explain.ts';
import { deviations } from '#analysis/request/sent.ts';
import type { Logged, Sent } from '#model/explanation.ts';
import type { Route } from '#model/route.ts';
import { redirect } from '../../support/builders/route.ts';
import { clusterName, configuration, entry, request, route, routedBy } from '../../support/builders/way.ts';

const nothing: Omit<Sent, 'differs'> = {
  pod: 'p',
  by: 'tool',
  logged: undefined,
  code: undefined,
  location: undefined,
  ms: 1,
  serial: undefined,
  isOfService: false,
  text: undefined,
  ended: undefined,
  isDecided: true,
};

function differs(of: readonly Route[], sent: Partial<Sent>, sni = 'a.example.org'): string[] {
  const known = configuration(routedBy(...of));
  return deviations(explain(known, request({ sni }), entry), { ...nothing, ...sent });
}

test("any answer of the service's own is as predicted", () => {
  assert.equal(differs([route()], { code: 200, isOfService: true }), []);
  assert.equal(differs([route()], { code: 503, isOfService: true }), []);
  assert.equal(differs([route()], { code: 200 }), []);
});

test('an error of the gateway itself, or no answer, is not', () => {
  assert.equal(differs([route()], { code: 503 }), [`predicted an answer of ${clusterName}`]);
  assert.equal(differs([route()], {}), [`predicted an answer of ${clusterName}`]);
});

test('a redirect has to have its code and its location', () => {
  const moved = [route({ action: redirect() })];
  assert.equal(differs(moved, { code: 301, location: 'https://a.example.org/' }), []);
  assert.equal(differs(moved, { code: 301, location: 'https://b.example.org/' }), [
    'predicted 301 to https://a.example.org/',
  ]);
  assert.equal(differs(moved, { code: 302, location: 'https://a.example.org/' }), [
    'predicted 301 to https://a.example.org/',
  ]);
});

test('a redirect of a client need not have a location, which the access log does not have', () => {
  assert.equal(differs([route({ action: redirect() })], { code: 301, by: 'client' }), []);
});

const logged = (over: Partial<Logged>): Logged => ({
  time: '',
  flags: [],
  details: undefined,
  upstreamCluster: undefined,
  upstreamHost: undefined,
  routeName: undefined,
  causes: [],
  ...over,
});

test('a client that left before an answer is no deviation; any other end is', () => {
  const ended = { by: 'client', code: undefined } as const;
  assert.equal(differs([route()], { ...ended, logged: logged({ flags: ['DC'] }) }), []);
  assert.equal(differs([route()], { ...ended, logged: logged({ flags: ['UC'] }) }), [
    `predicted an answer of ${clusterName}`,
  ]);
});

test('the access log tells where another way was taken', () => {
  const way = [route({ name: 'mine' })];
  const came = { code: 200, isOfService: true };
  assert.equal(differs(way, { ...came, logged: logged({ upstreamCluster: clusterName, routeName: 'mine' }) }), []);
  assert.equal(differs(way, { ...came, logged: logged({}) }), []);
  assert.equal(differs(way, { ...came, logged: logged({ upstreamCluster: 'outbound|80||b', routeName: 'other' }) }), [
    'logged service outbound|80||b',
    'logged route other',
  ]);
});

test('a name of statistics in the place of a cluster says of no other way', () => {
  const came = { code: 200, isOfService: true };
  assert.equal(differs([route()], { ...came, logged: logged({ upstreamCluster: 'web_80.shop' }) }), []);
});

test('a predicted failure has to fail, and an end of the connection to end', () => {
  assert.equal(differs([], { code: 404 }), []);
  assert.equal(differs([], { code: 200, isOfService: true }), ['predicted 404']);
  assert.equal(differs([], {}, 'unknown.example.org'), []);
  assert.equal(differs([], { code: 404 }, 'unknown.example.org'), ['predicted an end of the connection']);
});

test('of what chance allows one is enough', () => {
  const faulty = [route({ fault: { abort: { code: 418, share: 0.5 }, delay: undefined, headers: [] } })];
  assert.equal(differs(faulty, { code: 418 }), []);
  assert.equal(differs(faulty, { code: 200, isOfService: true }), []);
  assert.equal(differs(faulty, { code: 404 }), [`predicted 418 or an answer of ${clusterName}`]);
});

test('another certificate than the one that is loaded is told', () => {
  assert.equal(differs([route()], { code: 200, serial: '01' }), []);
  assert.equal(differs([route()], { code: 200, serial: '02' }), ['certificate 02 instead of 01']);
});

test.run();
