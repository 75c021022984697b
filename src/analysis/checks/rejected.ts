import { defineCheck, type FoundProblem, type Given } from '#analysis/check/check.ts';
import { who } from '#analysis/fleet/per-pods.ts';
import { logOfRejection, type RejectedThing, rejectedThings } from '#analysis/fleet/pod-problems.ts';
import { broughtBy, type Suspect } from '#analysis/istio/brought-by.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { hostOfDomain } from '#core/host.ts';
import { andList } from '#core/phrase.ts';
import { rejectionReason } from '#core/rejection-reason.ts';
import { type Step, step } from '#core/shell.ts';
import type { NotTaken } from '#model/gathered.ts';
import type { ProblemCode } from '#model/host-certificate.ts';
import { describeObject } from '#model/resource.ts';

type Used =
  | 'gateway'
  | 'envoyfilters'
  | 'gateways'
  | 'virtualservices'
  | 'destinationrules'
  | 'rejectedContents'
  | 'notTaken'
  | 'configurations'
  | 'certificates';

/** Objects that are not known are nobody's suspects. */
function suspectsOf(thing: RejectedThing, given: Given<never, Used>): readonly Suspect[] {
  // A secret is what the Secret holds: nothing else brings it.
  if (thing.kind === 'SDS' || thing.kind === 'secret') return [];
  const { gateway, rejectedContents = [], envoyfilters = [], gateways = [] } = given;
  const { virtualservices = [], destinationrules = [] } = given;
  const ofKind = rejectedContents.filter(({ kind }) => kind === thing.kind);
  const content =
    thing.name === ''
      ? (ofKind.find(({ failed }) => rejectionReason(failed) === thing.details) ?? ofKind[0])
      : ofKind.find(({ name }) => name === thing.name);
  const objects = { envoyfilters, gateways, virtualservices, destinationrules };
  return content && gateway ? broughtBy(content, objects, gateway) : [];
}

function describeSuspects(suspects: readonly Suspect[]): string {
  const [first] = suspects;
  if (!first) return '';
  if (first.isSure) {
    const names = suspects.map(
      (one) => `${describeObject(one)}${one.brings === undefined ? '' : ` ("${one.brings}")`}`,
    );
    return `. ${andList(names)} ${names.length === 1 ? 'brings' : 'bring'} it`;
  }
  const names = suspects.map((one) => `${describeObject(one)} (${one.changedAt ?? 'at an unknown time'})`);
  return `. What brings it is not known; changed last: ${names.join(', ')}`;
}

/** kubectl sorts the objects of one kind only. */
const youngest = ['envoyfilters', 'gateways.networking.istio.io', 'virtualservices.networking.istio.io'].map(
  (kind) => step`kubectl get ${kind} -A --sort-by=.metadata.creationTimestamp`,
);

const unsure: readonly ProblemCode[] = [
  'served-differs',
  'served-closed',
  'not-judged',
  'not-tried',
  'secret-unusable',
];

/** Hosts on these pods of which it is not known that they are served what Envoy holds. */
function unsettledOn(pods: readonly string[], { certificates = [] }: Given<never, Used>): readonly string[] {
  return certificates
    .filter((item) => item.pods.some((pod) => pods.includes(pod)))
    .filter(({ isLeftOut, problems }) => isLeftOut || problems.some(({ code }) => unsure.includes(code)))
    .map(({ value }) => value.host ?? '*');
}

/**
 * istiod keeps the last rejection of a secret, without its name, until another secret is taken. Where all hosts of which
 * there are doubts are served what Envoy holds, it is over.
 */
function isOver({ kind }: RejectedThing, pods: readonly string[], given: Given<never, Used>): boolean {
  const own = (given.certificates ?? []).filter((item) => item.pods.some((pod) => pods.includes(pod)));
  const isTried = own.some(({ value }) => value.served?.outcome === 'certificate');
  return kind === 'SDS' && isTried && unsettledOn(pods, given).length === 0;
}

function nextFor({ kind }: RejectedThing, suspects: readonly Suspect[]): Step[] {
  if (kind === 'SDS') return [step`kubectl istio-ingress certs`];
  return suspects.length === 0 ? youngest : suspects.map(showObject);
}

