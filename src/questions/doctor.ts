// Can everything be reached, as whom, with which rights, and which rule is missing?

import { type AskedRight, findMissingRights, type RightsFound } from '#analysis/fleet/missing-rights.ts';
import type { ClusterAccess, Identity, ServerVersion } from '#core/cluster-access.ts';
import { mapBounded } from '#core/concurrency.ts';
import { describeSpan } from '#core/duration.ts';
import type { ToolError } from '#core/error.ts';
import { type Gateway, hasAnswered, readiestPod } from '#core/fleet.ts';
import { type Tried, triedTo } from '#core/known.ts';
import { count } from '#core/phrase.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { GatewayOptions } from '#core/source-options.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import type { AccessCheck } from '#model/access-check.ts';
import { type RightPlace, rights } from '#model/right.ts';

/** Tokens and certificates are valid by the clock of whoever looks at them. */
const harmlessSkewMs = 30_000;
const parallelQuestions = 8;

export interface DoctorQuestion {
  /** A failure to open it is the first check of the answer. */
  readonly opened: Promise<Source>;
  readonly gateway: GatewayOptions;
}

export async function askDoctor({ opened, gateway: options }: DoctorQuestion): Promise<QuestionAnswer<AccessCheck>> {
  const { checks, gateway, identity, missing } = await examine(opened, options);
  const has = (state: AccessCheck['state']): boolean => checks.some((check) => check.state === state);
  return {
    gateway: gateway ?? unknownGateway(options),
    pods: [],
    items: checks,
    extra: { user: identity?.user, groups: identity?.groups, missing },
    findings: has('warning'),
    failed: has('failed'),
  };
}

interface Examination {
  readonly checks: readonly AccessCheck[];
  readonly gateway?: Gateway | undefined;
  readonly identity?: Identity | undefined;
  readonly missing: RightsFound['missing'];
}

async function examine(opened: Promise<Source>, options: GatewayOptions): Promise<Examination> {
  const source = await triedToReach(opened);
  if ('failed' in source)
    return {
      checks: [failedCheck(source.failed.code === 'credentials' ? 'credentials' : 'kubeconfig', source.failed)],
      missing: [],
    };
  const access = await source.ok.access();
  const version = await triedToReach(access.version());
  const begun = [kubeconfigCheck(access)];
  if ('failed' in version)
    return {
      checks: [
        ...begun,
        failedCheck(version.failed.code === 'credentials' ? 'credentials' : 'API server', version.failed),
      ],
      missing: [],
    };
  const [identity, found, gateway, istiod] = await Promise.all([
    triedToReach(access.whoAmI()),
    triedToReach(askRights(access, options)),
    triedToReach(source.ok.gateway()),
    istiodCheck(source.ok, options),
  ]);
  return {
    checks: [
      ...begun,
      serverCheck(version.ok, source.ok.server ?? ''),
      clockCheck(version.ok),
      identityCheck(identity),
      ...('failed' in gateway
        ? [failedCheck('gateway', gateway.failed)]
        : [gatewayCheck(gateway.ok), await podCheck(source.ok, gateway.ok)]),
      istiod,
      ...('failed' in found ? [{ ...failedCheck('right', found.failed), state: 'warning' as const }] : found.ok.checks),
    ],
    gateway: 'ok' in gateway ? gateway.ok : undefined,
    identity: 'ok' in identity ? identity.ok : undefined,
    missing: 'ok' in found ? found.ok.missing : [],
  };
}

/** A failure is an answer of doctor; flags that make no sense are an error. */
async function triedToReach<T>(asked: Promise<T>): Promise<Tried<T>> {
  const tried = await triedTo(asked);
  if ('failed' in tried && tried.failed.code === 'usage') throw tried.failed;
  return tried;
}

/** The view prints the missing rule once, below the checks. */
const failedCheck = (name: AccessCheck['name'], { code, message, hint }: ToolError): AccessCheck => ({
  name,
  state: 'failed',
  says: message,
  hint: code === 'forbidden' ? undefined : hint,
});

const kubeconfigCheck = ({ context, kubeconfigs }: ClusterAccess): AccessCheck => ({
  name: 'kubeconfig',
  state: 'ok',
  says: kubeconfigs.length === 0 ? context : `context ${context} of ${kubeconfigs.join(', ')}`,
});

const serverCheck = ({ version, tookMs }: ServerVersion, server: string): AccessCheck => ({
  name: 'API server',
  state: 'ok',
  says: `${server.replace(/\/$/, '')}, Kubernetes ${version}, answered in ${Math.round(tookMs)} ms`,
});

function clockCheck({ clockAheadMs }: ServerVersion): AccessCheck {
  if (clockAheadMs === undefined)
    return { name: 'clock', state: 'note', says: 'unknown: the API server does not say what time it is' };
  const isHarmless = Math.abs(clockAheadMs) <= harmlessSkewMs;
  if (isHarmless) return { name: 'clock', state: 'ok', says: "this machine's agrees with the API server's" };
  return {
    name: 'clock',
    state: 'warning',
    says: `this machine's is ${describeSpan(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} the API server's`,
    hint: 'set the clock of this machine: ages and days left are wrong by as much, and the API server may refuse tokens',
  };
}

