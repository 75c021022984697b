// Which version of a kind the API server serves: the newest nearly everywhere, an older one in clusters whose Istio is
// older. The tool tries versions and does not ask for the list: discovery would cost every command a request.

import { type Kind, kinds, type Resource } from '#core/kinds.ts';
import { type Cache, openCache } from './user-cache.ts';

export interface ServedVersions {
  /** In the order in which they are to be tried. */
  toTry(resource: Resource): Kind['versions'];
  /** This one is served. */
  remember(resource: Resource, version: string): void;
}

/** Keeps an older version for the next process. */
export interface VersionStore {
  read(resource: Resource): string | undefined;
  write(resource: Resource, version: string): void;
}

/**
 * Only versions other than the newest are written: the newest is tried first anyway. A remembered version that the
 * server no longer has costs one more request.
 */
export function servedVersions(store: VersionStore = { read: () => undefined, write: () => {} }): ServedVersions {
  const served = new Map<Resource, string>();
  const known = (resource: Resource): string | undefined => {
    const { versions } = kinds[resource];
    // Most kinds have one version: nothing is read from disk for them.
    const version = served.get(resource) ?? (versions.length > 1 ? store.read(resource) : undefined);
    return version !== undefined && versions.includes(version) ? version : undefined;
  };
  return {
    toTry: (resource) => {
      const { versions } = kinds[resource];
      const first = known(resource);
      return first === undefined ? versions : [first, ...versions.filter((version) => version !== first)];
    },
    remember: (resource, version) => {
      if (version !== (known(resource) ?? kinds[resource].versions[0])) store.write(resource, version);
      served.set(resource, version);
    },
  };
}

const dayMs = 24 * 3_600_000;

/** In the user's cache directory, for a day. `who` is the API server with the user that asks it. */
export function versionsOfTheDay(env: Readonly<Record<string, string | undefined>>, who: unknown): VersionStore {
  const cacheOf = (resource: Resource): Cache<string> => openCache<string>(env, ['version', who, resource], dayMs);
  return {
    read: (resource) => cacheOf(resource).read(Date.now()),
    write: (resource, version) => cacheOf(resource).write(version, Date.now()),
  };
}
