// Kubernetes objects as a snapshot has them: what commands ask of them, who changed them and when, and of a Secret its
// type and its public certificates.

import type { Resource } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { trimmedObject } from '#questions/dump/trimmed-object.ts';

type Fields = Readonly<Record<string, unknown>>;

export function snapshotObject(resource: Resource, object: KubeObject): KubeObject {
  const { metadata, ...trimmed } = trimmedObject(object);
  const managedFields = managersOf(object);
  const kept = { ...trimmed, metadata: { ...metadata, ...(managedFields.length > 0 ? { managedFields } : {}) } };
  return hasContainers.has(resource) ? (withoutContainerDetails(kept) as KubeObject) : kept;
}

/** Who and when, not which fields: those are most of the bytes. */
function managersOf({ metadata: { managedFields } }: KubeObject): object[] {
  if (!Array.isArray(managedFields)) return [];
  return managedFields.map(({ fieldsV1: _, fieldsType: _type, ...manager }: Fields) => manager);
}

const hasContainers: ReadonlySet<Resource> = new Set(['pods', 'daemonsets', 'deployments', 'replicasets']);

/** Of containers: what nobody asks for, and what may hold anything. */
const leftOut: ReadonlySet<string> = new Set([
  'env',
  'envFrom',
  'command',
  'args',
  'volumes',
  'volumeMounts',
  'lifecycle',
  'securityContext',
  'livenessProbe',
  'startupProbe',
  'resources',
]);

function withoutContainerDetails(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutContainerDetails);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => (leftOut.has(name) ? [] : [[name, withoutContainerDetails(one)]])),
  );
}

export interface SecretStub {
  readonly stub: KubeObject;
  /** How many of its fields are not in it as they are. */
  readonly leftOut: number;
}

/** The fields stay by their names; their values are the certificates in them, and nothing else. */
export function secretStub({ apiVersion, kind, metadata, type, data }: KubeObject): SecretStub {
  const { name, namespace, creationTimestamp, annotations } = metadata;
  const managedFields = managersOf({ metadata });
  const fields = Object.entries((data ?? {}) as Fields).map(
    ([field, value]) => [field, value, publicPart(value)] as const,
  );
  const issuer = Object.entries(annotations ?? {}).filter(([one]) => one.startsWith('cert-manager.io/'));
  return {
    stub: {
      ...(apiVersion === undefined ? {} : { apiVersion }),
      ...(kind === undefined ? {} : { kind }),
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
        ...(issuer.length > 0 ? { annotations: Object.fromEntries(issuer) } : {}),
        ...(managedFields.length > 0 ? { managedFields } : {}),
      },
      type,
      data: Object.fromEntries(fields.map(([field, , kept]) => [field, kept])),
    },
    leftOut: fields.filter(([, value, kept]) => value !== kept).length,
  };
}

/** The blocks of certificates in base64; empty where there are none. RFC 7468 section 5. */
function publicPart(value: unknown): string {
  if (typeof value !== 'string') return '';
  const text = Buffer.from(value, 'base64').toString('latin1');
  const blocks = text.match(/-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[A-Za-z0-9+/=\s]+-----END \1-----/g) ?? [];
  const kept = blocks.map((block) => `${block}\n`).join('');
  return kept.trim() === text.trim() ? value : Buffer.from(kept, 'latin1').toString('base64');
}
