// `certs`: which certificate the clients of each host get, from every pod, until when, and what is wrong with it.

import { readCertificateExpectation } from '#analysis/certificates/certificate-expectation.ts';
import { onePem } from '#analysis/certificates/one-pem.ts';
import { answer, type Context, defineCommand, type Outcome, type OutputFormat } from '#command/command.ts';
import { nextStepsAgain } from '#command/next-step.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import { typedHost } from '#core/host.ts';
import {
  askCertificateChains,
  askCertificateTexts,
  type CertificateChainsQuestion,
} from '#questions/certs/certificate-chains.ts';
import { askHostCertificates } from '#questions/certs/host-certificates.ts';
import { askUpstreamCas } from '#questions/certs/upstream-cas.ts';
import { askUpstreamChecks } from '#questions/certs/upstream-checks.ts';
import { certsView } from '#render/views/certs.ts';
import { certsTextView, pemView } from '#render/views/certs-text.ts';
import { upstreamCaView } from '#render/views/upstream-ca.ts';
import { upstreamChecksView } from '#render/views/upstream-checks.ts';

export default defineCommand({
  name: 'certs',
  aliases: ['cert'],
  group: 'ask',
  summary: "Which certificate each host's clients get from every pod, until when, and what is wrong with it",
  details: `Where a Gateway lost its host, or a certificate is not loaded, the answer says which one clients get instead, and why. HOST may be a name
that no Gateway has: the tool then looks up what a client with that name would get. NAME is the name of a secret, with or without
kubernetes://. Both may be patterns. The tool compares what the pods have with the Kubernetes Secret and the cert-manager Certificate, where
you may read them. Envoy's dump also has a Secret that Envoy rejected, while the one before is served. Where there are doubts (its order, its
key, its time), the tool makes a TLS handshake, for 20 hosts on 3 pods at most, one at a time on each; --no-handshake leaves that out.
--fail-within and --expect also fail for every ✗. Of a bundle of CAs, one that lasts long enough is enough; that of
clients counts where they have to bring a certificate.`,
  examples: [
    { args: 'certs', describe: "every host's certificate on every pod, equal ones once" },
    { args: 'certs svc1.discovery.wmnet --text', describe: 'what openssl x509 -text prints, of the whole chain' },
    { args: 'certs svc1-tls-certificate --pem', describe: 'the chain that Envoy holds, for other tools' },
    {
      args: 'certs svc1.discovery.wmnet --upstream-ca --text',
      describe: 'the CA that the services behind a host are checked with',
    },
    { args: 'certs --fail-within 14d', describe: 'exit code 1 when something ends within two weeks' },
    {
      args: "certs svc1.discovery.wmnet --expect 'issuer=*discovery intermediate*'",
      describe: 'exit code 1 when clients get a certificate of another authority',
    },
  ],
  arguments: [
    {
      name: 'host',
      describe: 'a HOST as clients name it, or the NAME of a secret; patterns allowed',
      optional: true,
      completes: 'host',
    },
  ],
  outputs: ['table', 'wide', 'json', 'yaml', 'name', 'jsonpath'],
  flags: {
    text: { type: 'boolean', describe: 'each certificate in full, as openssl x509 -text prints it' },
    pem: { type: 'boolean', describe: 'the chain in PEM; where pods hold different ones, choose one with --pod' },
    'client-ca': {
      type: 'boolean',
      describe: 'the CAs that certificates of clients are checked with, in place of the certificates',
    },
    served: {
      type: 'boolean',
      describe: 'make a TLS handshake through every pod as a client would, and compare; for HOST or NAME',
    },
    'no-handshake': {
      type: 'boolean',
      describe: 'no handshake for hosts of which there are doubts that they are served what Envoy holds',
    },
    'upstream-ca': { type: 'boolean', describe: 'the CAs that the services behind the hosts are checked with' },
    upstream: {
      type: 'boolean',
      describe:
        "whether the gateway would take the certificates of the services' pods, by a handshake with each; for HOST",
    },
    'fail-within': {
      type: 'duration',
      value: 'TIME',
      describe: 'exit code 1 when something is not valid, or not any more at some time within TIME, e.g. 14d',
    },
    expect: {
      type: 'strings',
      value: 'KEY=VALUE',
      describe:
        'exit code 1 when clients get something else, 3 when that is not known: serial=…, issuer=…, secret=…, gateway=NS/NAME; patterns allowed',
    },
  },
  run: async (context, flags, [host]) => {
    const asked = host && typedHost(host);
    checkFlags(flags, asked, context.output);
    const source = await context.source();
    const part = flags['client-ca'] ? 'client-ca' : 'certificate';
    const chains = { asked, part: flags['upstream-ca'] ? 'upstream-ca' : part } as const;
    if (flags.text) return answer({ view: certsTextView, ...(await askCertificateTexts(source, chains, context)) });
    if (flags.pem) return printPem(context, chains);
    if (flags.upstream)
      return answer({ view: upstreamChecksView, ...(await askUpstreamChecks(source, asked, context)) });
    const failWithin = flags['fail-within'];
    const expectations = flags.expect.map(readCertificateExpectation);
    const judges = ['fail-within', 'expect'].filter((name) => isGiven(flags, name)).map((name) => `--${name}`)[0];
    if (flags['upstream-ca'])
      return answer({
        view: upstreamCaView,
        judges,
        ...(await askUpstreamCas(source, { asked, failWithin }, context)),
      });
    const handshake = { served: flags.served, handshake: !flags['no-handshake'] };
    const question = { asked, part, ...handshake, failWithin, expectations } as const;
    const { items, ...rest } = await askHostCertificates(source, question, context);
    return answer({
      view: certsView,
      judges,
      ...rest,
      items: items.map((item) => ({ ...item, problems: nextStepsAgain(item.problems, context.again) })),
    });
  },
});

async function printPem(context: Context, question: CertificateChainsQuestion): Promise<Outcome> {
  const { items, ...rest } = await askCertificateChains(await context.source(), question, context);
  return answer({ view: pemView, ...rest, items: rest.pods.some(hasAnswered) ? [onePem(items)] : [] });
}

/** At most one flag of each list: parts of the answer, and ways to print it. */
const exclusive = [
  ['client-ca', 'upstream-ca', 'upstream', 'served'],
  ['text', 'pem', 'upstream', 'served'],
  ['upstream', 'fail-within'],
  ['text', 'fail-within'],
  ['pem', 'fail-within'],
  ...['upstream', 'text', 'pem', 'upstream-ca'].map((name) => [name, 'expect']),
];

const isGiven = (flags: Readonly<Record<string, unknown>>, name: string): boolean => {
  const value = flags[name];
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
};

/** A handshake is a connection for each host on each pod, so hundreds of hosts must be asked for. */
function checkFlags(flags: Readonly<Record<string, unknown>>, asked: string | undefined, output: OutputFormat): void {
  const given = (names: readonly string[]): string[] => names.filter((name) => isGiven(flags, name));
  const [first, second] = exclusive.map(given).find(({ length }) => length > 1) ?? [];
  if (second !== undefined) throw new ToolError('usage', `--${first} and --${second} cannot be used together`);
  const [printed] = given(['text', 'pem']);
  if (printed !== undefined && output !== 'table')
    throw new ToolError('usage', `--${printed} has a format of its own: leave -o out`);
  const [tried] = given(['served', 'upstream']);
  if (tried === undefined || asked !== undefined) return;
  throw new ToolError('usage', `--${tried} needs HOST, because it makes a connection for each host`, {
    hint: "for every host, write '*'",
  });
}