/** A secret or a route configuration hurts the hosts that it serves; everything else may be anybody's. */
function hurtBy(
  thing: RejectedThing,
  pods: readonly string[],
  given: Given<never, Used>,
): Pick<FoundProblem, 'hosts' | 'secrets'> {
  const { rejectedContents = [], configurations = [] } = given;
  if (thing.kind === 'secret') return { secrets: [thing.name] };
  if (thing.kind === 'SDS' && given.certificates) return { hosts: [...new Set(unsettledOn(pods, given))] };
  const content = rejectedContents.find(({ kind, name }) => kind === thing.kind && name !== '');
  const virtualHosts = configurations
    .flatMap(({ routes }) => routes)
    .filter(({ name }) => thing.kind === 'RDS' && name === content?.name)
    .flatMap((one) => one.virtualHosts);
  const hosts = virtualHosts.flatMap(({ domains }) => domains.map(hostOfDomain));
  return { hosts: hosts.length === 0 ? ['*'] : [...new Set(hosts)] };
}

/** Nobody's record has it: neither istiod's nor Envoy's. */
function forgotten(one: NotTaken): FoundProblem {
  const { pods, objects, hosts } = one;
  const changes = objects
    .slice(0, mostNamed)
    .map((object) => `${describeObject(object)} (changed ${object.changedAt})`);
  const asking = andList(objects.length > mostNamed ? [...changes, `${objects.length - mostNamed} more`] : changes);
  return {
    text: one.kind === 'cluster' ? olderClusters(one, asking) : notServed(one, asking),
    pods,
    concerns: objects.map((object) => ({ kind: object.kind, namespace: object.namespace, name: object.name })),
    hosts,
    next: objects.slice(0, mostNamed).map(showObject),
  };
}

function notServed({ kind, name, pods, objects, takenAt, difference, logged }: NotTaken, asking: string): string {
  const why =
    logged === undefined
      ? 'No record says why, although istiod calls them in sync'
      : `Envoy rejected it, and took other updates since: "${logged}"`;
  return `${who(pods, 'does', 'do')} not serve what ${asking} ${objects.length === 1 ? 'asks' : 'ask'} for: ${difference} (${kind} ${name} is as of ${takenAt}). ${why}`;
}

/** What the object asks of the clusters is not known, only that they are older. */
const olderClusters = ({ pods, takenAt, difference, logged }: NotTaken, asking: string): string =>
  `${who(pods, 'serves', 'serve')} clusters from before ${asking}: ${difference}, as of ${takenAt}. Envoy rejected an update of clusters then, and took others since: "${logged}"`;

const mostNamed = 3;

export default defineCheck({
  id: 'KII013',
  section: 'istiod',
  severity: 'error',
  name: 'rejected',
  title: 'no pod has rejected an update (NACK)',
  reason:
    'Envoy goes on with what it had before of the listener, cluster, route configuration or secret that it names. Others may wait with it: what stands behind it in the same update is not taken either.',
  remedy:
    "Envoy's text names the field. Correct the EnvoyFilter, Gateway, VirtualService or Secret that is named; where none is, the one that was changed last.",
  avoid: 'Do not restart the pods: a fresh pod has nothing to go on with, and does not become ready.',
  needs: ['statuses'],
  uses: [
    'gateway',
    'envoyfilters',
    'gateways',
    'virtualservices',
    'destinationrules',
    'rejectedContents',
    'notTaken',
    'configurations',
    'certificates',
  ],
  perPod: true,
  find: ({ statuses, ...given }) => [
    ...rejectedThings(statuses).map(({ thing, text, pods }) => {
      const suspects = suspectsOf(thing, given);
      const over = isOver(thing, pods, given);
      return {
        ...(over ? { severity: 'info' as const } : {}),
        text: `${text}${over ? '. It is over: every host that it could be is served what Envoy holds' : describeSuspects(suspects)}`,
        pods,
        concerns: suspects
          .filter(({ isSure }) => isSure)
          .map(({ kind, namespace, name }) => ({ kind, namespace, name })),
        ...hurtBy(thing, pods, given),
        next: [...logOfRejection(statuses, { text, pods }), ...nextFor(thing, suspects)],
      };
    }),
    ...(given.notTaken ?? []).map(forgotten),
  ],
});
