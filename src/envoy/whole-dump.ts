// A whole `/config_dump` only where the pod's memory has room for it: Envoy makes all of it at once, as messages and as
// one text, while the gateway serves (envoy source/server/admin/config_dump_handler.cc; in envoy#46911, 189 MiB of
// configuration took 3 GiB). Where there is none, the same is asked for piece by piece.

import type { Admin, AdminRequest } from '#core/admin.ts';
import { isMadeAtOnce } from '#core/admin-path.ts';
import { field } from '#core/json.ts';
import { fetchJson } from './admin.ts';
import { fetchPieces } from './dump-pieces.ts';

const mebibyte = 1024 * 1024;

/**
 * What Envoy's heap may grow to while it makes a whole dump, in times of what is allocated before. Measured on Envoy
 * 1.40 (docs/bench.md): 1.8 as istiod configures it, up to 3.8 where there are hardly any clusters.
 */
const heapTimes = 4;

/** What else the container holds: Envoy's program, 54 MiB, and pilot-agent, 36 MiB where it has little to do. */
const besidesHeapBytes = 128 * mebibyte;

/** For all pods of a source. `note` is told why a dump came in pieces and, once, that a limit is not known. */
export function memoryGuard(note: (line: string) => void): (admin: Admin) => Admin {
  let isLimitMissed = false;
  const noteNoLimit = ({ namespace, name }: Admin['pod']): void => {
    if (!isLimitMissed)
      note(`${namespace}/${name} has no memory limit: whether there is room for a whole dump is not known`);
    isLimitMissed = true;
  };
  const getWhole = async (admin: Admin, request: AdminRequest): Promise<Buffer> => {
    const { namespace, name, memoryLimit } = admin.pod;
    if (memoryLimit === undefined) noteNoLimit(admin.pod);
    const why = memoryLimit && whyNotWhole(memoryLimit, await fetchAllocated(admin));
    if (!why) return admin.get(request);
    const { dump, answers, missing } = await fetchPieces(admin, request.query ?? {});
    const without = missing.length === 0 ? '' : `, without ${missing.join(', ')}`;
    note(`${namespace}/${name}: ${why}: put together from ${answers} answers, which are not of one moment${without}`);
    return Buffer.from(`${JSON.stringify(dump, null, 1)}\n`);
  };
  return (admin) => ({
    ...admin,
    get: (request) => (isMadeAtOnce(request) ? getWhole(admin, request) : admin.get(request)),
  });
}

/** Undefined where there is room. */
function whyNotWhole(limit: number, allocated: number | undefined): string | undefined {
  if (allocated === undefined) return 'its Envoy does not say how much memory it holds, and a whole dump may not fit';
  const need = allocated * heapTimes + besidesHeapBytes;
  if (need <= limit) return undefined;
  const [holds, takes, most] = [allocated, need, limit].map((bytes) => `${Math.round(bytes / mebibyte)} MiB`);
  return `its Envoy holds ${holds}, and with a whole dump the container could need ${takes} of its limit of ${most}`;
}

/** Bytes. An Envoy that was built without tcmalloc says 0 (source/common/memory/stats.cc). */
async function fetchAllocated(admin: Admin): Promise<number | undefined> {
  return Number(field(await fetchJson(admin, { path: 'memory' }), 'allocated')) || undefined;
}
