import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareInstall, type InstallSpec, installSpec, type Running } from '#analysis/chart/install-file.ts';
import type { Pod } from '#core/fleet.ts';
import { gateway as gatewayOf, pod } from '../../support/builders/fleet.ts';

const podWith = (...images: readonly string[]): Pod => ({ ...pod('a'), images });
const gateway = gatewayOf([podWith('registry/istio/proxyv2:1.24.2-1')]);

const ports = [
  { port: 80, targetPort: 8080, name: 'http2', nodePort: 30080, protocol: 'TCP' },
  { port: 15021, targetPort: 15021, name: 'status-port' },
];
const running = (changes: Partial<Running> = {}): Running => ({
  gateway,
  versions: ['1.24.2'],
  service: { known: { metadata: { name: 'x' }, spec: { type: 'NodePort', ports } } },
  workload: {
    known: {
      metadata: { name: 'x' },
      spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0 } } },
    },
  },
  formats: [{ kind: 'json', json: {} }],
  mesh: { known: [{}] },
  ...changes,
});

const spec: InstallSpec = {
  tag: '1.24.2-1',
  meshConfig: { accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON' },
  components: {
    ingressGateways: [
      { name: 'another' },
      {
        name: gateway.name,
        k8s: {
          overlays: [
            { kind: 'Deployment', name: 'another', patches: [{ path: 'spec.replicas', value: 7 }] },
            {
              kind: 'Deployment',
              name: gateway.name,
              patches: [
                { path: 'kind', value: 'DaemonSet' },
                { path: 'spec.strategy', value: null },
                { path: 'spec.updateStrategy', value: { type: 'RollingUpdate' } },
              ],
            },
          ],
        },
      },
    ],
  },
  values: { gateways: { [gateway.name]: { type: 'NodePort', ports: [{ port: 80, targetPort: 8080 }] } } },
};

const shown = (asked: InstallSpec, runs = running()): string[] =>
  compareInstall(asked, runs).map(({ setting, asked: wanted, runs: there, isSame, why }) =>
    isSame === true ? `= ${setting}` : isSame === false ? `${setting}: ${wanted}, ${there}` : `${setting}: ${why}`,
  );

test('says what runs instead of what is asked for', () => {
  assert.equal(shown(spec), [
    '= version',
    '= kind',
    '= spec.strategy',
    '= spec.updateStrategy',
    '= Service type',
    '= Service port 80',
    'Service port 15021: nothing, {"port":15021,"targetPort":15021,"name":"status-port"}',
    '= access log',
  ]);
  const path = compareInstall(spec, running()).find(({ setting }) => setting === 'Service port 80')?.path;
  assert.equal(path, ['spec', 'values', 'gateways', gateway.name, 'ports', 0]);
});

test('components go before values; what another gateway asks for is left out', () => {
  const component = {
    name: gateway.name,
    k8s: { service: { externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30081 }] } },
  };
  const found = shown({ ...spec, tag: '1.29.4', meshConfig: {}, components: { ingressGateways: [component] } });
  assert.equal(found, [
    'version: 1.29.4, 1.24.2-1',
    'kind: Deployment, DaemonSet',
    'Service externalTrafficPolicy: Local, nothing',
    'Service port 80: {"port":80,"nodePort":30081}, {"port":80,"nodePort":30080}',
    'Service port 15021: nothing, {"port":15021,"targetPort":15021,"name":"status-port"}',
    'access log: none, JSON',
  ]);
  assert.equal(shown({ components: { ingressGateways: [{ name: gateway.name, enabled: false }] } }).slice(0, 1), [
    `gateway: no ingress gateway ${gateway.name}, DaemonSet ${gateway.name}`,
  ]);
});

test('what the file does not say, its profile may: of the usual gateway, and of the access log', () => {
  const silent = [`gateway: the file does not name ${gateway.name}, and its profile may have it`];
  assert.equal(shown({}), [...silent, 'access log: none, JSON']);
  assert.equal(shown({ profile: 'demo' }), [...silent, 'access log: TEXT, JSON']);
  const own = running({ gateway: { ...gateway, name: 'own' } });
  assert.is(shown({ profile: 'demo' }, own)[0], 'gateway: no ingress gateway own, DaemonSet own');
});

test('what may not be read is not judged; without images the pods tell the version, and not the build', () => {
  const forbidden = { missing: 'may not list services' };
  const bare = running({ gateway: gatewayOf([podWith()]) });
  assert.equal(shown({ tag: '1.24.2-1' }, bare)[0], '= version');
  assert.equal(shown({ tag: '1.24.20' }, bare)[0], 'version: 1.24.20, 1.24.2');
  assert.equal(shown({ tag: '1.24.2-1' }, { ...bare, versions: [] })[0], 'version: no pod tells its version');
  const found = shown(spec, running({ service: forbidden, workload: { missing: 'no' }, formats: undefined }));
  assert.equal(found.slice(2), [
    'spec.strategy: no',
    'spec.updateStrategy: no',
    'Service type: may not list services',
    'Service port 80: may not list services',
    'access log: no pod answered',
  ]);
});

test('other types are named', () => {
  assert.is(installSpec({ tag: 1.24 }, '.spec'), undefined);
  assert.is(installSpec({ tag: [] }, '.spec'), 'spec.tag is a list, not a text');
  assert.is(
    installSpec({ values: { gateways: { a: { ports: [{ port: '80' }] } } } }, '.spec'),
    'spec.values.gateways["a"].ports[0].port is "80", not a number',
  );
});

test.run();
