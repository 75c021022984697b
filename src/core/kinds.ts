// The kinds of Kubernetes objects that are read, a row each. Paths, rights and roles, what config-dump saves, the demo
// and the facts of checks derive from the table.

/** `gateway`, `istiod`: in the namespace of either. `cluster`: in all namespaces, or of what is in none. */
export type RightPlace = 'gateway' | 'istiod' | 'cluster';

/** What RBAC has to allow, and what for. */
export interface KindRight {
  readonly verbs: readonly string[];
  readonly place: RightPlace;
  /**
   * `needed`: nothing works without it. `forward`: that too, unless exec is allowed in its place. `wanted`: answers
   * have gaps. `optional`: given for one purpose, or withheld on purpose.
   */
  readonly need: 'needed' | 'forward' | 'wanted' | 'optional';
  /** What is lost without it. */
  readonly without: string;
  /** The comment in the role that `help rbac` prints; none where the resource's name says enough. */
  readonly purpose?: string;
  /** Next steps print `kubectl get` of one such object in its namespace: the roles allow that beside `verbs`. */
  readonly isInNextSteps?: boolean;
}

/** One kind, by its resource: the plural that stands in paths. */
export interface Kind {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  /** In which the API server may serve it, with equal fields: newest first. */
  readonly versions: readonly [string, ...string[]];
  /** As kubectl lets users type it. */
  readonly shortName?: string;
  readonly isNamespaced: boolean;
  /** Declared by a CustomResourceDefinition. */
  readonly isCustom: boolean;
  /** True: `config-dump` writes its objects, and `--from` reads them. Never true of Secrets. */
  readonly isSaved: boolean;
  readonly right: KindRight;
}

const builtIn = { group: '', versions: ['v1'], isNamespaced: true, isCustom: false, isSaved: false } as const;

const custom = { isNamespaced: true, isCustom: true, isSaved: true } as const;

const workload = {
  ...builtIn,
  group: 'apps',
  right: {
    verbs: ['get', 'list'],
    place: 'gateway',
    need: 'wanted',
    without: 'how many pods there should be; pods are found by their label all the same',
    purpose: 'what a pod belongs to, and how many there should be',
  },
} as const;

/** v1 is served from Istio 1.22 on, beside the older ones, which have the same fields: istio.io/blog/2024/v1-apis. */
const istio = {
  ...custom,
  group: 'networking.istio.io',
  versions: ['v1', 'v1beta1', 'v1alpha3'],
  right: {
    verbs: ['list'],
    place: 'cluster',
    need: 'wanted',
    without: 'hosts that are configured and not served; routes by their delegate; names for Tab',
    isInNextSteps: true,
  },
} as const;

const table = {
  pods: {
    ...builtIn,
    kind: 'Pod',
    shortName: 'po',
    right: {
      verbs: ['list'],
      place: 'gateway',
      need: 'needed',
      without: 'everything: no gateway can be found',
      isInNextSteps: true,
    },
  },
  daemonsets: { ...workload, kind: 'DaemonSet', shortName: 'ds' },
  deployments: { ...workload, kind: 'Deployment', shortName: 'deploy' },
  replicasets: { ...workload, kind: 'ReplicaSet', shortName: 'rs' },
  services: {
    ...builtIn,
    kind: 'Service',
    shortName: 'svc',
    isSaved: true,
    right: {
      verbs: ['get', 'list'],
      place: 'gateway',
      need: 'wanted',
      without:
        "which port of the load balancer leads to which listener: this tool assumes Istio's usual ones, and says so",
    },
  },
  nodes: {
    ...builtIn,
    kind: 'Node',
    shortName: 'no',
    isNamespaced: false,
    right: {
      verbs: ['list'],
      place: 'cluster',
      need: 'wanted',
      without: 'which node has no gateway pod, and why',
      purpose: 'why a node has no gateway pod',
    },
  },
  namespaces: {
    ...builtIn,
    kind: 'Namespace',
    shortName: 'ns',
    isNamespaced: false,
    right: {
      verbs: ['list'],
      place: 'cluster',
      need: 'optional',
      without: 'what istioctl analyze says of injection, on a snapshot',
    },
  },
  envoyfilters: {
    ...istio,
    kind: 'EnvoyFilter',
    versions: ['v1alpha3'],
    isSaved: false,
    right: { ...istio.right, without: 'which EnvoyFilter has brought what Envoy rejects' },
  },
  events: {
    ...builtIn,
    kind: 'Event',
    shortName: 'ev',
    right: {
      verbs: ['list'],
      place: 'gateway',
      need: 'optional',
      without: 'what happened to pods (restarts, scheduling), in a snapshot',
    },
  },
  authorizationpolicies: {
    ...istio,
    kind: 'AuthorizationPolicy',
    group: 'security.istio.io',
    versions: ['v1', 'v1beta1'],
    shortName: 'ap',
    isSaved: false,
    right: {
      ...istio.right,
      need: 'optional',
      without: 'what the policy says that refuses requests, in a snapshot; its name is told all the same',
    },
  },
  gateways: { ...istio, kind: 'Gateway', shortName: 'gw' },
  virtualservices: { ...istio, kind: 'VirtualService', shortName: 'vs' },
  destinationrules: { ...istio, kind: 'DestinationRule', shortName: 'dr' },
  endpointslices: {
    ...builtIn,
    kind: 'EndpointSlice',
    group: 'discovery.k8s.io',
    isSaved: true,
    right: {
      verbs: ['list'],
      place: 'cluster',
      need: 'wanted',
      without: 'the pods and nodes behind endpoints; their addresses are shown all the same',
      purpose: 'the pods and nodes behind endpoints',
    },
  },
  secrets: {
    ...builtIn,
    kind: 'Secret',
    right: {
      verbs: ['get'],
      place: 'gateway',
      need: 'optional',
      without: 'the comparison of a certificate with its Secret',
    },
  },
  certificates: {
    ...custom,
    kind: 'Certificate',
    group: 'cert-manager.io',
    versions: ['v1'],
    shortName: 'cert',
    right: {
      verbs: ['list'],
      place: 'gateway',
      need: 'optional',
      without: 'why cert-manager does not renew a certificate',
      isInNextSteps: true,
    },
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** The plural of a kind, as it stands in paths and rules. */
export type Resource = keyof typeof table;

export const kinds: Readonly<Record<Resource, Kind>> = table;

export const resources = Object.keys(kinds) as readonly Resource[];

/** `v1`, `apps/v1`. */
export const apiVersionOf = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;

/** `/api/v1`, `/apis/apps/v1`. */
export const versionPath = (group: string, version: string): string =>
  `${group === '' ? '/api' : '/apis'}/${apiVersionOf(group, version)}`;
