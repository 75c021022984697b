import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';
import { withFiles } from '../support/with-files.ts';

const attached = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: attach, namespace: svc2}
spec:
  hosts: [svc1.discovery.wmnet]
  gateways: [svc1/svc1-main]
  http: [{match: [{uri: {prefix: /new}}], directResponse: {status: 200}}]
`;

const hidden = {
  rootNamespace: 'istio-system',
  defaultVirtualServiceExportTo: ['.'],
  tlsDefaults: { minProtocolVersion: 'TLSV1_2' },
  defaultConfig: { proxyMetadata: { TOKEN: 'a-secret-of-the-mesh' } },
};
const doubt =
  /\? not sure: defaultVirtualServiceExportTo of the mesh configuration is \["\."\], which is not\s+translated/;

test('what the mesh configuration has otherwise leaves nothing sure, live and of what was saved', () =>
  withDemo({ mesh: hidden }, async ({ kii, directory }) => {
    writeFileSync(join(directory, 'a.yaml'), attached);
    const words = `preview ${directory}/a.yaml`;
    assert.match((await kii(words)).out, doubt);
    const snapshot = join(directory, 'snapshot.tgz');
    assert.is((await kii(`snapshot ${snapshot}`)).code, 0);
    assert.match((await kii(`${words} --from ${snapshot}`)).out, doubt);
    assert.not.match(gunzipSync(readFileSync(snapshot)).toString('latin1'), /a-secret-of-the-mesh/);
    assert.is((await kii(`config-dump --dir ${directory}/dump`)).code, 0);
    assert.match((await kii(`${words} --from ${directory}/dump`)).out, doubt);
  }));

test('of a mesh as most are nothing is said', () =>
  withFiles({ 'a.yaml': attached }, async (kii) => {
    const { out, err } = await kii('preview DIR/a.yaml');
    assert.not.match(out + err, /mesh configuration/);
  }));

test('where no istiod can be asked for it, the answer says so', () =>
  withFiles(
    { 'a.yaml': attached },
    async (kii) => {
      const { code, err } = await kii('preview DIR/a.yaml');
      assert.match(err, /not looked at: the mesh configuration: /);
      assert.is(code, 0);
    },
    { faults: [{ at: 'request', on: 'portforward', pod: 'istiod-69897fbd6f-87b4r', does: 'status', code: 500 }] },
  ));

const install = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  meshConfig:
    rootNamespace: istio-system
    tlsDefaults: {minProtocolVersion: TLSV1_3}
    meshMTLS: {minProtocolVersion: TLSV1_3}
`;

test('of an install file it says what TLS has by default instead', () =>
  withFiles(
    { 'config.yaml': install },
    async (kii) => {
      const { out } = await kii('preview DIR/config.yaml');
      assert.match(out, /= rootNamespace: istio-system\n/);
      assert.match(
        out,
        /≠ tlsDefaults \(DIR\/config\.yaml:6\): the file asks for \{"minProtocolVersion":"TLSV1_3"\},\s+and what runs has \{"minProtocolVersion":"TLSV1_2"\}/,
      );
      assert.match(out, /≠ meshMTLS \(DIR\/config\.yaml:7\): .*\s+and what runs has nothing/);
    },
    { mesh: hidden },
  ));

test.run();
