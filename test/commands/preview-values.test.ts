import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PreviewItem } from '#model/preview.ts';
import { golden } from '../support/golden.ts';
import { schemaErrors } from '../support/schema.ts';
import { withFiles } from '../support/with-files.ts';

/** The documentation's second release: it attaches its route to the Gateway of the first. */
const attached = `mesh: {public_port: 4002}
ingress:
  enabled: true
  existingGatewayName: svc1/svc1-main
  routeHosts: [svc1.discovery.wmnet]
  httproutes:
  - match: [{uri: {prefix: /three}}]
    name: three
    route: [{destination: {host: svc2-tls-service, port: {number: 4002}}}]
`;

/** As the documentation spells it. */
const misspelt = attached.replace('existingGatewayName', 'existingGateway');

const chart = {
  'c/Chart.yaml': 'apiVersion: v2\nname: demo\nversion: 0.2.0\n',
  'c/values.yaml':
    'mesh: {public_port: 4002}\ningress: {enabled: false, existingGatewayName: "", httproutes: [], gatewayHosts: {}}\n',
  'c/templates/vendor/ingress/istio_1.0.3.tpl': '',
  'c/templates/ingress.yaml': '{{ include "ingress.istio.default" . }}\n',
};

const release = '--release svc2/two';
const named = `--template 1.3 --chart demo --chart-version 0.1.0 ${release}`;

test('a second release attaches to the Gateway of the first', () =>
  withFiles({ 'v.yaml': attached }, async (kii) => {
    const { code, out } = await kii(
      `preview --values DIR/v.yaml ${named} --explain https://svc1.discovery.wmnet/three`,
    );
    golden('commands/preview/values.txt', out);
    assert.is(code, 0);
  }));

test('what the documentation spells otherwise is a finding, with its place', () =>
  withFiles({ 'v.yaml': misspelt }, async (kii) => {
    const { code, out } = await kii(`preview --values DIR/v.yaml ${named}`);
    assert.match(out, /existingGateway is no key of the template: existingGatewayName is.*\(KII080\) · DIR\/v\.yaml:4/);
    assert.match(out, /Gateway svc2\/svc2-main has svc2\.discovery\.wmnet.*\(KII040\) · DIR\/v\.yaml:2/);
    assert.is(code, 1);
    const document = JSON.parse((await kii(`preview --values DIR/v.yaml ${named} -o json`)).out);
    assert.equal(schemaErrors(document), []);
    const sections = (document.items as PreviewItem[]).flatMap((item) =>
      item.type === 'finding' ? [item.section] : [],
    );
    assert.ok(sections.includes('values'));
  }));

test('--print writes what kubectl apply takes, asks no cluster, and previews as the values do', () =>
  withFiles(
    {
      ...chart,
      'v.yaml': 'ingress: {enabled: true}\n',
      'w.yaml': 'ingress: {staging: true, base_cors_policy: true}\n',
    },
    async (kii) => {
      const words = `--values DIR/v.yaml --values DIR/w.yaml --chart-dir DIR/c ${release}`;
      const printed = await kii(`preview ${words} --print --kubeconfig DIR/none`);
      golden('commands/preview/print.yaml', printed.out);
      assert.equal([printed.code, printed.err], [0, '']);
    },
  ));

test('what is printed is previewed as the values are', () =>
  withFiles({ 'v.yaml': attached }, async (kii) => {
    const words = `--values DIR/v.yaml ${named}`;
    const { out } = await kii(`preview ${words} --print`);
    await withFiles({ 'o.yaml': out }, async (again) => {
      const hosts = ({ out: json }: { readonly out: string }): unknown =>
        JSON.parse(json).items.filter(({ type }: PreviewItem) => type === 'host');
      assert.equal(hosts(await again('preview DIR/o.yaml -o json')), hosts(await kii(`preview ${words} -o json`)));
    });
  }));

