// What EDS says differs between pods that are asked while an endpoint comes or goes, and is no drift then.

import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import drift from '#analysis/checks/drift.ts';
import type { Source } from '#core/source.ts';
import { askCheck } from '#questions/check/check.ts';
import { replaced } from '../support/replaced.ts';
import { withDemo, withSource } from '../support/run-command.ts';

/** The pods that are found to differ where one pod says something else the first `times` times. */
async function differingPods(times: number, owner?: string): Promise<readonly string[]> {
  const differing: string[] = [];
  await withSource({}, async (source, now) => {
    const [odd] = (await source.gateway()).pods;
    let left = times;
    const watched = replaced<Source>(source, {
      everyPod: ((ask, only, fanOut) =>
        source.everyPod(
          (admin) => {
            const get: typeof admin.get = async (request, ...rest) => {
              const answer = await admin.get(request, ...rest);
              const isOdd = admin.pod.name === odd?.name && request.query?.['resource'] === 'dynamic_endpoint_configs';
              if (!isOdd || left-- <= 0) return answer;
              return Buffer.from(
                answer.toString().replaceAll(/"overprovisioning_factor": \d+/g, '"overprovisioning_factor": 1'),
              );
            };
            return ask(replaced(admin, { get }));
          },
          only,
          fanOut,
        )) as Source['everyPod'],
    });
    const { items } = await askCheck(watched, { checks: [drift], for: owner }, { now });
    differing.push(...items.flatMap(({ findings }) => findings.flatMap(({ pods = [] }) => pods)));
    assert.ok(odd !== undefined && left <= 0, 'the pod was asked');
    assert.is(differing.includes(odd.name), times > 1);
  });
  return differing;
}

test('a difference that has passed by the second time is none', async () => {
  assert.is((await differingPods(1)).length, 1, 'the pod that has lost istiod');
});

test('a difference that stays is drift', async () => {
  assert.is((await differingPods(2)).length, 2);
});

test('it concerns the owner of a service whose endpoints they are, where all else of the service is the same', async () => {
  assert.equal(await differingPods(0, 'svc1'), []);
  assert.is((await differingPods(2, 'svc1')).length, 2, 'beside the pod that has lost istiod');
});

type Section = Readonly<Record<string, unknown>>;
const isOfEds = (section: Section): boolean =>
  section['@type'] === 'type.googleapis.com/envoy.admin.v3.EndpointsConfigDump';

/** What is said of the pods where these have saved nothing of what EDS says, and one pod lacks hosts. */
async function saidOfSaved(withoutEds: readonly string[], lacking?: string, owner?: string): Promise<string> {
  return withDemo({}, async ({ directory, kii }) => {
    const saved = `${directory}/saved`;
    await kii(['config-dump', '--dir', saved]);
    const change = (pod: string, name: string, to: (json: Record<string, unknown>) => object): void => {
      const file = `${saved}/pods/istio-ingressgateway-${pod}/${name}.json`;
      writeFileSync(file, JSON.stringify(to(JSON.parse(readFileSync(file, 'utf8')))));
    };
    for (const pod of withoutEds)
      change(pod, 'config_dump', (dump) => ({
        configs: (dump['configs'] as Section[]).map((one) => (isOfEds(one) ? { '@type': one['@type'] } : one)),
      }));
    if (lacking !== undefined)
      change(lacking, 'clusters', ({ cluster_statuses: all }) => ({
        cluster_statuses: (all as Section[]).map((one) => ({ ...one, host_statuses: [] })),
      }));
    return (await kii(['check', '--only', 'drift', ...(owner ? ['--for', owner] : []), '--from', saved])).out;
  });
}

const pods = ['66qlf', 'gfn8x', 'l9b5b'];

test('where the pods do not give what EDS says, what they balance over is compared', async () => {
  assert.not.match(await saidOfSaved(pods), /(66qlf|gfn8x) serves/);
  assert.match(
    await saidOfSaved(pods, 'gfn8x'),
    /(66qlf|gfn8x) serves something else than most pods: \d+ endpoints differ/,
  );
});

test('it concerns the owner of a service whose endpoints those are', async () => {
  assert.not.match(await saidOfSaved(pods, undefined, 'svc1'), /(66qlf|gfn8x) serves/);
  assert.match(await saidOfSaved(pods, 'gfn8x', 'svc1'), /(66qlf|gfn8x) serves .*it hurts/);
});

test('what only some give is not compared', async () => {
  assert.not.match(await saidOfSaved(['gfn8x']), /(66qlf|gfn8x) serves/);
  assert.match(
    await saidOfSaved(['gfn8x'], 'gfn8x'),
    /(66qlf|gfn8x) serves something else than most pods: \d+ endpoints differ/,
  );
});

test.run();
