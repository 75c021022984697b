import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { triedTo } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { unusualSettings } from '#istiod/mesh.ts';
import { askUnusualSettings } from '#questions/istiod-answers.ts';
import { three } from '../support/builders/fleet.ts';

test('settings by which istiod takes other objects are named, and no others', () => {
  // As Istio 1.31 says it of a mesh without settings of its own.
  const usual = {
    ingressClass: 'istio',
    trustDomain: 'cluster.local',
    defaultServiceExportTo: ['*'],
    defaultVirtualServiceExportTo: ['*'],
    defaultDestinationRuleExportTo: ['*'],
    rootNamespace: 'istio-system',
  };
  assert.equal(unusualSettings(usual), []);
  assert.equal(unusualSettings({}), []);
  const unusual = { ...usual, rootNamespace: 'root', defaultVirtualServiceExportTo: ['.'], discoverySelectors: [{}] };
  assert.equal(unusualSettings(unusual), [
    'rootNamespace of the mesh configuration is "root", which is not translated',
    'defaultVirtualServiceExportTo of the mesh configuration is ["."], which is not translated',
    'discoverySelectors of the mesh configuration is [{}], which is not translated',
  ]);
});

test('each istiod is asked; one that does not say is none', async () => {
  const pods = three.map((pod, index) => ({
    pod,
    get: async () => Buffer.from(index === 0 ? 'no such path' : '{"rootNamespace":"root"}'),
  }));
  const everyIstiod: Source['everyIstiod'] = (ask) =>
    Promise.all(
      pods.map(async (debug) => {
        const tried = await triedTo(ask(debug));
        return { pod: debug.pod, ...tried };
      }),
    );
  assert.equal(await askUnusualSettings({ everyIstiod } as Source), [
    'rootNamespace of the mesh configuration is "root", which is not translated',
  ]);
});

test.run();
