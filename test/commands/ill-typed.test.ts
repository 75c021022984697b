// Objects whose spec has other types than its definition of today: each is named and left out, and the others are judged.

import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { whyNoDelegate } from '#analysis/istio/virtual-service-reach.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { objectSchema } from '#core/kube-schema.ts';
import type { Source } from '#core/source.ts';
import type { PreviewItem } from '#model/preview.ts';
import { saveList } from '#questions/snapshot/save-objects.ts';
import { type Said, withDemo } from '../support/run-command.ts';

/** What commands say of the demo as it was saved, with another spec in one object. */
const withSpec = (
  resource: string,
  name: string,
  spec: object,
  run: (kii: (args: string) => Promise<Said>) => Promise<void>,
): Promise<void> =>
  withDemo({}, async ({ kii, directory }) => {
    await kii(['config-dump', '--dir', `${directory}/saved`]);
    const file = `${directory}/saved/objects/${resource}.json`;
    const objects = JSON.parse(readFileSync(file, 'utf8')) as KubeObject[];
    assert.ok(objects.some(({ metadata }) => metadata.name === name));
    writeFileSync(file, JSON.stringify(objects.map((one) => (one.metadata.name === name ? { ...one, spec } : one))));
    await run((args) => kii([...args.split(' '), '--from', `${directory}/saved`]));
  });

const wrongGateway = { selector: { istio: 'ingressgateway' }, servers: [{ port: { number: 443 }, hosts: ['a'] }] };
const leftOut = 'left out: Gateway svc8/svc8-main: spec.servers[0].port.protocol is missing, not a text';

test('check judges the others, and ends with 3', () =>
  withSpec('gateways', 'svc8-main', wrongGateway, async (kii) => {
    const { code, out, err } = await kii('check --only gateways,routes');
    assert.is(err.split(leftOut).length, 2, err);
    assert.match(out, /not evaluated: .*virtual-service-gateway \(KII042\).*: Gateway svc8\/svc8-main is left out/);
    assert.match(out, /KII040/);
    assert.not.match(out, /VirtualService svc8\//);
    assert.is(code, 1);
    assert.is((await kii('check --only KII042')).code, 3);
  }));

test('certs, too', () =>
  withSpec('gateways', 'svc8-main', wrongGateway, async (kii) => {
    const { code, out, err } = await kii('certs svc3.discovery.wmnet');
    assert.ok(err.includes(leftOut), err);
    assert.match(out, /svc3-tls-certificate/);
    assert.is(code, 3);
  }));

test('explain says what its reason does without', () =>
  withSpec('gateways', 'svc8-main', wrongGateway, async (kii) => {
    const { out } = await kii('explain https://nowhere.example/');
    assert.match(out, /names nowhere\.example; not looked at, as it cannot be read: Gateway svc8\/svc8-main/);
  }));

test('preview calls nothing sure', () =>
  withSpec('virtualservices', 'two', { hosts: 'svc1.discovery.wmnet' }, async (kii) => {
    const { code, out, err } = await kii('preview --delete gateway/svc8/svc8-main -o json');
    assert.match(err, /left out: VirtualService svc1\/two: spec\.hosts is "svc1\.discovery\.wmnet", not a list/);
    const { items, calibration } = JSON.parse(out);
    const [host] = items.filter(({ type }: PreviewItem) => type === 'host');
    assert.equal(host.unsure.at(-1), 'VirtualService svc1/two cannot be read');
    assert.ok(calibration.exact > 10, `${calibration.exact}`);
    assert.is(code, 3);
  }));

test('a snapshot keeps it as it came', async () => {
  const metadata = { namespace: 'svc8', name: 'svc8-main' };
  const listed: KubeObject = { metadata, spec: wrongGateway };
  assert.is(objectSchema('gateways')(listed, ''), undefined);
  assert.match(listed.illTyped ?? '', 'port.protocol is missing');
  assert.is(listed['spec'], undefined);
  const saved: string[] = [];
  const source = { list: async () => [listed] } as unknown as Source;
  await saveList(source, 'gateways', [], { write: async (_, text) => void saved.push(text) });
  assert.equal(JSON.parse(saved.join('')), [{ metadata, spec: wrongGateway }]);
});

test('one without hosts is not called unused beside what may delegate to it', () => {
  const metadata = { namespace: 'svc1', name: 'root' };
  const delegate = { metadata: { ...metadata, name: 'delegate' }, spec: { http: [] } };
  assert.equal(whyNoDelegate(delegate, [{ metadata, illTyped: 'spec.http is "x", not a list' }]), []);
  assert.is(whyNoDelegate(delegate, [{ metadata }]).length, 1);
});

test.run();
