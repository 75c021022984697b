// What every istiod is asked for: which proxies it knows and in which state, and its version.

import type { IstiodDebug } from '#core/admin.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { parseJson } from '#core/json.ts';
import { type Known, orWhyNot } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { readMesh } from '#istiod/mesh.ts';
import { readSyncz } from '#istiod/syncz.ts';
import type { IstiodAnswer } from '#model/gathered.ts';
import type { MeshSettings } from '#model/mesh-settings.ts';

/** Missing where istiods cannot be listed: the answer of the pods stands without them. */
export const askIstiods = <T>(
  source: Source,
  ask: (debug: IstiodDebug) => Promise<T>,
): Promise<Known<readonly PodOutcome<T>[]>> => orWhyNot(source.everyIstiod(ask));

export const fetchSync = async (debug: IstiodDebug): Promise<IstiodAnswer['proxies']> =>
  readSyncz(parseJson(await debug.get('debug/syncz'), `debug/syncz of ${debug.pod.name}`));

/** As the istiods say it, those that do; missing where none does. */
export async function askMesh(source: Source): Promise<Known<readonly MeshSettings[]>> {
  const asked = await askIstiods(source, async (debug) =>
    readMesh(parseJson(await debug.get('debug/mesh'), `debug/mesh of ${debug.pod.name}`)),
  );
  if ('missing' in asked) return asked;
  const [first] = asked.known;
  if (first === undefined) return { missing: 'there is no istiod' };
  const answered = asked.known.filter(hasAnswered);
  return answered.length > 0 || hasAnswered(first)
    ? { known: answered.map(({ ok }) => ok) }
    : { missing: first.failed.message };
}

export const fetchVersion = async (debug: IstiodDebug): Promise<string> =>
  readIstiodVersion((await debug.get('version')).toString());

/** istiod's `/version` is text: VERSION-GITREVISION-STATUS. Source: istio pkg/version BuildInfo.String. */
const readIstiodVersion = (text: string): string => text.trim().replace(/-[^-]*-[^-]*$/, '');
