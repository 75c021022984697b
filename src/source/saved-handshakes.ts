// TLS handshakes of then: what came of each, by pod, port and what the client offered.

import type { ClientHello, Handshake } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import { checked, list, number, object, oneOf, optional, type Schema, text } from '#core/schema.ts';
import type { SavedFiles } from './saved-files.ts';
import { type Failure, failureSchema, handshakesFile, savedFailure } from './saved-format.ts';

export interface SavedHandshake {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  readonly serverName: string | undefined;
  readonly alpn: readonly string[];
  readonly outcome: Handshake['outcome'] | 'failed';
  /** DER in base64, leaf first. */
  readonly chain?: readonly string[] | undefined;
  readonly protocol?: string | undefined;
  readonly chosenAlpn?: string | undefined;
  readonly why?: string | undefined;
  readonly failure?: Failure | undefined;
}

const handshakeSchema: Schema<SavedHandshake> = object<SavedHandshake>({
  namespace: text,
  pod: text,
  port: number,
  serverName: optional(text) as Schema<string | undefined>,
  alpn: list(text),
  outcome: oneOf('certificate', 'closed', 'failed'),
  chain: optional(list(text)),
  protocol: optional(text),
  chosenAlpn: optional(text),
  why: optional(text),
  failure: optional(failureSchema),
});

/** Throws what it came to then, or `unsupported` where nobody tried. */
export async function savedHandshake(
  files: SavedFiles,
  pod: PodRef,
  port: number,
  { serverName, alpn }: ClientHello,
): Promise<Handshake> {
  const all = checked(list(handshakeSchema), await files.json(handshakesFile), handshakesFile);
  const saved = all.find(
    (one) =>
      one.namespace === pod.namespace &&
      one.pod === pod.name &&
      one.port === port &&
      one.serverName === serverName &&
      one.alpn.join() === alpn.join(),
  );
  if (saved === undefined)
    throw new ToolError(
      'unsupported',
      `cannot open TLS to ${pod.namespace}/${pod.name}:${port}: it was not tried when the snapshot was made`,
      {
        hint: 'snapshot --served tries every host, or to ask the cluster, leave --from out',
      },
    );
  if (saved.failure) throw savedFailure(saved.failure);
  if (saved.outcome === 'closed') return { outcome: 'closed', why: saved.why ?? '' };
  return {
    outcome: 'certificate',
    chain: (saved.chain ?? []).map((der) => Buffer.from(der, 'base64')),
    protocol: saved.protocol ?? '',
    alpn: saved.chosenAlpn,
  };
}

/** The entry that `savedHandshake` reads. */
export function handshakeEntry(
  pod: PodRef,
  port: number,
  { serverName, alpn }: ClientHello,
  came: Handshake | { readonly failure: Failure },
): SavedHandshake {
  const key = { namespace: pod.namespace, pod: pod.name, port, serverName, alpn };
  if ('failure' in came) return { ...key, outcome: 'failed', failure: came.failure };
  if (came.outcome === 'closed') return { ...key, ...came };
  const { chain, protocol, alpn: chosenAlpn } = came;
  return { ...key, outcome: 'certificate', chain: chain.map((der) => der.toString('base64')), protocol, chosenAlpn };
}
