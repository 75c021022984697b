// What `help TOPIC` prints besides the commands' own pages.

import { exitCodeMeaning } from '#core/exit-code.ts';
import { describeRight, type RightPlace, rights } from '#model/right.ts';

export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly text: string;
}

const exitCodes = `Exit codes:
${Object.entries(exitCodeMeaning)
  .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning.replaceAll('`', '')}`)
  .join('\n')}

Findings and missing pods together are 1, and the JSON document says "complete": false. A reader that closes the pipe early is success.`;

/** The roles as YAML that can be applied; the subject of the bindings is the user's. */
const roles = `# Reads everything but Secrets, runs nothing. Bind it in the gateway's namespace, and in istiod's where that is another one.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: istio-ingress-viewer
  namespace: istio-system
rules:
  - apiGroups: [""]
    resources: [pods, services]
    verbs: [get, list]
  - apiGroups: [""]
    resources: [pods/portforward] # the way to Envoy's admin port and istiod's debug port
    verbs: [get, create] # before Kubernetes 1.35 get alone is enough; pods/exec with the same verbs is the way round
  - apiGroups: [""]
    resources: [pods/log] # logs
    verbs: [get]
  - apiGroups: [apps]
    resources: [daemonsets, deployments, replicasets] # what a pod belongs to, and how many there should be
    verbs: [get, list]
  - apiGroups: [networking.istio.io]
    resources: [gateways, virtualservices, destinationrules]
    verbs: [get, list]
---
# With the viewer's: the Secrets of certificates, which certs compares with what Envoy holds.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: istio-ingress-operator
  namespace: istio-system
rules:
  - apiGroups: [""]
    resources: [secrets]
    verbs: [get]
  - apiGroups: [cert-manager.io]
    resources: [certificates]
    verbs: [get, list]
---
# For either: what is in no namespace, or in those of the services.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: istio-ingress-cluster
rules:
  - apiGroups: [""]
    resources: [nodes] # why a node has no gateway pod
    verbs: [list]
  - apiGroups: [networking.istio.io]
    resources: [gateways, virtualservices, destinationrules]
    verbs: [get, list]
  - apiGroups: [discovery.k8s.io]
    resources: [endpointslices] # the pods and nodes behind endpoints
    verbs: [list]
`;

const places: Readonly<Record<RightPlace, string>> = {
  gateway: '',
  istiod: " in istiod's namespace",
  cluster: ', anywhere',
};

const lost = rights.map(({ place, without, ...right }) => ({
  what: `${describeRight({ ...right, namespace: undefined })}${places[place]}`,
  without,
}));

/** The tool writes nothing but log levels; the right that it needs allows more than the tool does. */
const writeAccess = `pods/portforward IS write access to the gateway: the tool asks Envoy's admin port only for what reads, and for log levels; who has
the right can go around the tool, and drain or end an Envoy (/drain_listeners, /quitquitquit). Give it as you would give exec.`;

const rbac = `${writeAccess}

${roles}
kubectl istio-ingress doctor asks the API server which of these you have, and prints the rule that is missing.

${lost.map(({ what, without }) => `Without ${what} you lose\n  ${without}`).join('\n')}`;

export const topics: readonly Topic[] = [
  { name: 'exit-codes', summary: 'What each exit code says to a script', text: exitCodes },
  { name: 'rbac', summary: 'The rights that it needs, as roles, and what is lost without each', text: rbac },
];
