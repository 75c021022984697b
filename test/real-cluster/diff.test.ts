// `diff` on the real gateways: nothing on a healthy fleet, and what a gateway lacks that has lost istiod.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply, drained, dumped, type Gateway, gateways, harness, kii, kubectl, until } from './truth/cluster.ts';

const [node0, node1, node2] = gateways() as readonly [Gateway, Gateway, Gateway];
const to = 'diff.discovery.wmnet';
const folder = mkdtempSync(join(tmpdir(), 'kii-diff-'));

const virtualService = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'diff', namespace: 'svc1' },
  spec: {
    hosts: ['svc1.discovery.wmnet'],
    gateways: ['svc1/svc1-main'],
    http: [{ match: [{ uri: { prefix: '/diff' } }], redirect: { authority: to } }],
  },
};

interface Difference {
  readonly kind: string;
  readonly name: string;
  readonly change: string;
  readonly pods: readonly string[];
}

const serves = (gateway: Gateway): boolean => JSON.stringify(dumped(gateway, 'dynamic_route_configs')).includes(to);
const differences = (out: string): readonly Difference[] =>
  (JSON.parse(out) as { readonly items: readonly Difference[] }).items;

/** A fleet takes seconds to agree after whatever came before. */
async function agreed(): Promise<void> {
  let last = '';
  const isSo = async (): Promise<boolean> => {
    const { code, out } = await kii('diff');
    last = out;
    return code === 0;
  };
  await until('the pods agree', isSo).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}\n${last}`, { cause: error });
  });
}

test.after(() => rmSync(folder, { recursive: true }));

test('a healthy fleet does not differ, nor from what was saved a moment ago', async () => {
  await drained(); // what an earlier test has removed would be missing in a moment
  await agreed();
  assert.is((await kii('config-dump', '--dir', join(folder, 'before'))).code, 0);
  const { code, out } = await kii('diff', '--against', join(folder, 'before'));
  assert.is(code, 0, out);
  assert.match(out, /^3 pods are the same as /);
});

test('the gateway that has lost istiod is named with the route that it lacks, and nothing else', async () => {
  harness('cut', [node2.node, 'on']);
  try {
    apply(virtualService);
    await until('the others serve the new route', () => serves(node0) && serves(node1));
    const { code, out } = await kii('diff', '-o', 'json');
    assert.is(code, 1);
    const name = 'https.443.https.svc1-main.svc1 svc1.discovery.wmnet:443 prefix /diff';
    const told = differences(out).map(({ kind, name: of, change, pods }) => ({ kind, name: of, change, pods }));
    assert.equal(told, [{ kind: 'route', name, change: 'missing', pods: [node2.pod] }]);
    const text = (await kii('diff')).out;
    assert.match(text, /^1 of 3 pods differs from what most pods have\n/);
    assert.match(text, new RegExp(`\\n${node2.pod} \\(${node2.node}, up \\d`));
    const alone = await kii('diff', '--pod', node2.pod, '--only', 'routes', '-o', 'json');
    assert.equal(differences(alone.out), differences(out));
    const since = await kii('diff', '--against', join(folder, 'before'), '-o', 'json');
    assert.equal(
      differences(since.out).map(({ change, pods }) => [change, [...pods].sort()]),
      [['extra', [node0.pod, node1.pod].sort()]],
    );
  } finally {
    harness('cut', [node2.node, 'off']);
    kubectl('-n', 'svc1', 'delete', 'virtualservice', 'diff', '--ignore-not-found');
  }
  await agreed();
});

test.run();
