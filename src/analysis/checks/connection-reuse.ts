import { defineCheck } from '#analysis/check/check.ts';
import { connectionReuse } from '#analysis/check/reuse.ts';

const most = 6;
const some = (all: readonly string[]): string =>
  all.length > most ? `${all.slice(0, most).join(', ')} and ${all.length - most} more` : all.join(', ');

export default defineCheck({
  id: 'KII039',
  section: 'certificates',
  severity: 'info',
  name: 'connection-reuse',
  title: 'no certificate is for hosts of several Gateways',
  reason:
    'Browsers use an HTTP/2 connection to one host for every host that its certificate is for. The filter chain was chosen by the first host and has no routes of the other: 404, with requested_server_name unlike the host.',
  remedy: 'One certificate for each Gateway, or one Gateway for all hosts of a wildcard.',
  needs: ['certificates'],
  find: ({ certificates }) => {
    const found = connectionReuse(certificates.map(({ value }) => value));
    if (found.length === 0) return [];
    const names = [...new Set(found.flatMap((reuse) => reuse.names))];
    const hosts = [...new Set(found.flatMap((reuse) => reuse.hosts))].sort();
    const concerns = found.flatMap(({ gateways }) => gateways);
    const count = new Set(concerns.map(({ namespace, name }) => `${namespace}/${name}`)).size;
    return [
      {
        text: `certificates for ${some(names)} are good for ${hosts.length} hosts of ${count} Gateways: ${some(hosts)}`,
        concerns,
      },
    ];
  },
});
