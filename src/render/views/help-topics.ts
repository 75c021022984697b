// What `help TOPIC` prints besides the commands' own pages.

import { exitCodeMeaning } from '#core/exit-code.ts';
import { describeRight, type Right, type RightPlace, rights } from '#model/right.ts';

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

interface Role {
  readonly comment: string;
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
  readonly rights: readonly Right[];
}

/** Next steps tell the user to `kubectl get` what the tool itself only lists. */
const allowsGet = (right: Right): Right =>
  right.isInNextSteps ? { ...right, verbs: [...new Set(['get', ...right.verbs])] } : right;

const isOfPodStream = ({ resources }: Right): boolean => resources.some((resource) => resource.includes('/'));

/** No role allows pods/exec: the comment on port-forward names it as the other way in. */
const roles: readonly Role[] = [
  {
    comment: `Reads everything but Secrets, runs nothing. Bind it in the gateway's namespace, and in istiod's where that is another one.`,
    kind: 'Role',
    name: 'viewer',
    rights: rights.filter(
      ({ place, need, isInNextSteps }) => need !== 'optional' && (place === 'gateway' || isInNextSteps),
    ),
  },
  {
    comment:
      "With the viewer's: the Secrets of certificates, which certs compares with what Envoy holds. To get them is enough: where list is granted too, many come in one answer.",
    kind: 'Role',
    name: 'operator',
    rights: rights.filter((right) => right.need === 'optional' && !isOfPodStream(right)),
  },
  {
    comment: 'For either: what is in no namespace, or in those of the services.',
    kind: 'ClusterRole',
    name: 'cluster',
    rights: rights.filter(({ place }) => place === 'cluster'),
  },
];

/** As YAML that can be applied; the subject of the bindings is the user's. */
const roleYaml = ({ comment, kind, name, rights: own }: Role): string => `# ${comment}
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata:
  name: istio-ingress-${name}
${kind === 'Role' ? '  namespace: istio-system\n' : ''}rules:
${rules(own).join('\n')}`;

/** A rule for each group, verbs and comment; the core group first. */
const rules = (own: readonly Right[]): string[] =>
  [...Map.groupBy(own.map(allowsGet), ({ group, verbs, purpose }) => JSON.stringify([group, verbs, purpose])).values()]
    .toSorted(([a], [b]) => Number(a?.group !== '') - Number(b?.group !== ''))
    .map(ruleYaml);

function ruleYaml(alike: readonly Right[]): string {
  const { group, verbs, purpose } = alike[0] as Right;
  const names = alike.flatMap(({ resources }) => resources);
  return [
    `  - apiGroups: [${group || '""'}]`,
    `    resources: [${names.join(', ')}]${purpose === undefined ? '' : ` # ${purpose}`}`,
    `    verbs: [${verbs.join(', ')}]${names.includes('pods/portforward') ? ` # ${portForwardVerbs}` : ''}`,
  ].join('\n');
}

const portForwardVerbs =
  'before Kubernetes 1.35 get alone is enough; pods/exec with the same verbs is the other way in';

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

${roles.map(roleYaml).join('\n---\n')}

kubectl istio-ingress doctor asks the API server which of these you have, and prints the rule that is missing.

${lost.map(({ what, without }) => `Without ${what} you lose\n  ${without}`).join('\n')}`;

export const topics: readonly Topic[] = [
  { name: 'exit-codes', summary: 'What each exit code says to a script', text: exitCodes },
  { name: 'rbac', summary: 'The rights that it needs, as roles, and what is lost without each', text: rbac },
];
