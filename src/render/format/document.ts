// The one JSON document of every command that lists things, as data; its schema is schemas/<kind>.json.

import type { Answer } from '#command/command.ts';
import { hintText } from '#core/error.ts';
import { type Gateway, hasAnswered, type NodeWithoutPod, type PodOutcome } from '#core/fleet.ts';

export interface Document {
  readonly apiVersion: 'istio-ingress/v1';
  readonly kind: string;
  /** RFC 3339, UTC. */
  readonly generatedAt: string;
  readonly gateway: DocumentGateway;
  /** False where a pod, an istiod or a stretch of time is missing from the answer. */
  readonly complete: boolean;
  readonly pods: readonly DocumentPod[];
  readonly items: readonly unknown[];
  readonly [extra: string]: unknown;
}

interface DocumentGateway {
  readonly namespace: string;
  readonly name: string;
  readonly kind: Gateway['kind'];
  /** How many there are, those left out by `--pod` and `--node` included. */
  readonly pods: number;
  readonly nodesWanted: number | undefined;
  readonly nodesWithoutPod: readonly NodeWithoutPod[];
}

interface DocumentPod {
  readonly name: string;
  readonly node: string | undefined;
  readonly status: 'ok' | 'failed';
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string | undefined };
}

export function renderDocument(answer: Answer, now: Date): Document {
  const { gateway, view } = answer;
  return {
    apiVersion: 'istio-ingress/v1',
    kind: view.kind,
    generatedAt: now.toISOString(),
    gateway: {
      namespace: gateway.namespace,
      name: gateway.name,
      kind: gateway.kind,
      pods: gateway.pods.length + gateway.others.length,
      nodesWanted: gateway.nodesWanted,
      nodesWithoutPod: gateway.nodesWithoutPod,
    },
    complete: answer.incomplete !== true && answer.pods.every(hasAnswered),
    pods: answer.pods.map(describePod),
    ...answer.extra,
    items: answer.items.map((item) => (view.json ? view.json(item, now) : item)),
  };
}

function describePod(outcome: PodOutcome<unknown>): DocumentPod {
  const { name, node } = outcome.pod;
  if (hasAnswered(outcome)) return { name, node, status: 'ok' };
  const { code, message } = outcome.failed;
  return { name, node, status: 'failed', error: { code, message, hint: hintText(outcome.failed) } };
}
