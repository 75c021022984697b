// Which texts of what is saved are names, hosts or addresses by name: in Kubernetes objects, in Envoy's answers and in the
// snapshot's own files. For who wants others in their place.

import { isAddress } from '#dump/client-texts.ts';

/** Adds them as they are: hosts, names, paths of names. */
export function collectNames(json: unknown, into: Set<string>): void {
  if (typeof json === 'string') collectInText(json, into);
  else if (Array.isArray(json)) for (const element of json) collectNames(element, into);
  else if (typeof json === 'object' && json !== null) collectInObject(json as Fields, into);
}

type Fields = Readonly<Record<string, unknown>>;

function collectInObject(object: Fields, into: Set<string>): void {
  const isSomebodys = besideNames.some((field) => field in object);
  const isOfHost = object['name'] === ':authority';
  for (const [field, value] of Object.entries(object)) {
    const owner = foreignDomain(field);
    if (owner !== undefined) into.add(owner);
    if (field === 'name' ? isSomebodys : isOfHost || nameFields.has(lastPart(field))) collectTexts(value, into);
    if (imageFields.has(field)) collectImages(value, into);
    collectNames(value, into);
  }
}

/** Of a label or an annotation, without the domain before it. */
const lastPart = (field: string): string => field.slice(field.lastIndexOf('/') + 1);

/** Beside one of these `name` is somebody's; elsewhere it may be Envoy's own, or of a port. */
const besideNames = ['metadata', 'kind', 'phase', 'namespace', 'uid', 'domains', 'match', 'labels'];

/** Fields whose texts are names or hosts: of Kubernetes objects, of Envoy and its metadata by Istio, and the snapshot's own. */
const nameFields: ReadonlySet<string> = new Set(
  `
  absentSecrets address alt-names alt_stat_name authority bootID certificate-name cluster cluster-issuer
  CLUSTER_ID cluster_id cluster_name common-name commonName config context cookie_domain credentialName
  credentialNames discoveryAddress dns dnsNames domain domains emailAddresses exportTo externalName
  failedSecret gateways gcp_project generateName groups host host_redirect host_rewrite_literal hostname hostnames hosts
  imagePullSecrets ingressClassName issuer issuer-name kubeconfigs literalSubject machineID MESH_ID NAME NAMESPACE namespace
  namespaces NETWORK node NODE_NAME nodeName organizationalUnits organizations origin pod principals
  priorityClassName providerID release-name release-namespace route_config_name schedulerName secretName
  serial_number server server_names serverName SERVICE_ACCOUNT service_cluster serviceAccount
  serviceAccountName sni sniHosts sourceNamespace subjectAltNames subset systemUUID user
  verify_certificate_hash verify_certificate_spki verifyCertificateHash verifyCertificateSpki WORKLOAD_NAME
  `
    .trim()
    .split(/\s+/),
);

/** A text, a list of them, what one is compared with, or a reference. Addresses become others in another way. */
function collectTexts(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    if (!isAddress(value)) into.add(value);
  } else if (Array.isArray(value)) for (const one of value) collectTexts(one, into);
  else if (typeof value === 'object' && value !== null)
    for (const part of ['exact', 'prefix', 'suffix', 'regex', 'name']) collectTexts((value as Fields)[part], into);
}

const imageFields: ReadonlySet<string> = new Set(['image', 'imageID', 'images', 'names']);

/** The registry, and where in it. */
function collectImages(value: unknown, into: Set<string>): void {
  for (const image of [value].flat()) {
    const [, place] = typeof image === 'string' ? (/^(?:[\w-]+:\/\/)?([^/@]*[.:][^@]*)\/[^/]+$/.exec(image) ?? []) : [];
    if (place !== undefined) into.add(place);
  }
}

/** `acme.example` of the label `acme.example/team`: what everybody's labels begin with leads to nobody. */
export function foreignDomain(key: string): string | undefined {
  const [, domain] = /^([a-z0-9-]+(?:\.[a-z0-9-]+)+)\//.exec(key) ?? [];
  return domain === undefined || isEverybodys.test(domain) ? undefined : domain;
}

const isEverybodys =
  /(?:^|\.)(?:kubernetes\.io|k8s\.io|x-k8s\.io|istio\.io|cert-manager\.io|helm\.sh|googleapis\.com)$/;

/** Names that any text may have: of clusters of Istio, URIs, mail addresses, and a proxy's id. */
function collectInText(text: string, into: Set<string>): void {
  for (const [, subset = '', host = ''] of text.matchAll(istioCluster)) into.add(subset).add(host);
  for (const [, scheme = '', rest = ''] of text.matchAll(uri)) into.add(nameIn(scheme, rest));
  for (const [address] of text.matchAll(mailAddress)) into.add(address);
  const [, pod = '', domain = ''] = /^(?:router|sidecar|waypoint|ztunnel)~[^~]*~([^~]+)~([^~]+)$/.exec(text) ?? [];
  into.add(pod).add(domain);
}

/** `outbound|80|v1|svc.ns.svc.cluster.local`, and as an SNI `outbound_.80_.v1_.svc…`. */
const istioCluster = /\b(?:out|in)bound(?:\|\d*\||_\.\d*_\.)([^|;\s]*?)(?:\||_\.)([^|;\s"]+)/g;
const uri = /\b([a-z][a-z0-9+.-]{1,30}):\/\/([^\s"'<>]+)/gi;
const mailAddress = /\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi;

/** Of an identity or a Secret all of it, of another URI who is asked. */
const nameIn = (scheme: string, rest: string): string =>
  /^(?:spiffe|kubernetes(?:-[a-z]+)?)$/i.test(scheme) ? rest : (rest.split(/[/?#]/, 1)[0] as string);
