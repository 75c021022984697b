// `/debug/mesh` of an istiod: the mesh configuration, of which most people have the defaults. Source: istio
// pilot/pkg/xds/debug.go MeshHandler, pkg/config/mesh/mesh.go DefaultMeshConfig.

import { canonicalJson } from '#core/canonical-json.ts';
import { field } from '#core/json.ts';

/** Settings by which istiod takes other objects than the rules of this tool do, as these have them. */
const assumed = {
  rootNamespace: 'istio-system',
  defaultVirtualServiceExportTo: ['*'],
  defaultDestinationRuleExportTo: ['*'],
  defaultServiceExportTo: ['*'],
  discoverySelectors: [],
} as const;

/** Those that are otherwise, as sentences. */
export const unusualSettings = (mesh: unknown): string[] =>
  Object.entries(assumed).flatMap(([name, usual]) => {
    const value = canonicalJson(field(mesh, name) ?? usual);
    return value === canonicalJson(usual)
      ? []
      : [`${name} of the mesh configuration is ${value}, which is not translated`];
  });
