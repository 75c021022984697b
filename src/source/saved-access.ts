// What the API server said of itself and of who asked it, when a snapshot was made.

import type { ClusterAccess, Identity, Permission, ServerVersion } from '#core/cluster-access.ts';
import { ToolError } from '#core/error.ts';
import { boolean, checked, list, mapOf, number, object, optional, type Schema, text } from '#core/schema.ts';
import type { SavedFiles } from './saved-files.ts';
import { accessFile, type Failure, failureSchema, savedFailure } from './saved-format.ts';

interface Answered<T> {
  readonly answer?: T | undefined;
  readonly failure?: Failure | undefined;
}

export interface SavedAccess {
  readonly context: string;
  readonly kubeconfigs: readonly string[];
  readonly version: Answered<ServerVersion>;
  readonly whoAmI: Answered<Identity>;
  /** By `permissionKey`. */
  readonly permissions: Readonly<Record<string, boolean>>;
}

export const permissionKey = ({ verb, group, resource, namespace = '' }: Permission): string =>
  `${verb} ${resource}.${group} ${namespace}`;

const answered = <T>(answer: Schema<T>): Schema<Answered<T>> =>
  object({ answer: optional(answer), failure: optional(failureSchema) }) as Schema<Answered<T>>;

const accessSchema = object<SavedAccess>({
  context: text,
  kubeconfigs: list(text),
  version: answered(
    object<ServerVersion>({
      version: text,
      tookMs: number,
      clockAheadMs: optional(number) as Schema<number | undefined>,
    }),
  ),
  whoAmI: answered(object<Identity>({ user: text, groups: list(text) })),
  permissions: mapOf(boolean),
});

export async function savedAccess(files: SavedFiles): Promise<ClusterAccess> {
  const saved = checked(accessSchema, await files.json(accessFile), accessFile);
  return {
    context: saved.context,
    kubeconfigs: saved.kubeconfigs,
    version: async () => {
      if (saved.version.answer) return saved.version.answer;
      throw saved.version.failure ? savedFailure(saved.version.failure) : notAsked('the version');
    },
    whoAmI: async () => {
      if (saved.whoAmI.failure) throw savedFailure(saved.whoAmI.failure);
      return saved.whoAmI.answer;
    },
    mayI: async (asked) => {
      const known = saved.permissions[permissionKey(asked)];
      if (known === undefined) throw notAsked(`the right to ${asked.verb} ${asked.resource}`);
      return known;
    },
  };
}

const notAsked = (what: string): ToolError =>
  new ToolError('unsupported', `cannot tell ${what}: it was not asked for when the snapshot was made`);
