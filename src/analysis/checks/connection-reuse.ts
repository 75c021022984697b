import { defineCheck, type FoundProblem } from '#analysis/check/check.ts';
import { meetsAny } from '#analysis/check/owner.ts';
import { connectionReuse, type Reuse } from '#analysis/check/reuse.ts';
import { hostUnder } from '#core/host.ts';
import { count, someOf } from '#core/phrase.ts';
import { type Step, step } from '#core/shell.ts';
import type { Severity } from '#model/finding.ts';
import type { ObjectRef } from '#model/resource.ts';

export default defineCheck({
  id: 'KII039',
  section: 'certificates',
  severity: 'warning',
  name: 'connection-reuse',
  title: 'no certificate is for hosts of several Gateways, or of several servers of one',
  reason:
    'Browsers use an HTTP/2 connection to one host for every host that its certificate is for. The filter chain was chosen by the first host and has no routes of the other: 404, with requested_server_name unlike the host.',
  remedy: 'One certificate for each server of a Gateway, or one server for all hosts of a wildcard.',
  needs: ['certificates'],
  uses: ['owner'],
  find: ({ certificates, owner }) => {
    const values = certificates.map(({ value }) => value);
    if (!owner) return connectionReuse(values).map(finding);
    const isOwn = (host: string): boolean => meetsAny(host, owner.hosts);
    return connectionReuse(values, isOwn).map((one) => findingFor(one, isOwn));
  },
});

function finding({ names, hosts, gateways, secrets, isShared }: Reuse): FoundProblem {
  const [opened = '', reused = ''] = hosts;
  return {
    severity: severityOf(isShared),
    text: `the certificate of ${someOf(secrets)} (${someOf(names)}) is good for ${hosts.length} hosts of ${ofGateways(gateways)}: ${someOf(hosts)}${shared(isShared)}`,
    concerns: gateways,
    next: [explainReuse(opened, reused)],
  };
}

function ofGateways(gateways: readonly ObjectRef[]): string {
  const [gateway, ...others] = gateways;
  if (!gateway || others.length > 0) return `${gateways.length} Gateways`;
  return `several servers of Gateway ${gateway.namespace}/${gateway.name}`;
}

/** Of all that the certificates join, the owner's hosts with the others. */
function findingFor(
  { names, hosts, gateways, secrets, isShared }: Reuse,
  isOwn: (host: string) => boolean,
): FoundProblem {
  const own = hosts.filter(isOwn);
  const others = hosts.filter((host) => !isOwn(host));
  const [reused = ''] = own;
  const [opened = own[1] ?? ''] = others;
  const both =
    others.length === 0 ? '' : ` and for ${count(others.length, 'host')} of other owners: ${someOf(others, 3)}`;
  return {
    severity: severityOf(isShared),
    text: `browsers may use one connection for ${someOf(own, 3)}${both}. The certificate of ${someOf(secrets, 1)} (${someOf(names, 3)}) is good for them${shared(isShared)}`,
    concerns: gateways,
    hosts: own,
    next: [explainReuse(opened, reused)],
  };
}

const severityOf = (isShared: boolean): Severity => (isShared ? 'warning' : 'info');

const shared = (isShared: boolean): string => (isShared ? '; several of them name this very secret' : '');

const explainReuse = (opened: string, reused: string): Step =>
  step`kubectl istio-ingress explain ${`https://${hostUnder(reused)}/`} --sni ${hostUnder(opened)}`;
