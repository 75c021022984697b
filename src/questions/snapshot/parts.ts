// The parts of a snapshot in their order: what passes soonest comes first.

import { lineParser } from '#accesslog/line-parser.ts';
import { checks } from '#analysis/checks/all.gen.ts';
import type { Admin } from '#core/admin.ts';
import { field } from '#core/json.ts';
import { triedTo } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { count } from '#core/phrase.ts';
import type { LoggedWorkload } from '#core/pod-logs.ts';
import type { GatewayOptions } from '#core/source-options.ts';
import { readAccessLogFormats } from '#dump/access-log-format.ts';
import { clientTexts } from '#dump/client-texts.ts';
import { readEndpoints } from '#dump/endpoints.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { askHostCertificates } from '#questions/certs/host-certificates.ts';
import { askCheck } from '#questions/check/check.ts';
import { askDoctor } from '#questions/doctor.ts';
import { indented, saveIstiods, savePod } from '#questions/dump/save-answers.ts';
import { readKubernetesCertificates } from '#questions/kubernetes-certificates.ts';
import { fetchSecrets } from '#questions/pod-configuration.ts';
import { savedAdmin } from '#source/saved-admin.ts';
import { savedResources } from '#source/saved-format.ts';
import type { Making } from './making.ts';
import { collectNames } from './names.ts';
import { saveLogs } from './save-logs.ts';
import { saveList } from './save-objects.ts';
import { secretStub } from './snapshot-object.ts';

interface Part {
  /** For people. */
  readonly name: string;
  save(making: Making): Promise<void>;
}

export const parts: readonly Part[] = [
  { name: 'the pods', save: savePods },
  { name: 'istiod', save: saveSync },
  { name: 'the Kubernetes objects', save: saveLists },
  { name: 'the Secrets', save: saveSecrets },
  { name: 'the rights', save: saveAccess },
  { name: 'the TLS handshakes', save: saveHandshakes },
  { name: 'the logs of the gateway', save: (making) => saveLogsOf(making, 'gateway') },
  { name: 'the logs of istiod', save: (making) => saveLogsOf(making, 'istiod') },
];

/** One after the other: a whole dump holds Envoy's main thread. */
async function savePods(making: Making): Promise<void> {
  const { source, gateway, saving, asking, pods } = making;
  let begun = 0;
  const outcomes = await source.everyPod(
    async (admin) => {
      asking.progress(`pod ${++begun} of ${gateway.pods.length}: ${admin.pod.name}`);
      const { bytes, answers } = await savePod(admin, saving);
      if (making.names) for (const answer of answers.values()) collectNames(answer, making.names);
      pods.set(admin.pod.name, { pod: admin.pod, ok: bytes });
      await keepFacts(making, answering(admin, answers));
      return bytes;
    },
    undefined,
    { parallel: 1 },
  );
  for (const outcome of outcomes) pods.set(outcome.pod.name, outcome);
}

/** What a pod has answered, to be asked again without the pod. */
const answering = ({ pod }: Admin, answers: ReadonlyMap<string, unknown>): Admin =>
  savedAdmin(
    {
      read: async (file) => Buffer.from(JSON.stringify(answers.get(file) ?? {})),
      json: async (file) => answers.get(file),
    },
    pod,
  );

/** What other parts need of the pods; an answer that cannot be read is in the snapshot as it is. */
async function keepFacts(making: Making, admin: Admin): Promise<void> {
  const { secretNames, addresses } = making;
  const secrets = await triedTo(fetchSecrets(admin));
  for (const { name } of 'ok' in secrets ? secrets.ok : []) secretNames.add(name);
  const body = await admin.get({ path: 'clusters', query: { format: 'json' } });
  for (const { address } of readEndpoints(JSON.parse(body.toString()))) addresses.add(hostOf(address));
  if (making.formats !== undefined) return;
  const listeners = await triedTo(fetchConfigDump(admin, { resource: 'dynamic_listeners' }));
  if ('ok' in listeners) making.formats = readAccessLogFormats(listeners.ok);
}

const hostOf = (address: string): string => address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

