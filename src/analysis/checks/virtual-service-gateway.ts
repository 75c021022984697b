import { defineCheck } from '#analysis/check/check.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { gatewaysOf, keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import { andList } from '#core/phrase.ts';
import { nearest } from '#core/suggestion.ts';

export default defineCheck({
  id: 'KII042',
  section: 'gateways',
  severity: 'warning',
  name: 'virtual-service-gateway',
  title: 'every Gateway that a VirtualService names is there',
  reason: 'The VirtualService does nothing at a Gateway that does not exist: its hosts get 404 or no connection.',
  remedy: 'Write NAMESPACE/NAME: without a namespace it is the own one of the VirtualService.',
  needs: ['gateways', 'virtualservices'],
  find: ({ gateways, virtualservices }) => {
    const known = new Set(gateways.map((gateway) => keyOf(refOf('Gateway', gateway))));
    return virtualservices.flatMap((one) => {
      const ref = refOf('VirtualService', one);
      const missing = gatewaysOf(one).filter((name) => !known.has(name));
      if (missing.length === 0) return [];
      const near = missing.flatMap((name) => nearestGateways(name, [...known]));
      return [
        {
          text: `VirtualService ${keyOf(ref)} names Gateway ${missing.join(', ')}, which is not there${near.length === 0 ? '' : `; there is ${andList([...new Set(near)])}`}`,
          concerns: [ref],
          next: [showObject(ref)],
        },
      ];
    });
  },
});

/** Of the same name in another namespace, or misspelt in its own. */
function nearestGateways(missing: string, known: readonly string[]): string[] {
  const [namespace = '', name = ''] = missing.split('/');
  const namesakes = known.filter((one) => one.endsWith(`/${name}`));
  const beside = known.filter((one) => one.startsWith(`${namespace}/`));
  return namesakes.length > 0 ? namesakes : [nearest(missing, beside)].flatMap((one) => one ?? []);
}
