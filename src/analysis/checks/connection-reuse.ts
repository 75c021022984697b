import { defineCheck, type FoundProblem } from '#analysis/check/check.ts';
import { connectionReuse, type Reuse } from '#analysis/check/reuse.ts';
import { step } from '#core/shell.ts';

const most = 6;
const some = (all: readonly string[]): string =>
  all.length > most ? `${all.slice(0, most).join(', ')} and ${all.length - most} more` : all.join(', ');

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
  find: ({ certificates }) => {
    const all = connectionReuse(certificates.map(({ value }) => value));
    // Several certificates with the same names join the same hosts: a Gateway may have a copy of its own.
    return [...Map.groupBy(all, ({ names, hosts }) => JSON.stringify([names, hosts])).values()].map(finding);
  },
});

function finding(alike: readonly Reuse[]): FoundProblem {
  const [{ names, hosts } = { names: [], hosts: [] }] = alike;
  const concerns = [...new Map(alike.flatMap(({ gateways }) => gateways).map((one) => [nameOf(one), one])).values()];
  const isShared = alike.some((one) => one.isShared);
  const [opened = '', reused = ''] = hosts.map((host) => host.replace(/^\*/, 'any'));
  const whose = some(alike.map(({ secret }) => secret));
  return {
    severity: isShared ? 'warning' : 'info',
    text: `the certificate of ${whose} (${some(names)}) is good for ${hosts.length} hosts of ${concerns.length} Gateways: ${some(hosts)}${isShared ? '; several of them name this very secret' : ''}`,
    concerns,
    next: [step`kubectl istio-ingress explain ${`https://${reused}/`} --sni ${opened}`],
  };
}

const nameOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;
