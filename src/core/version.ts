// Versions of Envoy and Istio, as far as anything depends on them: to the minor version, and to the patch where a fix came
// to several minor versions.

/**
 * One number, which orders versions and counts minor versions within a major one: 1031 of `1.31.0` and of `1.31-dev`.
 * Undefined where the text does not begin with a version, as an Envoy that somebody built may say: what holds then is
 * the caller's to decide.
 */
export function minorOf(version: string | undefined): number | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return minor === undefined ? undefined : Number(major) * 1000 + Number(minor);
}

/** Whether `version` is older than `minor`, which is like `1.18`; undefined where the version is unknown. */
export function isBefore(version: string | undefined, minor: `${number}.${number}`): boolean | undefined {
  const [actual, first] = [minorOf(version), minorOf(minor)];
  return actual === undefined || first === undefined ? undefined : actual < first;
}

/**
 * Whether `version` has a fix that came with these releases, one of each minor version; a later minor version than all of
 * them has it, an earlier one has not. Undefined where the version is unknown.
 */
export function hasFix(
  version: string | undefined,
  releases: readonly `${number}.${number}.${number}`[],
): boolean | undefined {
  const minor = minorOf(version);
  if (minor === undefined) return undefined;
  const first = releases.find((release) => minorOf(release) === minor);
  if (first === undefined) return releases.every((release) => (minorOf(release) ?? 0) < minor);
  return patchOf(version) >= patchOf(first);
}

const patchOf = (text = ''): number => Number(/^\d+\.\d+\.(\d+)/.exec(text)?.[1] ?? 0);
