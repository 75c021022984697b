// A source whose answers are remembered while questions ask it: what a snapshot has of handshakes, Secrets and rights is
// what the questions themselves asked for.

import type { ClusterAccess } from '#core/cluster-access.ts';
import { ToolError } from '#core/error.ts';
import { triedTo } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { asFailure } from '#questions/dump/save-answers.ts';
import { permissionKey, type SavedAccess } from '#source/saved-access.ts';
import type { Failure } from '#source/saved-format.ts';
import { handshakeEntry, type SavedHandshake } from '#source/saved-handshakes.ts';

export interface Recorded {
  readonly source: Source;
  readonly handshakes: readonly SavedHandshake[];
  readonly secrets: {
    readonly found: readonly KubeObject[];
    /** `NAMESPACE/NAME` of those that do not exist. */
    readonly absent: readonly string[];
    /** Why one could not be read, and which. */
    readonly failure: Failure | undefined;
    readonly failedSecret: string | undefined;
  };
  /** Undefined where nobody asked. */
  access(): SavedAccess | undefined;
}

export function recorded(live: Source): Recorded {
  const handshakes = new Map<string, SavedHandshake>();
  const found: KubeObject[] = [];
  const absent: string[] = [];
  let failure: Failure | undefined;
  let failedSecret: string | undefined;
  let access: SavedAccess | undefined;
  const source: Source = {
    ...live,
    handshake: async (pod, port, hello) => {
      const came = await triedTo(live.handshake(pod, port, hello));
      const entry = handshakeEntry(pod, port, hello, 'ok' in came ? came.ok : { failure: asFailure(came.failed) });
      handshakes.set(JSON.stringify([pod.namespace, pod.name, port, hello]), entry);
      if ('failed' in came) throw came.failed;
      return came.ok;
    },
    read: async (resource, namespace, name) => {
      const came = await triedTo(live.read(resource, namespace, name));
      if (resource === 'secrets') {
        if ('failed' in came) {
          failure ??= asFailure(came.failed);
          failedSecret ??= `${namespace}/${name}`;
        } else if (came.ok) found.push(came.ok);
        else absent.push(`${namespace}/${name}`);
      }
      if ('failed' in came) throw came.failed;
      return came.ok;
    },
    list: async (resource, options) => {
      // One by one: Secrets that no pod names stay out of the file.
      if (resource === 'secrets') throw new ToolError('unsupported', 'Secrets are read by their names');
      return live.list(resource, options);
    },
    access: async () => {
      const asked = await live.access();
      const { context, kubeconfigs } = asked;
      let kept: SavedAccess = { context, kubeconfigs, version: {}, whoAmI: {}, permissions: {} };
      access = kept;
      return recordedAccess(asked, (change) => {
        kept = { ...kept, ...change(kept) };
        access = kept;
      });
    },
  };
  return {
    source,
    get handshakes() {
      return [...handshakes.values()];
    },
    get secrets() {
      return { found, absent, failure, failedSecret };
    },
    access: () => access,
  };
}

type Keep = (change: (before: SavedAccess) => Partial<SavedAccess>) => void;

const recordedAccess = (live: ClusterAccess, keep: Keep): ClusterAccess => ({
  context: live.context,
  kubeconfigs: live.kubeconfigs,
  version: () => kept(live.version(), (version) => keep(() => ({ version }))),
  whoAmI: () => kept(live.whoAmI(), (whoAmI) => keep(() => ({ whoAmI }))),
  mayI: async (asked) => {
    const isAllowed = await live.mayI(asked);
    keep(({ permissions }) => ({ permissions: { ...permissions, [permissionKey(asked)]: isAllowed } }));
    return isAllowed;
  },
});

async function kept<T>(
  asked: Promise<T>,
  keep: (came: { readonly answer?: T; readonly failure?: Failure }) => void,
): Promise<T> {
  const came = await triedTo(asked);
  keep('ok' in came ? { answer: came.ok } : { failure: asFailure(came.failed) });
  if ('failed' in came) throw came.failed;
  return came.ok;
}
