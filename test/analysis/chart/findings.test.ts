import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stanzaRules } from '#analysis/chart/findings.ts';
import { chartValuesOf } from '#analysis/chart/stanza.ts';
import { defaultValues, portKeyOf, type TemplateVersion } from '#analysis/chart/template.ts';
import { mergedValues, type Values } from '#analysis/chart/values.ts';

const release = { name: 'main', namespace: 'demo-ns', chart: { name: 'demo-chart', version: '0.1.0' } };

function findings(version: TemplateVersion, said: Values, more: Values = {}, chart = release.chart): string[] {
  const defaults = { ...defaultValues(version), [portKeyOf(version)]: { public_port: 4666 } };
  const values = chartValuesOf(mergedValues(defaults, [{ ingress: { enabled: true, ...said }, ...more }]), version);
  const given = { context: { version, release: { ...release, chart }, values }, ingress: values.ingress ?? {}, said };
  return stanzaRules.flatMap(({ id, find }) => find(given).map(({ text, path }) => `${id} ${path.join('.')}: ${text}`));
}

const route = { route: [{ destination: { host: 'other.ns.svc.cluster.local', port: { number: 80 } } }] };
const without = (field: object): object => ({
  route: [{ destination: { host: 'other.ns.svc.cluster.local', ...field } }],
});
const own = 'demo-chart-main-tls-service';

// biome-ignore format: a line is a case
const cases: readonly (readonly [string, TemplateVersion, Values, readonly RegExp[]])[] = [
  ['nothing', '1.3', {}, []],
  ['what is not switched on', '1.3', { staging: false, routeHosts: [], base_cors_policy: false }, []],
  ['the documentation of 2022', '1.3', { existingGateway: 'a/b' }, [/^KII080 ingress\.existingGateway: .* is no key of the template: existingGatewayName is\. So a Gateway/]],
  ['a slip of the fingers', '1.3', { gatewayHosts: { extraFQDN: ['a.b'] } }, [/^KII080 ingress\.gatewayHosts\.extraFQDN: .*: extraFQDNs is$/]],
  ['staging after 1.0.3', '1.1', { staging: true }, [/^KII080 ingress\.staging: .* it counts up to template 1\.0\.3, and this is 1\.1/]],
  ['staging before', '1.0.3', { staging: true }, []],
  ['a CORS policy before 1.0.3', '1.0.2', { base_cors_policy: true }, [/^KII080 ingress\.base_cors_policy: .* since template 1\.0\.3/]],
  ['domains before 1.1', '1.0', { gatewayHosts: { domains: ['a.b'] } }, [/^KII080 ingress\.gatewayHosts\.domains: .* since template 1\.1/]],
  ['routeHosts of an own Gateway', '1.2', { routeHosts: ['a.b'] }, [/^KII080 ingress\.routeHosts: .* only with existingGatewayName/]],
  ['routeHosts of an own Gateway since 1.3', '1.3', { routeHosts: ['a.b'] }, []],
  ['gatewayHosts of another Gateway', '1.3', { existingGatewayName: 'a/b', routeHosts: ['a.b'], gatewayHosts: { default: 'x' } }, [/^KII080 ingress\.gatewayHosts: .* no Gateway of its own/]],
  ['a text for false', '1.3', { enabled: 'false' }, [/^KII081 ingress\.enabled: .* the text "false"/]],
  ['no hosts', '1.3', { gatewayHosts: { disableDefaultHosts: true } }, [/^KII082 ingress\.gatewayHosts: the Gateway/, /^KII082 ingress\.routeHosts: the VirtualService/]],
  ['a route of a match alone', '1.3', { httproutes: [route, { match: [{ uri: { prefix: '/' } }] }] }, [/^KII083 ingress\.httproutes\.1: route 2 has no route/]],
  ['a redirect', '1.3', { httproutes: [{ redirect: { uri: '/' } }] }, []],
  ['a destination without a port', '1.3', { httproutes: [without({})] }, [/^KII084 ingress\.httproutes\.0\.route\.0: route 1 goes to other/]],
  ['rules that leave the own Service out', '1.3', { destinationrulehosts: ['other.ns.svc.cluster.local'] }, [/^KII085 ingress\.destinationrulehosts: routes lead to demo-chart-main/]],
  ['rules for what routes lead to', '1.3', { destinationrulehosts: ['other.ns.svc.cluster.local'], httproutes: [route] }, []],
  ['the own Service by its short name', '1.3', { destinationrulehosts: ['a.b'], httproutes: [{ route: [{ destination: { host: own, port: { number: 1 } } }] }] }, [/^KII085/]],
  ['a policy for one of two routes', '1.3', { base_cors_policy: true, httproutes: [route, route] }, [/^KII086 ingress\.base_cors_policy: of 2 routes the last one alone/]],
  ['a second policy', '1.3', { custom_cors_policy: { maxAge: '1s' }, httproutes: [{ ...route, corsPolicy: { maxAge: '2s' } }] }, [/^KII086 .* a second one/]],
  ['a Gateway without a namespace', '1.3', { existingGatewayName: 'gw', routeHosts: ['a.b'] }, [/^KII087 .* Gateway demo-ns\/gw/]],
  ['no selector', '1.3', { selectors: null }, [/^KII089/]],
  ['selectors before 1.0.1', '1.0', { selectors: { a: 'b' } }, [/^KII080 ingress\.selectors/]],
];

for (const [name, version, said, expected] of cases) {
  test(`${name}, template ${version}`, () => {
    const found = findings(version, said);
    assert.is(found.length, expected.length, found.join('\n'));
    for (const [index, says] of expected.entries()) assert.match(found[index] as string, says);
  });
}

test('a name that is too long for a Service, and a port that is not set', () => {
  assert.match(
    findings('1.3', {}, { chartName: 'a'.repeat(60) }).join(),
    /^KII088 chartName: Service a+-ma-tls-service has 75/,
  );
  assert.match(
    findings('1.3', {}, { mesh: { public_port: null } }).join(),
    /^KII084 mesh: the default route has no port/,
  );
});

test('a label that is too long: seen with a real API server', () => {
  const chart = { name: 'a'.repeat(58), version: '1.2.3+x' };
  assert.equal(findings('1.3', {}, { chartName: 'a' }, chart), [
    `KII090 ingress: label chart: ${'a'.repeat(58)}-1.2.3_x has 66 characters`,
  ]);
});

test('each rule has an id of its own', () => {
  const ids = stanzaRules.map(({ id }) => id);
  assert.is(new Set(ids).size, ids.length);
});

test.run();
