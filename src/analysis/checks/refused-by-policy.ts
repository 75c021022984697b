import { defineCheck, type FoundProblem } from '#analysis/check/check.ts';
import { keyOf, type RefusedHost, refusedHosts } from '#analysis/check/policy-refusals.ts';
import { describePath } from '#analysis/check/route-findings.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import {
  asksForRequest,
  describeCondition,
  describePlace,
  describePolicy,
  policiesOf,
} from '#analysis/request/access-rules.ts';
import { someOf } from '#core/phrase.ts';
import { type Step, step } from '#core/shell.ts';
import type { Severity } from '#model/finding.ts';

const mostHosts = 4;

export default defineCheck({
  id: 'KII055',
  section: 'routes',
  severity: 'error',
  name: 'refused-by-policy',
  title: 'no AuthorizationPolicy refuses requests to a host at the gateway',
  reason:
    'The gateway answers 403 before any route is taken; the service sees nothing of it. DENY refuses what a rule meets, ALLOW whatever no rule meets.',
  remedy:
    'Correct the hosts, paths or action of the rule that is named; the policy is in the namespace of the gateway.',
  avoid: 'Do not restart the gateway: it has the policy again as soon as it is up.',
  needs: ['configurations'],
  uses: ['owner'],
  perPod: true,
  find: ({ configurations, owner }) => {
    const all = configurations
      .flatMap((one) => refusedHosts(one).map((refused) => ({ refused, pods: one.pods })))
      .filter(({ refused }) => owner === undefined || owner.hosts.includes(refused.host));
    const alike = Map.groupBy(all, ({ refused }) => `${keyOf(refused)} ${extentText(refused)}`);
    return [...alike.values()].flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const hosts = [...new Set(group.map(({ refused }) => refused.host))].sort();
      const pods = [...new Set(group.flatMap((one) => one.pods))].sort();
      return [{ ...finding(first.refused, hosts, pods), severity: severityOf(first.refused, owner !== undefined) }];
    });
  },
});

function finding(
  refused: RefusedHost,
  hosts: readonly string[],
  pods: readonly string[],
): Omit<FoundProblem, 'severity'> {
  const policies = policiesOf(refused.rules);
  const [host = ''] = hosts;
  return {
    text: textOf(refused, someOf(hosts, mostHosts)),
    pods,
    concerns: policies,
    hosts,
    next: [
      ...(policies.length === 0
        ? [step`kubectl get authorizationpolicies.security.istio.io -A`]
        : policies.map(showObject)),
      ...(host.startsWith('*') || refused.extent === 'every connection' ? [] : [logsOf(host)]),
    ],
  };
}

const logsOf = (host: string): Step => step`kubectl istio-ingress logs --host ${host} --status 401,403 --explain`;

function textOf(refused: RefusedHost, hosts: string): string {
  const { action, rules, extent } = refused;
  const names = [...new Set(rules.map(describePolicy))];
  const [who, refuses, it] = [someOf(names, 3), ...(names.length === 1 ? ['refuses', 'it'] : ['refuse', 'them'])];
  if (extent === 'every connection') {
    const by = names.length === 0 ? 'an AuthorizationPolicy with action ALLOW' : who;
    const why = action === 'DENY' ? describePlace(rules) : ': no rule allows it';
    return `${by} ${names.length > 1 ? 'close' : 'closes'} every connection to ${hosts}, which is no HTTP to the gateway (what rules ask of HTTP does not count)${why}`;
  }
  const conditions = rules.map(({ when }) => describeCondition(when)).filter((one) => one !== '');
  const asking = conditions.length === 0 ? 'by the host' : conditions.join('; or ');
  const what = `${extentText(refused)} to ${hosts}`;
  if (action === 'CUSTOM')
    return `${who} has an authorization service decide on requests to ${hosts}, which may refuse them (401, 403)${describePlace(rules)}`;
  if (action === 'ALLOW')
    return extent === 'some'
      ? `${who} ${refuses} (403) requests to ${hosts}, except by ${asking}`
      : `${who} ${refuses} (403) ${what}: no rule of ${it} allows one`;
  return `${who} refuses (403) ${what}${describePlace(rules, extent === 'some' ? asking : '')}`;
}

/** `every request`, `every request of prefix /api`, `some requests`. */
function extentText({ extent, routes }: RefusedHost): string {
  if (extent === 'routes') return `every request of ${someOf(routes.map(describePath), 3)}`;
  return extent === 'some' ? 'some requests' : extent;
}

/**
 * What refuses by who asks is meant to, as a rule. Of some paths, whoever runs the gateway may mean it; the owner of the
 * hosts is hurt.
 */
function severityOf({ action, extent, rules }: RefusedHost, isForOwner: boolean): Severity {
  if (extent !== 'some') return 'error';
  const isByRequest = action !== 'CUSTOM' && rules.some(({ when }) => asksForRequest(when));
  return isByRequest ? (isForOwner ? 'error' : 'warning') : 'info';
}