function identityCheck(identity: Tried<Identity | undefined>): AccessCheck {
  if ('failed' in identity) return { ...failedCheck('credentials', identity.failed), state: 'warning' };
  if (identity.ok === undefined)
    return { name: 'credentials', state: 'note', says: 'accepted; Kubernetes before 1.28 does not say whose they are' };
  const { user, groups } = identity.ok;
  return {
    name: 'credentials',
    state: 'ok',
    says: `user ${user}${groups.length === 0 ? '' : `, groups ${groups.join(', ')}`}`,
  };
}

function gatewayCheck({ kind, namespace, name, pods, nodesWithoutPod }: Gateway): AccessCheck {
  const says = `${kind} ${namespace}/${name}, ${count(pods.length, 'pod')}${nodesWithoutPod.length === 0 ? '' : `, ${count(nodesWithoutPod.length, 'node')} without one`}`;
  if (pods.length > 0) return { name: 'gateway', state: 'ok', says };
  return { name: 'gateway', state: 'failed', says, hint: 'see: kubectl istio-ingress status' };
}

/** Asks one pod: the way to the others is the same. */
async function podCheck(source: Source, gateway: Gateway): Promise<AccessCheck> {
  const chosen = readiestPod(gateway);
  if (!chosen) return { name: 'pod', state: 'failed', says: 'the gateway has no pod to ask' };
  const began = performance.now();
  const outcome = await source.onePod(chosen, async (admin) =>
    readServerInfo(await fetchJson(admin, { path: 'server_info' })),
  );
  if (!hasAnswered(outcome)) return failedCheck('pod', outcome.failed);
  const { namespace, name } = outcome.pod;
  return {
    name: 'pod',
    state: 'ok',
    says: `${namespace}/${name}: Envoy ${outcome.ok.envoyVersion} answered in ${Math.round(performance.now() - began)} ms`,
  };
}

async function istiodCheck(source: Source, { istioNamespace }: GatewayOptions): Promise<AccessCheck> {
  const lost = 'without istiod, this tool cannot tell whether a pod is in sync';
  const outcomes = await triedToReach(source.everyIstiod((debug) => debug.get('version')));
  if ('failed' in outcomes) return { name: 'istiod', state: 'warning', says: outcomes.failed.message, hint: lost };
  if (outcomes.ok.length === 0)
    return {
      name: 'istiod',
      state: 'warning',
      says: `none in namespace ${istioNamespace}`,
      hint: 'name its namespace with --istio-namespace',
    };
  const failed = outcomes.ok.flatMap((outcome) => ('failed' in outcome ? [outcome.failed.message] : []));
  const says = `${outcomes.ok.length - failed.length} of ${count(outcomes.ok.length, 'replica')} answered on port 15014`;
  return failed.length === 0
    ? { name: 'istiod', state: 'ok', says }
    : { name: 'istiod', state: 'warning', says, hint: [failed[0] ?? '', lost] };
}

async function askRights(access: ClusterAccess, { namespace, istioNamespace }: GatewayOptions): Promise<RightsFound> {
  const namespaceOf: Readonly<Record<RightPlace, string | undefined>> = {
    gateway: namespace,
    istiod: istioNamespace,
    cluster: undefined,
  };
  const isSame = namespace === istioNamespace;
  const asked = rights
    .filter(({ place }) => !(isSame && place === 'istiod'))
    .map((right) => ({
      right,
      namespace: namespaceOf[right.place],
      pairs: right.resources.flatMap((resource) => right.verbs.map((verb) => ({ verb, resource }))),
    }));
  const questions = asked.flatMap((one) =>
    one.pairs.map((pair) => ({ ...pair, group: one.right.group, namespace: one.namespace })),
  );
  const allowed = await mapBounded(questions, parallelQuestions, (question) => access.mayI(question));
  const isAllowed = new Map(questions.map((question, index) => [JSON.stringify(question), allowed[index] === true]));
  return findMissingRights(
    asked.map(({ right, namespace: where, pairs }): AskedRight => {
      const answers = pairs.map((pair) => ({
        ...pair,
        isAllowed: isAllowed.get(JSON.stringify({ ...pair, group: right.group, namespace: where })) === true,
      }));
      return { right, namespace: where, answers };
    }),
  );
}

/** The gateway that the flags name, where it was not found. */
const unknownGateway = ({ namespace, gateway, selector }: GatewayOptions): Gateway => ({
  namespace,
  name: gateway ?? selector ?? 'istio=ingressgateway',
  kind: 'Selector',
  pods: [],
  others: [],
  nodesWithoutPod: [],
  nodesWanted: undefined,
});
