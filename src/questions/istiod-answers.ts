// What every istiod is asked for: which proxies it knows and in which state, and its version.

import type { IstiodDebug } from '#core/admin.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { parseJson } from '#core/json.ts';
import { type Known, orWhyNot } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { unusualSettings } from '#istiod/mesh.ts';
import { readSyncz } from '#istiod/syncz.ts';
import type { IstiodAnswer } from '#model/gathered.ts';

/** Missing where istiods cannot be listed: the answer of the pods stands without them. */
export const askIstiods = <T>(
  source: Source,
  ask: (debug: IstiodDebug) => Promise<T>,
): Promise<Known<readonly PodOutcome<T>[]>> => orWhyNot(source.everyIstiod(ask));

export const fetchSync = async (debug: IstiodDebug): Promise<IstiodAnswer['proxies']> =>
  readSyncz(parseJson(await debug.get('debug/syncz'), `debug/syncz of ${debug.pod.name}`));

/** Settings of the mesh that the rules of this tool do not know; none where no istiod says. */
export async function askUnusualSettings(source: Source): Promise<readonly string[]> {
  const asked = await askIstiods(source, async (debug) =>
    unusualSettings(parseJson(await debug.get('debug/mesh'), `debug/mesh of ${debug.pod.name}`)),
  );
  return 'known' in asked ? [...new Set(asked.known.filter(hasAnswered).flatMap(({ ok }) => ok))] : [];
}

export const fetchVersion = async (debug: IstiodDebug): Promise<string> =>
  readIstiodVersion((await debug.get('version')).toString());

/** istiod's `/version` is text: VERSION-GITREVISION-STATUS. Source: istio pkg/version BuildInfo.String. */
const readIstiodVersion = (text: string): string => text.trim().replace(/-[^-]*-[^-]*$/, '');
