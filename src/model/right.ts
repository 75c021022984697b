// The rights that the tool can use, and what is lost without each: what `doctor` asks the API server for, and `help
// rbac` lists.

/** `gateway`, `istiod`: in the namespace of either. `cluster`: in all namespaces, or of what is in none. */
export type RightPlace = 'gateway' | 'istiod' | 'cluster';

export interface Right {
  readonly verbs: readonly string[];
  readonly group: string;
  /** Plural, with their subresource: `pods/log`. */
  readonly resources: readonly string[];
  readonly place: RightPlace;
  /**
   * `needed`: nothing works without it. `forward`: that too, unless exec is allowed in its place. `wanted`: answers
   * have gaps. `optional`: given for one purpose, or withheld on purpose.
   */
  readonly need: 'needed' | 'forward' | 'wanted' | 'optional';
  readonly without: string;
}

const istioGroup = 'networking.istio.io';

export const rights: readonly Right[] = [
  {
    verbs: ['get', 'list'],
    group: '',
    resources: ['pods'],
    place: 'gateway',
    need: 'needed',
    without: 'everything: no gateway can be found',
  },
  {
    verbs: ['get', 'create'],
    group: '',
    resources: ['pods/portforward'],
    place: 'gateway',
    need: 'forward',
    without: 'everything that Envoy answers, unless exec is allowed; a directory of config-dump needs neither: --from',
  },
  {
    verbs: ['get', 'create'],
    group: '',
    resources: ['pods/exec'],
    place: 'gateway',
    need: 'optional',
    without: 'nothing, where port-forward is allowed: it is the way round',
  },
  {
    verbs: ['list'],
    group: '',
    resources: ['pods'],
    place: 'istiod',
    need: 'wanted',
    without: 'whether a pod is in sync: status says UNKNOWN, and why',
  },
  {
    verbs: ['get', 'create'],
    group: '',
    resources: ['pods/portforward'],
    place: 'istiod',
    need: 'wanted',
    without: 'whether a pod is in sync, likewise',
  },
  {
    verbs: ['get', 'list'],
    group: 'apps',
    resources: ['daemonsets', 'deployments', 'replicasets'],
    place: 'gateway',
    need: 'wanted',
    without: 'how many pods there should be; pods are found by their label all the same',
  },
  {
    verbs: ['get', 'list'],
    group: '',
    resources: ['services'],
    place: 'gateway',
    need: 'wanted',
    without: "which port of the load balancer leads to which listener: Istio's usual ones are taken, and it is said",
  },
  { verbs: ['get'], group: '', resources: ['pods/log'], place: 'gateway', need: 'wanted', without: 'logs' },
  {
    verbs: ['list'],
    group: '',
    resources: ['nodes'],
    place: 'cluster',
    need: 'wanted',
    without: 'which node has no gateway pod, and why',
  },
  {
    verbs: ['list'],
    group: istioGroup,
    resources: ['gateways', 'virtualservices', 'destinationrules'],
    place: 'cluster',
    need: 'wanted',
    without: 'hosts that are configured and not served; names for Tab',
  },
  {
    verbs: ['list'],
    group: 'discovery.k8s.io',
    resources: ['endpointslices'],
    place: 'cluster',
    need: 'wanted',
    without: 'the pods and nodes behind endpoints; their addresses are shown all the same',
  },
  {
    verbs: ['get'],
    group: '',
    resources: ['secrets'],
    place: 'gateway',
    need: 'optional',
    without: 'the comparison of a certificate with its Secret',
  },
  {
    verbs: ['list'],
    group: 'cert-manager.io',
    resources: ['certificates'],
    place: 'gateway',
    need: 'optional',
    without: 'why cert-manager does not renew a certificate',
  },
];

/** A right, or a part of one, that somebody does not have. */
export interface MissingRight {
  readonly verbs: readonly string[];
  readonly group: string;
  readonly resources: readonly string[];
  /** Undefined: in all namespaces, or in none. */
  readonly namespace: string | undefined;
}

/** `get, create pods/portforward in istio-system` */
export function describeRight({ verbs, resources, group, namespace }: MissingRight): string {
  const what = resources
    .map((resource) => (group === '' || group === 'apps' ? resource : `${resource}.${group}`))
    .join(', ');
  return `${verbs.join(', ')} ${what}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
