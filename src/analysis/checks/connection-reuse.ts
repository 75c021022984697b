import { defineCheck, type FoundProblem } from '#analysis/check/check.ts';
import { meetsAny } from '#analysis/check/owner.ts';
import { connectionReuse, type Reuse } from '#analysis/check/reuse.ts';
import { count, someOf } from '#core/phrase.ts';
import { type Step, step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII039',
  section: 'certificates',
  severity: 'warning',
  name: 'connection-reuse',
  title: 'no certificate is for hosts of several Gateways',
  reason:
    'Browsers use an HTTP/2 connection to one host for every host that its certificate is for. The filter chain was chosen by the first host and has no routes of the other: 404, with requested_server_name unlike the host.',
  remedy: 'One certificate for each Gateway, or one Gateway for all hosts of a wildcard.',
  needs: ['certificates'],
  uses: ['owner'],
  find: ({ certificates, owner }) => {
    const values = certificates.map(({ value }) => value);
    if (!owner) {
      // Several certificates with the same names join the same hosts: a Gateway may have a copy of its own.
      const alike = Map.groupBy(connectionReuse(values), ({ names, hosts }) => JSON.stringify([names, hosts]));
      return [...alike.values()].map(finding);
    }
    const isOwn = (host: string): boolean => meetsAny(host, owner.hosts);
    const alike = Map.groupBy(connectionReuse(values, isOwn), ({ names }) => JSON.stringify(names));
    return [...alike.values()].map((group) => findingFor(group, isOwn));
  },
});

function finding(alike: readonly Reuse[]): FoundProblem {
  const { names, hosts, gateways, secrets, shared, severity } = joined(alike);
  const [opened = '', reused = ''] = hosts;
  return {
    severity,
    text: `the certificate of ${someOf(secrets)} (${someOf(names)}) is good for ${hosts.length} hosts of ${gateways.length} Gateways: ${someOf(hosts)}${shared}`,
    concerns: gateways,
    next: [explainReuse(opened, reused)],
  };
}

/** Of all that the certificates join, the owner's hosts with the others. */
function findingFor(alike: readonly Reuse[], isOwn: (host: string) => boolean): FoundProblem {
  const { names, hosts, gateways, secrets, shared, severity } = joined(alike);
  const own = hosts.filter(isOwn);
  const others = hosts.filter((host) => !isOwn(host));
  const [reused = ''] = own;
  const [opened = own[1] ?? ''] = others;
  const both =
    others.length === 0 ? '' : ` and for ${count(others.length, 'host')} of other owners: ${someOf(others, 3)}`;
  return {
    severity,
    text: `browsers may use one connection for ${someOf(own, 3)}${both}. The certificate of ${someOf(secrets, 1)} (${someOf(names, 3)}) is good for them${shared}`,
    concerns: gateways,
    hosts: own,
    next: [explainReuse(opened, reused)],
  };
}

const explainReuse = (opened: string, reused: string): Step =>
  step`kubectl istio-ingress explain ${`https://${anyOf(reused)}/`} --sni ${anyOf(opened)}`;

const anyOf = (host: string): string => host.replace(/^\*/, 'any');

function joined(alike: readonly Reuse[]) {
  const gateways = new Map(alike.flatMap((one) => one.gateways).map((one) => [nameOf(one), one]));
  const isShared = alike.some((one) => one.isShared);
  return {
    names: alike[0]?.names ?? [],
    hosts: [...new Set(alike.flatMap((one) => one.hosts))].sort(),
    gateways: [...gateways.values()],
    secrets: alike.map(({ secret }) => secret),
    severity: isShared ? ('warning' as const) : ('info' as const),
    shared: isShared ? '; several of them name this very secret' : '',
  };
}

const nameOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;
