// `/debug/mesh` of an istiod: the mesh configuration, of which most people have the defaults. Source: istio
// pilot/pkg/xds/debug.go MeshHandler, pkg/config/mesh/mesh.go DefaultMeshConfig.

import { canonicalJson } from '#core/canonical-json.ts';
import { field } from '#core/json.ts';
import { type MeshSettings, objectSettings, tlsSettings } from '#model/mesh-settings.ts';

/** What is asked for, of all that istiod says. */
export const readMesh = (mesh: unknown): MeshSettings =>
  Object.fromEntries(
    [...objectSettings, ...tlsSettings].flatMap((name) => {
      const value = field(mesh, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** The values with which istiod takes the objects that the rules of this tool take. */
const assumed: Readonly<Record<(typeof objectSettings)[number], unknown>> = {
  rootNamespace: 'istio-system',
  defaultVirtualServiceExportTo: ['*'],
  defaultDestinationRuleExportTo: ['*'],
  defaultServiceExportTo: ['*'],
  discoverySelectors: [],
};

/** Settings that are otherwise, as sentences. */
export const unusualSettings = (mesh: MeshSettings): string[] =>
  objectSettings.flatMap((name) => {
    const usual = canonicalJson(assumed[name]);
    const value = canonicalJson(mesh[name] ?? assumed[name]);
    return value === usual ? [] : [`${name} of the mesh configuration is ${value}, which is not translated`];
  });
