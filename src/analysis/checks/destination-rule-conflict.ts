import { defineCheck } from '#analysis/check/check.ts';
import { hostOfRule, isFor, lostTo } from '#analysis/istio/destination-rules.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { refOf } from '#analysis/istio/virtual-service-binding.ts';
import type { Cluster } from '#model/cluster.ts';
import { parseClusterName } from '#model/cluster-name.ts';
import { describeObject, isSameName, type ObjectRef } from '#model/resource.ts';

/** Rules with other exportTo are put together before Istio 1.24, and by `ENABLE_ENHANCED_DESTINATIONRULE_MERGE=false`. */
const isInForce = (rule: ObjectRef, fqdn: string, clusters: readonly Cluster[]): boolean =>
  clusters.some(
    ({ name, destinationRule }) =>
      destinationRule !== undefined && isSameName(destinationRule, rule) && parseClusterName(name)?.fqdn === fqdn,
  );

export default defineCheck({
  id: 'KII049',
  section: 'routes',
  severity: 'warning',
  name: 'destination-rule-conflict',
  title: 'no DestinationRule is overruled by another of its namespace for the same host',
  reason:
    'istiod puts the rules together: of trafficPolicy and of a subset it takes the oldest, of rules with other exportTo only the youngest. No error is shown anywhere.',
  remedy: 'Write what is for one host into one DestinationRule.',
  needs: ['gateway', 'configurations', 'destinationrules'],
  find: ({ gateway: { namespace }, configurations, destinationrules }) => {
    const routed = configurations.flatMap(({ routed: { leads } }) => [...leads.keys()]);
    const fqdns = [...new Set(routed.flatMap((name) => parseClusterName(name)?.fqdn ?? []))].sort();
    const alike = Map.groupBy(
      destinationrules,
      (one) => `${one.metadata.namespace} ${hostOfRule(one, 'cluster.local')}`,
    );
    const clusters = configurations.flatMap((one) => one.clusters);
    const twins = [...alike.values()].filter(({ length }) => length > 1).flat();
    return twins.flatMap((rule) => {
      const ref = refOf('DestinationRule', rule);
      return fqdns
        .filter((fqdn) => isFor(rule, fqdn))
        .filter((fqdn) => !isInForce(ref, fqdn, clusters))
        .flatMap((fqdn) => lostTo(rule, fqdn, destinationrules, namespace))
        .filter(({ objects }) => objects.some((one) => one.namespace === ref.namespace))
        .map(({ text, objects }) => ({
          text: `${describeObject(ref)}: ${text}`,
          concerns: [ref, ...objects],
          next: [ref, ...objects].map(showObject),
        }));
    });
  },
});
