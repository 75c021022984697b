import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogLevel } from '#core/admin.ts';
import { type Answers, raisedLevels, reportOf } from '#dump/pod-report.ts';
import { readRoutes } from '#dump/routes.ts';
import { readSecrets } from '#dump/secrets.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import { leaf, root, rsaLeaf } from '../support/certificates.ts';
import { section } from '../support/dump.ts';

const proxy: ProxyInfo = {
  envoyVersion: '1.40.0',
  istioVersion: '1.31',
  state: 'LIVE',
  uptimeSeconds: 1,
  logLevel: 'warning',
  componentLogLevel: 'misc:error',
};
const loggers = (levels: Readonly<Record<string, string>>): LogLevel[] =>
  Object.entries(levels).map(([logger, level]) => ({ logger, level }));

const virtualHost = (name: string, ...codes: number[]): object => ({
  name,
  domains: [name],
  routes: codes.map((status) => ({ match: { prefix: '/' }, direct_response: { status } })),
});
const routes = (...configs: object[]): Answers['routes'] =>
  readRoutes(section('Routes', { dynamic_route_configs: configs }));
const config = (name: string, at: string, ...virtual_hosts: object[]): object => ({
  route_config: { name, virtual_hosts },
  last_updated: at,
});
const secrets = (active: object[], warming: object[] = []): Answers['secrets'] =>
  readSecrets(section('Secrets', { dynamic_active_secrets: active, dynamic_warming_secrets: warming }));
const certificate = (name: string, pem: string, over: object = {}): object => ({
  name,
  secret: { tls_certificate: { certificate_chain: { inline_string: pem } } },
  ...over,
});
const ca = (name: string): object => ({
  name,
  secret: { validation_context: { trusted_ca: { inline_string: root } } },
});
const answers = (over: Partial<Answers> = {}): Answers => ({
  proxy,
  routes: [],
  secrets: [],
  rejectedListeners: [],
  logLevels: [],
  ...over,
});

test('reports a pod that has nothing', () => {
  assert.equal(reportOf(answers()), {
    proxy,
    contents: new Map(),
    fingerprint: 'e3b0c4',
    routes: 0,
    certificates: 0,
    warmingSecrets: [],
    rejections: [],
    notGiven: [],
    raisedLogLevels: [],
    lastUpdated: undefined,
  });
});

test('counts routes, not virtual hosts without any, although these are content too', () => {
  const { routes: count, contents } = reportOf(
    answers({ routes: routes(config('r', 't', virtualHost('a', 200, 204), virtualHost('empty'))) }),
  );
  assert.equal([count, [...contents.values()]], [2, ['route', 'route', 'route']]);
});

test("counts certificates, but not the pod's own, which no host is served with", () => {
  const { certificates, contents, warmingSecrets } = reportOf(
    answers({
      secrets: secrets([certificate('default', leaf), certificate('one', rsaLeaf), ca('ca')], [{ name: 'two' }]),
    }),
  );
  assert.equal([certificates, [...contents.values()], warmingSecrets], [1, ['certificate', 'certificate'], ['two']]);
});

test('has one fingerprint for equal contents, whenever they came and in whatever order', () => {
  const one = answers({
    routes: routes(config('r', '1', virtualHost('a', 200)), config('s', '1')),
    secrets: secrets([certificate('x', leaf), ca('y')]),
  });
  const same = answers({
    routes: routes(config('s', '2'), config('r', '3', virtualHost('a', 200))),
    secrets: secrets([ca('y'), certificate('x', leaf, { version_info: '9' })]),
  });
  assert.is(reportOf(one).fingerprint, reportOf(same).fingerprint);
  for (const other of [
    { ...one, routes: routes(config('r', '1', virtualHost('a', 404)), config('s', '1')) },
    { ...one, secrets: secrets([certificate('x', rsaLeaf), ca('y')]) },
    { ...one, secrets: secrets([certificate('z', leaf), ca('y')]) },
  ]) {
    assert.is.not(reportOf(other).fingerprint, reportOf(one).fingerprint);
  }
});

test('gathers the rejections of listeners, route configurations and secrets', () => {
  const error_state = { details: 'no' };
  const { rejections } = reportOf(
    answers({
      rejectedListeners: [{ kind: 'listener', name: 'l', details: 'x', at: undefined, version: undefined }],
      routes: routes({ ...config('r', 't'), error_state }, config('good', 't')),
      secrets: secrets([certificate('s', leaf, { error_state })]),
    }),
  );
  assert.equal(
    rejections.map(({ kind, name, details }) => [kind, name, details]),
    [
      ['listener', 'l', 'x'],
      ['route configuration', 'r', 'no'],
      ['secret', 's', 'no'],
    ],
  );
});

test('tells the newest update of routes and secrets', () => {
  const { lastUpdated } = reportOf(
    answers({
      routes: routes(config('r', '2026-11-23T12:00:02Z'), { route_config: {} }),
      secrets: secrets([certificate('s', leaf, { last_updated: '2026-11-23T12:00:01Z' })]),
    }),
  );
  assert.is(lastUpdated, '2026-11-23T12:00:02Z');
});

test('names the loggers that say more than they were started with', () => {
  const raised = (levels: Readonly<Record<string, string>>, info = proxy): string[] =>
    raisedLevels(info, loggers(levels));
  assert.equal(raised({ admin: 'warning', misc: 'error', http: 'critical' }), []);
  assert.equal(raised({ admin: 'info', http: 'debug', misc: 'error' }), ['admin:info', 'http:debug']);
  assert.equal(raised({ admin: 'warning', misc: 'warning' }), ['misc:warning'], 'a component has a level of its own');
  assert.equal(
    raised({ admin: 'info', http: 'debug' }, { ...proxy, logLevel: undefined, componentLogLevel: undefined }),
    ['http:debug'],
    'info by default',
  );
  assert.equal(
    raised({ admin: 'warning', http: 'info' }, { ...proxy, logLevel: 'warn' }),
    ['http:info'],
    'both spellings of warning',
  );
  assert.equal(reportOf(answers({ logLevels: loggers({ admin: 'trace', http: 'warning' }) })).raisedLogLevels, [
    'admin:trace',
  ]);
});

test('says all where every logger was raised to the same level', () => {
  assert.equal(raisedLevels(proxy, loggers({ admin: 'debug', http: 'debug' })), ['all:debug']);
  assert.equal(raisedLevels(proxy, loggers({ admin: 'debug', http: 'trace' })), ['admin:debug', 'http:trace']);
  assert.equal(raisedLevels(proxy, loggers({ admin: 'debug', http: 'debug', misc: 'error' })), [
    'admin:debug',
    'http:debug',
  ]);
});

test.run();
