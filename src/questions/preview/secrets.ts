// Secrets that a preview is given, and those of the cluster that new Gateways name: what pods would hold of them.

import { refOf } from '#analysis/istio/virtual-service-binding.ts';
import { effectOfSecret } from '#analysis/translate/object-effects.ts';
import type { Translation, TranslationTarget } from '#analysis/translate/translate.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { readKubernetesSecret } from '#dump/kubernetes-secret.ts';
import type { Secret } from '#model/certificate.ts';
import type { SharedConfiguration } from '#model/gathered.ts';
import type { KubernetesCertificate } from '#model/kubernetes-certificate.ts';
import type { ObjectChange } from '#model/preview.ts';
import { secretBehind } from '#model/secret-name.ts';
import { readKubernetesCertificates } from '#questions/kubernetes-certificates.ts';
import type { GivenObject } from './objects.ts';

export interface NamedSecrets {
  readonly found: ReadonlyMap<string, KubernetesCertificate>;
  /** Of these it is not known whether they are there. */
  readonly unread: readonly string[];
  /** What pods have already, and would get anew. */
  readonly renewed: ReadonlySet<string>;
  readonly notes: readonly string[];
}

interface Wanted {
  /** As Envoy names them: those that no pod has yet. */
  readonly names: readonly string[];
  /** All that listeners name. */
  readonly used: readonly string[];
}

/** Those that are given are read in the place of the cluster's. */
export async function secretsNamed(
  source: Source,
  { names, used }: Wanted,
  { given, target }: { readonly given: readonly GivenObject[]; readonly target: TranslationTarget },
): Promise<NamedSecrets> {
  const own = new Map(givenSecrets(given).map(({ object }) => [keyOfObject(object), stored(object)]));
  const from: Pick<Source, 'list' | 'read'> = {
    list: async (resource, options) =>
      (await source.list(resource, options)).filter((one) => resource !== 'secrets' || !own.has(keyOfObject(one))),
    read: async (resource, namespace, name) =>
      (resource === 'secrets' ? own.get(`${namespace}/${name}`) : undefined) ?? source.read(resource, namespace, name),
  };
  const isGiven = (name: string): boolean => {
    const { namespace, name: of } = secretBehind(name, target.namespace) ?? {};
    return own.has(`${namespace}/${of}`);
  };
  const renewed = new Set(used.filter((name) => isGiven(name) && !names.includes(name)));
  // Where the cluster's may not be read, those that are given are.
  const inOrder = [...renewed, ...names.filter(isGiven), ...names.filter((name) => !isGiven(name))];
  const { found, notes } = await readKubernetesCertificates(from, inOrder, target.namespace);
  const ofCertificates = /^the certificates are not compared with Kubernetes/;
  return {
    found: new Map([...found].map(([name, one]) => [name, renewed.has(name) ? { ...one, issuedBy: undefined } : one])),
    unread: notes.length === 0 ? [] : names.filter((name) => !found.has(name)),
    renewed,
    notes: notes.map((note) => note.replace(ofCertificates, 'new certificates are not judged')),
  };
}

/** One without values leaves those that are there: others write them. */
const givenSecrets = (given: readonly GivenObject[]): readonly GivenObject[] =>
  given.filter(
    ({ resource, object }) => resource === 'secrets' && Object.keys(Object(stored(object)['data'])).length > 0,
  );

const keyOfObject = ({ metadata: { namespace, name } }: KubeObject): string => `${namespace}/${name}`;

/** As the API server keeps it. */
const stored = (secret: KubeObject): KubeObject => ({
  ...secret,
  data: {
    ...Object(secret['data']),
    ...Object.fromEntries(
      Object.entries(Object(secret['stringData'])).map(([key, text]) => [
        key,
        Buffer.from(String(text)).toString('base64'),
      ]),
    ),
  },
});

/** As Envoy would have them: istiod hands on what it can read, and pods go on with what they have in place of the rest. */
export const loaded = ({ found, unread, renewed }: NamedSecrets, own: string): Secret[] => [
  ...[...found].flatMap(([name, { content, namespace }]) =>
    content &&
    content.chain.length > 0 &&
    !(renewed.has(name) && content.keyProblem !== undefined) &&
    // Those of other namespaces istiod hands on for the Gateway API alone.
    (namespace === own || !name.startsWith('kubernetes://'))
      ? [secretOf(name, { chain: content.chain })]
      : [],
  ),
  ...unread.map((name) => secretOf(name, { isWithheld: true })),
];

const secretOf = (name: string, changes: Partial<Secret>): Secret => ({
  name,
  state: 'active',
  kind: name.endsWith('-cacert') ? 'ca' : 'certificate',
  lastUpdated: undefined,
  version: undefined,
  rejected: undefined,
  chain: [],
  unreadable: undefined,
  file: undefined,
  ...changes,
});

/** What they change is told from what pods hold: the cluster's Secrets may be out of reach. */
export const secretChanges = (
  given: readonly GivenObject[],
  served: readonly SharedConfiguration[],
  { after, target }: { readonly after: Translation; readonly target: TranslationTarget },
): ObjectChange[] =>
  givenSecrets(given).map(({ object, place }) => ({
    type: 'object',
    object: refOf('Secret', object),
    place,
    change: changeOf(object, served, target),
    ...effectOfSecret({ namespace: object.metadata.namespace ?? '', name: object.metadata.name }, after, target),
    unsure: [],
  }));

function changeOf(
  object: KubeObject,
  served: readonly SharedConfiguration[],
  { namespace }: TranslationTarget,
): ObjectChange['change'] {
  const held = served.flatMap(({ secrets }) =>
    secrets.filter(({ name, chain }) => {
      const ref = secretBehind(name, namespace);
      return chain.length > 0 && ref?.namespace === object.metadata.namespace && ref?.name === object.metadata.name;
    }),
  );
  const { chain, authorities } = readKubernetesSecret(stored(object));
  const isSame = ({ kind, chain: there }: Secret): boolean =>
    fingerprintsOf(there) === fingerprintsOf(kind === 'ca' ? authorities : chain);
  return held.length === 0 ? 'created' : held.every(isSame) ? 'none' : 'changed';
}

const fingerprintsOf = (chain: Secret['chain']): string => chain.map(({ fingerprint }) => fingerprint).join();