async function saveSync(making: Making): Promise<void> {
  making.istiods = await saveIstiods(making.source, making.saving);
}

async function saveLists(making: Making): Promise<void> {
  const { source, gateway, question, saving, asking, failedResources, namespaces, addresses } = making;
  const own = [...new Set([gateway.namespace, question.chosenBy.istioNamespace])];
  for (const resource of savedResources.Snapshot) {
    asking.progress(`Kubernetes objects: ${resource}`);
    const { objects, failure, namespaces: read } = await saveList(source, resource, own, saving);
    delete failedResources[resource];
    if (failure) failedResources[resource] = failure;
    if (read) namespaces[resource] = read;
    for (const address of objects.flatMap(addressesOf)) addresses.add(address);
  }
}

/** Of a Pod, a Service, a Node or an EndpointSlice. */
function addressesOf({ spec, status, endpoints }: KubeObject): string[] {
  const list = (value: unknown, name: string): unknown[] => {
    const found = field(value, name);
    return Array.isArray(found) ? found : [];
  };
  return [
    ...['podIP', 'hostIP'].map((name) => field(status, name)),
    ...list(status, 'podIPs').map((one) => field(one, 'ip')),
    ...list(status, 'addresses').map((one) => field(one, 'address')),
    ...list(spec, 'clusterIPs'),
    ...list(spec, 'externalIPs'),
    ...list(field(status, 'loadBalancer'), 'ingress').map((one) => field(one, 'ip')),
    ...(Array.isArray(endpoints) ? endpoints.flatMap((one) => list(one, 'addresses')) : []),
  ].filter((one) => typeof one === 'string');
}

/** Those that `certs` and `check` hold certificates against, read as they read them. */
async function saveSecrets(making: Making): Promise<void> {
  const { recorded, gateway, secretNames, saving, replaced, failedResources } = making;
  await readKubernetesCertificates(recorded.source, [...secretNames], gateway.namespace);
  const stubs = recorded.secrets.found.map(secretStub);
  for (const { stub, leftOut } of stubs) {
    const { namespace, name } = stub.metadata;
    for (let field = 0; field < leftOut; field++)
      replaced.add('Secret data', 'objects/secrets.json', `${namespace}/${name} ${field}`);
  }
  const kept = await withoutSecrets(
    stubs.map(({ stub }) => stub),
    'kubernetes',
  );
  await saving.write('objects/secrets.json', indented(kept));
  delete failedResources.secrets;
  if (recorded.secrets.failure) failedResources.secrets = recorded.secrets.failure;
}

/** By what `doctor` asks. */
async function saveAccess({ recorded, question }: Making): Promise<void> {
  const gateway: GatewayOptions = { ...question.chosenBy };
  await triedTo(askDoctor({ opened: Promise.resolve(recorded.source), gateway }));
}

/** Those that `check` makes because of doubts; with `served`, those of `certs` for every host. */
async function saveHandshakes({ recorded, question, asking, gateway }: Making): Promise<void> {
  asking.progress(`TLS handshakes with ${count(gateway.pods.length, 'pod')}`);
  const ofCertificates = checks.filter(({ needs }) => needs.includes('certificates'));
  await triedTo(askCheck(recorded.source, { checks: ofCertificates }, asking));
  if (!question.served) return;
  const everyHost = { asked: undefined, part: 'certificate', served: true, failWithin: undefined } as const;
  await triedTo(askHostCertificates(recorded.source, everyHost, { ...asking, warn: () => {} }));
}

async function saveLogsOf(making: Making, of: LoggedWorkload): Promise<void> {
  const { source, question, asking, saving, addresses, gateway } = making;
  for (const { ip } of gateway.pods) if (ip !== undefined) addresses.add(ip);
  asking.progress(`logs of ${of === 'gateway' ? count(gateway.pods.length, 'pod') : 'istiod'}`);
  const span = { since: new Date(asking.now.getTime() - question.sinceMs), maxBytes: question.maxLogBytes };
  making.logs[of] = await saveLogs(source, of, span, saving, {
    parser: lineParser(making.formats ?? []),
    texts: clientTexts((address) => addresses.has(address)),
    hosts: making.names,
  });
}
