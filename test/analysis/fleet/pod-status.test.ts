import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { statusOf } from '#analysis/fleet/pod-status.ts';
import { pod, report } from '../../support/builders/fleet.ts';

const [own, istiod] = [pod('a'), pod('istiod')];

/** Of a pod that the istiod of istio-system does not know. */
const syncOf = (istiodAddress?: string) => {
  const { proxy } = report();
  const told = report({ proxy: { ...proxy, ...(istiodAddress === undefined ? {} : { istiodAddress }) } });
  return statusOf([{ pod: own, ok: told }], { known: [{ pod: istiod, ok: [] }] })[0]?.sync;
};

test('a pod of an istiod of another namespace is not said to be connected to none', () => {
  for (const address of [
    undefined,
    'istiod.istio-system.svc:15012',
    'istiod-1-30.istio-system.svc.cluster.local:15012',
    'istiod.istio-system:15012',
  ])
    assert.equal(syncOf(address), { state: 'not-connected' }, address);
  for (const address of ['istiod.canary.svc:15012', 'istiod.example.com:15012', '10.0.0.1:15012', '[fd00::1]:15012'])
    assert.equal(syncOf(address), {
      state: 'unknown',
      why: `its istiod is ${address}, and not in namespace istio-system: see --istio-namespace`,
    });
});

test.run();
