// node scripts/record-fixtures.ts RECORDING [OUTPUT]: from what a cluster's pods answered (a directory with
// pods/<pod>/*.json and cluster/*.json, as the cluster's `record` writes it) to the small file that the demo and the
// tests replay. The same input gives the same bytes. Left out: private keys, Envoy's list of extensions, all but two
// authorities of the system's CA bundle.

import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { kinds, resources } from '#core/kinds.ts';
import type { RecordedObject, RecordedPod, Recording, Reference } from '#demo/recording.ts';
import { readMesh } from '#istiod/mesh.ts';
import { certificates, nodes, pendingPod, withMemoryLimit, withPendingPod } from './demo-objects.ts';

type Json = { [key: string]: unknown };

const systemAuthorities = 2;
const logLines = 90;

const elements: string[] = [];
const elementIndex = new Map<string, number>();

function store(text: string): number {
  const known = elementIndex.get(text);
  if (known !== undefined) return known;
  elementIndex.set(text, elements.length);
  return elements.push(text) - 1;
}

interface PodFiles {
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  text(file: string): string;
  json(file: string): Json;
}

function podFiles(recording: string, pod: RecordedObject): PodFiles {
  const name = pod.metadata.name;
  const node = (pod.spec as Json).nodeName as string;
  const ip = (pod.status as Json).podIP as string;
  const own = (text: string): string =>
    text.replaceAll(name, '{pod}').replaceAll(ip, '{ip}').replaceAll(`"${node}"`, '"{node}"');
  const text = (file: string): string => own(readFileSync(join(recording, 'pods', name, file), 'utf8'));
  return { name, node, ip, text, json: (file) => JSON.parse(text(file)) };
}

function reference(value: Json): Reference {
  const holder = (value.active_state ?? value) as Json;
  const lastUpdated = holder.last_updated as string | undefined;
  if (lastUpdated !== undefined) holder.last_updated = '';
  const index = store(JSON.stringify(value));
  return lastUpdated === undefined ? [index] : [index, lastUpdated];
}

function recordPod(files: PodFiles): RecordedPod {
  const dump = (files.json('config_dump.json').configs as Json[]).map((section) => {
    if (section.bootstrap) delete ((section.bootstrap as Json).node as Json).extensions;
    return Object.fromEntries(
      Object.entries(section).map(([field, value]) => [
        field,
        Array.isArray(value) ? value.map((e) => reference(cutAuthorities(e))) : value,
      ]),
    );
  });
  const serverInfo = files.json('server_info.json');
  delete (serverInfo.node as Json).extensions;
  const answers = {
    server_info: JSON.stringify(serverInfo),
    listeners: JSON.stringify(files.json('listeners.json')),
    memory: JSON.stringify(files.json('memory.json')),
    runtime: JSON.stringify(files.json('runtime.json')),
    stats: JSON.stringify(files.json('stats.json')),
    logging: JSON.stringify(files.text('logging.txt')),
    'stats/prometheus': JSON.stringify(files.text('stats_prometheus.txt')),
  };
  return {
    name: files.name,
    node: files.node,
    ip: files.ip,
    dump,
    certs: ownCertificates(files.json('certs.json').certificates as Json[]).map((c) => reference(c)),
    clusters: (files.json('clusters.json').cluster_statuses as Json[]).map((c) => reference(c)),
    answers: Object.fromEntries(Object.entries(answers).map(([path, body]) => [path, store(body)])),
    log: accessLog(files.text('istio-proxy.log')),
  };
}

/** The system's bundle has 144 authorities; nothing but its size needs them. */
function cutAuthorities(value: Json): Json {
  const context = ((value.secret as Json | undefined)?.validation_context as Json | undefined)?.trusted_ca as
    | Json
    | undefined;
  if (context === undefined) return value;
  const pem = Buffer.from(context.inline_bytes as string, 'base64').toString();
  const kept = pem.split(/(?<=-----END CERTIFICATE-----\n)/).slice(0, systemAuthorities);
  context.inline_bytes = Buffer.from(kept.join('')).toString('base64');
  return value;
}

const ownCertificates = (list: Json[]): Json[] =>
  list.flatMap((c) => {
    const authorities = (c.ca_cert ?? []) as Json[];
    return [{ ...c, ca_cert: authorities.slice(0, systemAuthorities) }];
  });

/** A few lines of the start, which are no access log, then the last requests. */
function accessLog(text: string): string[] {
  const lines = text.split('\n').filter(Boolean);
  const isAccess = (line: string): boolean => line.startsWith('[') || line.startsWith('{');
  const start = lines.filter(
    (line) => !isAccess(line) && /^2\S+Z\s+(info|warn)\s+(Version|Envoy proxy is ready|cache|xdsproxy)/.test(line),
  );
  return [...start.slice(0, 12), ...lines.filter(isAccess).slice(-logLines)];
}