// biome-ignore format: a line is a case
const mistakes: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, words: string, says: RegExp]>> = {
  'no template': [{ 'v.yaml': attached }, '--values DIR/v.yaml --chart a --chart-version 1 --release a/b', /--template has to be given, for they make different hosts: 0\.4-seed, 0\.4,/],
  'objects that would not be printed': [{ 'v.yaml': attached }, `DIR/v.yaml --values DIR/v.yaml ${named} --print`, /--print writes the objects of --values alone/],
  'stdin twice': [{}, `- --values - ${named}`, /stdin can be read once/],
  'no chart': [{ 'v.yaml': attached }, '--values DIR/v.yaml --template 1.3 --release a/b', /--values needs --chart and --chart-version, or --chart-dir/],
  'no release': [{ 'v.yaml': attached }, '--values DIR/v.yaml --template 1.3 --chart a --chart-version 1', /--release takes NAMESPACE\/NAME/],
  'a release that YAML reads as a number': [{ 'v.yaml': attached }, '--values DIR/v.yaml --template 1.3 --chart a --chart-version 1 --release a/12', /--release a\/12: the template writes 12 without quotes/],
  'a flag without values': [{}, '--template 1.3', /--template goes with --values or --chart-dir/],
  'both charts': [chart, `--chart-dir DIR/c --chart a ${release}`, /--chart and --chart-version cannot be used with --chart-dir/],
  'both templates': [chart, `--chart-dir DIR/c --template 1.3 ${release}`, /DIR\/c has template 1\.0\.3/],
  'a chart without a template': [{ 'c/Chart.yaml': 'name: a\nversion: 1.0.0\n' }, `--chart-dir DIR/c ${release}`, /--template has to be given/],
  'a newer template': [{ ...chart, 'c/templates/vendor/ingress/istio_1.0.3.tpl': '', 'c/templates/vendor/ingress/istio_2.0.0.tpl': '' }, `--chart-dir DIR/c ${release}`, /cannot read DIR\/c\/templates\/vendor\/ingress: there are several templates/],
  'a chart with its own parts of the template': [{ ...chart, 'c/templates/own.yaml': 'a: 1\n{{- define "mesh.name.fqdn" -}}\n' }, `--chart-dir DIR/c ${release}`, /own\.yaml:2: the chart defines mesh\.name\.fqdn itself\n.*helm template/],
  'own parts in a file whose name begins as the folder of shared ones': [{ ...chart, 'c/templates/vendor-own.tpl': '{{- define "mesh.name.fqdn" -}}\n' }, `--chart-dir DIR/c ${release}`, /vendor-own\.tpl:1: the chart defines mesh\.name\.fqdn itself/],
  'a chart that makes no ingress': [{ ...chart, 'c/templates/ingress.yaml': '' }, `--chart-dir DIR/c ${release}`, /no template includes ingress\.istio\.default/],
  'a stanza that is not enabled': [chart, `--chart-dir DIR/c ${release}`, /DIR\/c\/values\.yaml:2: ingress\.enabled is not true/],
  'values that are no YAML': [{ 'v.yaml': 'ingress:\n\tenabled: true\n' }, `--values DIR/v.yaml ${named}`, /cannot read DIR\/v\.yaml:2: /],
  'values that are a list': [{ 'v.yaml': '- a\n' }, `--values DIR/v.yaml ${named}`, /v\.yaml:1: it is no file of values/],
  'two documents': [{ 'v.yaml': `${attached}---\na: 1\n` }, `--values DIR/v.yaml ${named}`, /v\.yaml:\d+: helm reads only the first document/],
  'a value of another type': [{ 'v.yaml': attached.replace('[svc1.discovery.wmnet]', 'svc1.discovery.wmnet') }, `--values DIR/v.yaml ${named}`, /cannot read DIR\/v\.yaml:5: ingress\.routeHosts is "svc1\.discovery\.wmnet", not a list/],
  'a value that the object cannot have': [{ 'v.yaml': attached.replace('{prefix: /three}', '/three') }, `--values DIR/v.yaml ${named}`, /v\.yaml:7: VirtualService demo-two: spec\.http\[0\]\.match\[0\]\.uri is "\/three", not an object/],
  "the template's own failure": [{ 'v.yaml': attached, 'w.yaml': 'ingress:\n  httproutes: null\n' }, `--values DIR/v.yaml --values DIR/w.yaml ${named}`, /cannot preview DIR\/w\.yaml:2: the chart's template fails: len of nil pointer\n.*leave httproutes out/],
};

for (const [name, [files, words, says]] of Object.entries(mistakes)) {
  test(`${name} is a clear error`, () =>
    withFiles(files, async (kii) => {
      const { code, out, err } = await kii(`preview ${words}`);
      assert.equal([code, out], [2, '']);
      assert.match(err, says);
      assert.not.match(err, /at .*:\d+:\d+\)|defect/);
    }));
}

test.run();
