// Flags that many commands share, as data. kubectl's own flags keep kubectl's names and letters.

import { defaultNamespace } from '#core/source-options.ts';
import type { Flags } from './flag.ts';

/** How to reach the API server; the same for every command that reads a cluster. */
export const kubeFlags = {
  kubeconfig: {
    type: 'string',
    value: 'FILE',
    completes: 'file',
    describe: 'kubeconfig to use instead of $KUBECONFIG and ~/.kube/config',
  },
  context: { type: 'string', value: 'NAME', completes: 'context', describe: 'kubeconfig context to use' },
  cluster: { type: 'string', value: 'NAME', completes: 'cluster', describe: 'kubeconfig cluster to use' },
  user: { type: 'string', value: 'NAME', completes: 'user', describe: 'kubeconfig user to use' },
  server: { type: 'string', short: 's', value: 'URL', describe: 'address of the API server' },
  token: { type: 'string', value: 'TOKEN', describe: 'bearer token for the API server' },
  as: { type: 'string', value: 'USER', describe: 'user to impersonate' },
  'as-group': { type: 'strings', raw: true, value: 'GROUP', describe: 'group to impersonate; may be repeated' },
  'as-user-extra': {
    type: 'strings',
    raw: true,
    value: 'KEY=VALUE',
    describe: 'more about the user to impersonate; may be repeated',
  },
  'as-uid': { type: 'string', value: 'UID', describe: 'UID to impersonate' },
  'certificate-authority': {
    type: 'string',
    value: 'FILE',
    completes: 'file',
    describe: "CA that the API server's certificate is checked with",
  },
  'client-certificate': {
    type: 'string',
    value: 'FILE',
    completes: 'file',
    describe: 'client certificate for the API server',
  },
  'client-key': { type: 'string', value: 'FILE', completes: 'file', describe: 'key of the client certificate' },
  'insecure-skip-tls-verify': { type: 'boolean', describe: "do not check the API server's certificate" },
  'tls-server-name': { type: 'string', value: 'NAME', describe: "name to check the API server's certificate for" },
  'request-timeout': { type: 'duration', value: 'TIME', describe: 'limit for one call to the API server, e.g. 10s' },
} as const satisfies Flags;

/** Which gateway, and which of its pods. */
export const gatewayFlags = {
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAMESPACE',
    completes: 'namespace',
    describe:
      "the gateway's namespace, istio-system by default or $KII_NAMESPACE; the kubeconfig's namespace is ignored on purpose",
  },
  gateway: {
    type: 'string',
    short: 'g',
    value: 'KIND/NAME',
    completes: 'gateway',
    describe:
      'ds/NAME, deploy/NAME, svc/NAME or pod/NAME; everything labelled istio=ingressgateway by default, or $KII_GATEWAY',
  },
  selector: { type: 'string', short: 'l', value: 'SELECTOR', describe: 'label selector of the gateway pods' },
  pod: { type: 'string', value: 'GLOB', completes: 'pod', describe: 'only pods whose name matches' },
  node: { type: 'string', value: 'GLOB', completes: 'node', describe: 'only pods on nodes whose name matches' },
  'istio-namespace': { type: 'string', value: 'NAMESPACE', default: defaultNamespace, describe: "istiod's namespace" },
  parallel: { type: 'number', value: 'N', describe: 'pods asked at the same time (16)' },
  'pod-timeout': { type: 'duration', value: 'TIME', describe: 'time limit for all questions to one pod (2m)' },
  'max-dump': { type: 'number', value: 'MIB', describe: "limit for one answer of a pod's admin port in MiB (256)" },
} as const satisfies Flags;

/** For commands that ask and do not act. */
export const directoryFlags = {
  from: {
    type: 'string',
    value: 'FILE',
    completes: 'file',
    describe:
      'answer from a snapshot, or a directory that config-dump --dir wrote, as of that time, and not from a cluster',
  },
} as const satisfies Flags;

export const outputFlags = {
  output: { type: 'string', short: 'o', value: 'FORMAT', describe: 'format of the answer' },
} as const satisfies Flags;

export const commonFlags = {
  help: { type: 'boolean', short: 'h', describe: 'show help' },
  'no-color': { type: 'boolean', describe: 'no colours, as with $NO_COLOR' },
} as const satisfies Flags;
