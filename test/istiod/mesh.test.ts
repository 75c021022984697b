import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { triedTo } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { readMesh, unusualSettings } from '#istiod/mesh.ts';
import { askMesh } from '#questions/istiod-answers.ts';
import { three } from '../support/builders/fleet.ts';

test('settings by which istiod takes other objects are named, and no others', () => {
  // As Istio 1.31 says it of a mesh without settings of its own.
  const usual = {
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

test('nothing else of the mesh configuration is read: some of it may be secret', () => {
  const tlsDefaults = { minProtocolVersion: 'TLSV1_3' };
  assert.equal(
    readMesh({
      rootNamespace: 'root',
      tlsDefaults,
      trustDomain: 'cluster.local',
      defaultConfig: { proxyMetadata: { TOKEN: 'secret' } },
      extensionProviders: [{ lightstep: { accessToken: 'secret' } }],
    }),
    { rootNamespace: 'root', tlsDefaults },
  );
});

const sourceOf = (answers: readonly string[]): Source => {
  const pods = answers.map((answer, index) => ({
    pod: three[index] as (typeof three)[number],
    get: async () => Buffer.from(answer),
  }));
  const everyIstiod: Source['everyIstiod'] = (ask) =>
    Promise.all(
      pods.map(async (debug) => {
        const tried = await triedTo(ask(debug));
        return { pod: debug.pod, ...tried };
      }),
    );
  return { everyIstiod } as Source;
};

test('each istiod is asked; where none says, the answer is missing', async () => {
  const root = '{"rootNamespace":"root"}';
  assert.equal(await askMesh(sourceOf(['no such path', root])), { known: [{ rootNamespace: 'root' }] });
  assert.equal(await askMesh(sourceOf([root, '{}'])), { known: [{ rootNamespace: 'root' }, {}] });
  const none = await askMesh(sourceOf(['no such path']));
  assert.match('missing' in none ? none.missing : '', /cannot read debug\/mesh of \S+: /);
  assert.equal(await askMesh(sourceOf([])), { missing: 'there is no istiod' });
});

test.run();
