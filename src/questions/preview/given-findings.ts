// Findings about the objects that a preview is given, as they are written: numbered as checks are.

import type { StanzaRule } from '#analysis/chart/findings.ts';
import { isDelegate } from '#analysis/istio/delegates.ts';
import { specOf } from '#analysis/istio/virtual-service.ts';
import { refOf } from '#analysis/istio/virtual-service-binding.ts';
import { refusedParts } from '#analysis/translate/refused-parts.ts';
import { refusedServers } from '#analysis/translate/refused-servers.ts';
import { kinds, type Resource } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { FindingChange } from '#model/preview.ts';
import { describeObject } from '#model/resource.ts';
import { type FieldPath, loadRefusals, pathText, type Refusal } from './object-fields.ts';
import type { GivenObject } from './objects.ts';

type Rule = Omit<StanzaRule, 'find'>;

export const refusedObject: Rule = {
  id: 'KII091',
  name: 'object-refused',
  severity: 'error',
  title: 'the API server takes every object as it is written',
  reason:
    "kubectl apply fails for an object with a field that the API server does not know, or whose value is none that it takes. Without validation (helm, --validate=false) an unknown field is left out without a word: the object then says less than the file. A regex that RE2 does not know, a route without a destination, a list of them without any weight, a percent sign alone in a header istiod's webhook refuses; where it is not asked, Envoy rejects the whole route configuration, goes on with what it had, and a fresh pod has none of its hosts. Of a Gateway it refuses servers without hosts, certificate or a protocol that Istio knows.",
  remedy: 'Write the field as its definition has it, where the definition has it: kubectl explain shows it.',
};

export const repeatedObject: Rule = {
  id: 'KII092',
  name: 'object-twice',
  severity: 'warning',
  title: 'every object is given once',
  reason:
    'kubectl apply applies both in turn: the last one stays, and with each run the first one is there for a moment.',
  remedy: 'Take one of them out, or give it another name.',
};

/** `placeOf`: where a field of it stands. */
export async function refusedFields(
  resource: Resource,
  object: KubeObject,
  placeOf: (path: FieldPath) => string,
): Promise<FindingChange[]> {
  const refusalsOf = await loadRefusals();
  const refusals = [
    ...refusalsOf(resource, object),
    ...(resource === 'virtualservices' ? partRefusals(object) : []),
    ...(resource === 'gateways' ? serverRefusals(object) : []),
  ];
  return refusals.map(({ text, path }) =>
    findingOf(refusedObject, resource, object, { text, places: [placeOf(path)] }),
  );
}

const serverRefusals = (object: KubeObject): Pick<Refusal, 'text' | 'path'>[] =>
  refusedServers(object).map(({ path, says, effect = "istiod's webhook refuses the Gateway" }) => ({
    text: `${pathText(path)} ${says}: ${effect}`,
    path,
  }));

/** By istiod's webhook, and where it is not asked, by Envoy. */
const partRefusals = (object: KubeObject): Pick<Refusal, 'text' | 'path'>[] =>
  (specOf(object).http ?? []).flatMap((http, index) =>
    refusedParts(http, !isDelegate(object)).map(({ value, reason, passesWebhook, path: inRoute }) => {
      const path = ['spec', 'http', index, ...inRoute];
      const by = passesWebhook
        ? "istiod's webhook takes it, and Envoy refuses the whole route configuration"
        : "istiod's webhook refuses it, or else Envoy the whole route configuration";
      return { text: `${pathText(path)} is ${value}, ${reason}: ${by}`, path };
    }),
  );

/** Those of several with one name that stay, the last ones, and what there is to say of the others. */
export function withoutRepeated(given: readonly GivenObject[]): {
  readonly objects: readonly GivenObject[];
  readonly findings: readonly FindingChange[];
} {
  const groups = [...Map.groupBy(given, keyOfGiven).values()];
  const last = new Set(groups.map((group) => group.at(-1)));
  return {
    objects: given.filter((one) => last.has(one)),
    findings: groups.flatMap((group) => {
      const [one] = group;
      const places = group.map(({ place }) => place);
      const text = `it is given ${group.length === 2 ? 'twice' : `${group.length} times`}, and the last one counts`;
      return one && group.length > 1 ? [findingOf(repeatedObject, one.resource, one.object, { text, places })] : [];
    }),
  };
}

const keyOfGiven = ({ resource, object: { metadata } }: GivenObject): string =>
  `${resource} ${metadata.namespace}/${metadata.name}`;

/** `text` goes on after the object's name. */
function findingOf(
  { id, name, severity, remedy }: Rule,
  resource: Resource,
  object: KubeObject,
  { text, places }: Pick<FindingChange, 'text' | 'places'>,
): FindingChange {
  const ref = refOf(kinds[resource].kind, object);
  return {
    type: 'finding',
    id,
    name,
    section: 'objects',
    change: 'new',
    severity,
    text: `${describeObject(ref)}: ${text}`,
    pods: [],
    concerns: [ref],
    places,
    remedy,
  };
}

/** What may be meant where a field that is read is missing. */
export async function unknownFields(resource: Resource, object: KubeObject): Promise<readonly Refusal[]> {
  const refusalsOf = await loadRefusals();
  return refusalsOf(resource, object).filter(({ isUnknown }) => isUnknown);
}
