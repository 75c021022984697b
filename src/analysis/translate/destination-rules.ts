// What DestinationRules say of the clusters of a Service: subsets, and TLS. Source: networking/v1 destination_rule.proto;
// istio pilot/pkg/networking/util/util.go MergeTrafficPolicy, core/cluster_tls.go.

import { rulesThatCount } from '#analysis/istio/destination-rules.ts';
import { refOf } from '#analysis/istio/virtual-service-binding.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { UpstreamTls } from '#model/cluster.ts';
import type { ObjectRef } from '#model/resource.ts';

interface Spec {
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets?: readonly { readonly name: string; readonly trafficPolicy?: TrafficPolicy }[];
}

interface TrafficPolicy {
  readonly tls?: ClientTls;
  readonly portLevelSettings?: readonly { readonly port?: { readonly number?: number }; readonly tls?: ClientTls }[];
}

interface ClientTls {
  readonly mode?: string;
  readonly sni?: string;
  readonly subjectAltNames?: readonly string[];
  readonly caCertificates?: string;
  readonly credentialName?: string;
  readonly insecureSkipVerify?: boolean;
}

const specOf = (object: KubeObject): Spec => (object['spec'] ?? {}) as Spec;

export interface ServiceRules {
  readonly subsets: readonly string[];
  /** What the cluster's metadata names. */
  readonly ref: ObjectRef | undefined;
  tlsOf(port: number, subset: string): UpstreamTls;
}

/** `namespace`: the gateway's. */
export function rulesOf(fqdn: string, rules: readonly KubeObject[], namespace: string): ServiceRules {
  const own = rulesThatCount(fqdn, rules, namespace);
  const [first] = own;
  const subsets = own.flatMap((rule) => specOf(rule).subsets ?? []);
  return {
    subsets: [...new Set(subsets.map(({ name }) => name))],
    ref: first && refOf('DestinationRule', first),
    tlsOf: (port, subset) => {
      const narrow = subsets.find(({ name }) => name === subset)?.trafficPolicy;
      const wide = own.map((rule) => specOf(rule).trafficPolicy).find((policy) => policy);
      return upstreamTls(tlsIn(narrow, port) ?? tlsIn(wide, port));
    },
  };
}

const tlsIn = (policy: TrafficPolicy | undefined, port: number): ClientTls | undefined =>
  policy?.portLevelSettings?.find((one) => one.port?.number === port)?.tls ?? policy?.tls;

function upstreamTls(tls: ClientTls | undefined): UpstreamTls {
  const { mode = 'DISABLE', sni, subjectAltNames = [], caCertificates, credentialName, insecureSkipVerify } = tls ?? {};
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL' && mode !== 'ISTIO_MUTUAL') return { mode: 'none' };
  return {
    mode,
    sni,
    autoSni: sni === undefined,
    subjectAltNames,
    ca: credentialName ?? caCertificates,
    isVerified: insecureSkipVerify !== true,
  };
}
