// What EDS says differs between pods that are asked while an endpoint comes or goes, and is no drift then.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import drift from '#analysis/checks/drift.ts';
import type { Source } from '#core/source.ts';
import { askCheck } from '#questions/check/check.ts';
import { replaced } from '../support/replaced.ts';
import { withSource } from '../support/run-command.ts';

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

test.run();
