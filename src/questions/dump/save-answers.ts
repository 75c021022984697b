// What pods and istiods answer, and Kubernetes objects, written into files without secrets: of a directory or an archive.

import { createHash } from 'node:crypto';
import type { Admin, IstiodDebug } from '#core/admin.ts';
import { isDnsName } from '#core/dns-name.ts';
import { ToolError } from '#core/error.ts';
import { type Gateway, hasAnswered, type Pod, type PodOutcome } from '#core/fleet.ts';
import { parseJson } from '#core/json.ts';
import { triedTo } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { readAdminBody } from '#dump/admin-body.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { fetchJson } from '#envoy/admin.ts';
import { readMesh } from '#istiod/mesh.ts';
import { type Failure, istiodFiles, loggingFile, type podFiles } from '#source/saved-format.ts';

/** Where the files go. */
export interface Saving {
  /** `path` has slashes, and is new. */
  write(path: string, text: string): Promise<void>;
  /** The text of what a pod answered as JSON. */
  jsonText(json: unknown): string;
  /** What each pod is asked for. */
  readonly podFiles: typeof podFiles;
}

export const indented = (json: unknown): string => `${JSON.stringify(json, null, 1)}\n`;

/** A name becomes a part of a path: an API server that names a pod `..` is not followed. */
function pathName({ name }: Pod): string {
  if (isDnsName(name)) return name;
  throw new ToolError(
    'bad-answer',
    `cannot save the pod ${JSON.stringify(name.slice(0, 60))}: that is no DNS name, as names of pods are`,
  );
}

/** Such a pod stands in the index as one that failed, under a name that says so. */
export const indexName = (name: string): string =>
  isDnsName(name) ? name : `not-saved-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;

export const indexPod = (pod: Pod): Pod => ({ ...pod, name: indexName(pod.name) });

export const indexGateway = (gateway: Gateway): Gateway => ({
  ...gateway,
  pods: gateway.pods.map(indexPod),
  others: gateway.others.map(indexPod),
});

export interface SavedPod {
  readonly bytes: number;
  /** What it answered, by file, without secrets. */
  readonly answers: ReadonlyMap<string, unknown>;
}

export async function savePod(admin: Admin, saving: Saving): Promise<SavedPod> {
  let bytes = 0;
  const answers = new Map<string, unknown>();
  const directory = `pods/${pathName(admin.pod)}`;
  const save = async (file: string, text: string): Promise<void> => {
    await saving.write(`${directory}/${file}`, text);
    bytes += text.length;
  };
  for (const { request, file } of saving.podFiles) {
    const json = await withoutSecrets(await fetchJson(admin, request));
    answers.set(file, json);
    await save(file, saving.jsonText(json));
  }
  await save(loggingFile, await admin.logging());
  return { bytes, answers };
}

export interface SavedIstiods {
  readonly outcomes: readonly PodOutcome<number>[];
  /** Where they could not be listed. */
  readonly failure: Failure | undefined;
}

export async function saveIstiods(source: Source, saving: Saving): Promise<SavedIstiods> {
  const asked = await answerOrFailure(source.everyIstiod((debug) => saveIstiod(debug, saving)));
  return 'code' in asked ? { outcomes: [], failure: asked } : { outcomes: asked, failure: undefined };
}

async function saveIstiod(debug: IstiodDebug, { write }: Saving): Promise<number> {
  const directory = `istiods/${pathName(debug.pod)}`;
  let bytes = 0;
  for (const { path, file } of istiodFiles) {
    const text = path === 'debug/mesh' ? await meshText(debug) : await bodyOf(debug, path);
    if (text === undefined) continue;
    await write(`${directory}/${file}`, text);
    bytes += text.length;
  }
  return bytes;
}

const bodyOf = async (debug: IstiodDebug, path: Parameters<IstiodDebug['get']>[0]): Promise<string> =>
  (await readAdminBody(await debug.get(path))).text;

/** Undefined where istiod does not say it: what it knows of proxies is worth more than that. */
async function meshText(debug: IstiodDebug): Promise<string | undefined> {
  const tried = await triedTo(bodyOf(debug, 'debug/mesh').then((text) => readMesh(parseJson(text, 'debug/mesh'))));
  return 'ok' in tried ? indented(tried.ok) : undefined;
}

export async function answerOrFailure<T extends object>(asked: Promise<T>): Promise<T | Failure> {
  const tried = await triedTo(asked);
  return 'ok' in tried ? tried.ok : asFailure(tried.failed);
}

export const asFailure = ({ code, message, hint }: ToolError): Failure => ({ code, message, hint });

/** By pod. */
export const failuresOf = (outcomes: readonly PodOutcome<unknown>[]): Readonly<Record<string, Failure>> =>
  Object.fromEntries(
    outcomes.flatMap((outcome) =>
      hasAnswered(outcome) ? [] : [[indexName(outcome.pod.name), asFailure(outcome.failed)]],
    ),
  );
