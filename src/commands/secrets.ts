// `secrets`: every certificate and CA that the gateway's Envoys hold, with the hosts they serve. Never a private key.

import { answer, defineCommand, type OutputFormat, outputFormats } from '#command/command.ts';
import { someOf } from '#core/phrase.ts';
import type { SecretRow } from '#model/certificate.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { askSecrets } from '#questions/secrets.ts';
import { secretsView } from '#render/views/secrets.ts';

export default defineCommand({
  name: 'secrets',
  aliases: ['secret'],
  group: 'look',
  summary: 'List the certificates and CAs that every gateway pod has loaded, with their names and validity',
  details:
    'The tool drops private keys where it reads them. A secret that istiod never delivered is shown as WARMING. Which hosts a secret serves, ' +
    'only the listeners say, and they cost Envoy four times as much: to see the hosts, add -o wide, -o json or --host.',
  examples: [
    { args: 'secrets', describe: 'every secret of every pod, equal ones once' },
    { args: 'secrets -o wide', describe: 'with the hosts that each serves, dates, keys and chains' },
    { args: 'secrets --host svc1.discovery.wmnet', describe: 'the certificate of a host' },
    { args: 'secrets --pod NAME -o envoy', describe: 'the JSON that istioctl proxy-config secrets -o json prints' },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'secrets of the filter chains that serve this host',
    },
    name: {
      type: 'string',
      value: 'NAME',
      completes: 'secret',
      describe: 'secrets with this name, with or without kubernetes://; patterns allowed',
    },
  },
  run: async (context, { host, name }) => {
    const { output } = context;
    const withHosts = !['table', 'name', 'envoy'].includes(output);
    const question = { host, name, withHosts, keepDumps: output === 'envoy' };
    const asked = await askSecrets(await context.source(), question);
    return answer({
      view: secretsView(context.again),
      ...asked,
      notes: [...asked.notes, ...waitingNote(output, asked.items)],
    });
  },
});

/** An undelivered secret has no certificate to take host names from; only listeners know them. */
function waitingNote(output: OutputFormat, items: readonly OnPods<SecretRow>[]): string[] {
  const waiting = items.filter(({ value }) => value.secret.state === 'warming' && value.hosts === undefined);
  if (output !== 'table' || waiting.length === 0) return [];
  return [`to see which hosts wait for ${someOf(waiting.map(({ value }) => value.secret.name))}, add -o wide`];
}