const listFile = (recording: string, name: string): string => join(recording, 'cluster', `${name}.json`);

const isRecorded = (recording: string, name: string): boolean => existsSync(listFile(recording, name));

function readList(recording: string, name: string): RecordedObject[] {
  const list = JSON.parse(readFileSync(listFile(recording, name), 'utf8')).items as RecordedObject[];
  const key = (o: RecordedObject): string => `${o.metadata.namespace ?? ''}/${o.metadata.name}`;
  return list.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Only certificates are kept of a Secret, whatever its other keys are called. */
function withoutKeys(secret: RecordedObject): RecordedObject {
  const data = Object.entries((secret.data ?? {}) as Record<string, string>).filter(
    ([name, value]) => name.endsWith('.crt') && isCertificate(value),
  );
  return { ...secret, data: Object.fromEntries(data) };
}

const isCertificate = (value: string): boolean => new X509Certificate(Buffer.from(value, 'base64')).serialNumber !== '';

/** Just after the last line that any pod logged. */
function endOf(pods: readonly RecordedPod[]): string {
  const last = pods
    .flatMap((pod) => pod.log.map((line) => /^\[(\S+)\]/.exec(line)?.[1] ?? ''))
    .sort()
    .at(-1) as string;
  return new Date(Math.ceil(Date.parse(last) / 1000 + 5) * 1000).toISOString();
}

function record(recording: string): Recording {
  const read = (file: string): string => readFileSync(join(recording, 'cluster', file), 'utf8');
  const allPods = readList(recording, 'pods');
  const gateways = allPods.filter((pod) => pod.metadata.labels?.istio === 'ingressgateway');
  const pods = gateways.map((pod) => recordPod(podFiles(recording, pod)));
  const now = endOf(pods);
  const istiod = read('istiod_version.json').trim();
  const version = JSON.parse(read('version.json')).serverVersion;
  const envoy = /"version":"[0-9a-f]+\/([^/]+)/.exec(
    elements.find((e) => e.includes('"hot_restart_version"')) ?? '',
  )?.[1];
  // A recording may be older than a row of the table.
  const names = resources.filter((name) => kinds[name].isSaved && isRecorded(recording, name));
  const secrets = readList(recording, 'secrets').map(withoutKeys);
  const limited = allPods.map((pod) => (gateways.includes(pod) ? withMemoryLimit(pod) : pod));
  const pending = pendingPod(withMemoryLimit(gateways[0] as RecordedObject));
  return {
    about: `Istio ${istiod}, Envoy ${envoy}, Kubernetes ${version.gitVersion}; nodes, certificates.cert-manager.io, the pending pod of node3 and memory limits are made by hand`,
    now,
    elements: elements.map((text) => JSON.parse(text)),
    pods,
    istiod: {
      syncz: JSON.parse(read('istiod_syncz.json')),
      connections: JSON.parse(read('istiod_connections.json')),
      version: istiod,
      mesh: readMesh(JSON.parse(read('istiod_mesh.json'))),
    },
    version,
    objects: {
      pods: [...limited, pending].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
      daemonsets: readList(recording, 'daemonsets').map(withPendingPod),
      deployments: [],
      replicasets: [],
      nodes: nodes(4, gateways[0] as RecordedObject),
      secrets,
      ...Object.fromEntries(names.map((name) => [name, readList(recording, name)])),
      certificates: certificates(secrets, now),
    },
  };
}

/** One element or object a line, so that a new recording can be reviewed. */
function fileText(recording: Recording): string {
  const lines = (list: readonly unknown[]): string => `[\n${list.map((item) => JSON.stringify(item)).join(',\n')}\n]`;
  const fields = Object.entries(recording).map(([name, value]) => {
    if (name === 'elements' || name === 'pods') return `"${name}": ${lines(value)}`;
    if (name !== 'objects') return `"${name}": ${JSON.stringify(value)}`;
    return `"objects": {\n${Object.entries(value as Recording['objects'])
      .map(([kind, items]) => `"${kind}": ${lines(items)}`)
      .join(',\n')}\n}`;
  });
  const text = `{\n${fields.join(',\n')}\n}\n`;
  if (/PRIVATE KEY|UFJJVkFURSBLRV/.test(text)) throw new Error('a private key is in the recording');
  return text;
}

const [recording, output = 'src/demo/fleet.json'] = process.argv.slice(2);
if (recording === undefined) throw new Error('usage: record-fixtures.ts RECORDING [OUTPUT]');
if (!readdirSync(recording).includes('pods')) throw new Error(`${recording} has no pods/`);
const text = fileText(record(recording));
writeFileSync(output, text);
process.stdout.write(`${output}: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} gzipped\n`);
