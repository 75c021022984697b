// What a pod's admin port answered, from the files in which it is saved: filters are applied to the whole answers.

import type { Admin, AdminRequest } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import type { Pod } from '#core/fleet.ts';
import { queryDump } from '#dump/query.ts';
import { unreadSections } from '#dump/unread-sections.ts';
import { dumpFile, loggingFile, podFiles } from './saved-format.ts';

export interface SavedAnswers {
  read(file: string): Promise<Buffer>;
  json(file: string): Promise<unknown>;
}

/** `note` is told what of the dump no question asks for. */
export function savedAdmin(saved: SavedAnswers, pod: Pod, note: (line: string) => void = () => {}): Admin {
  let whole: Promise<unknown> | undefined;
  const dump = (): Promise<unknown> => {
    whole ??= saved.json(dumpFile).then((json) => {
      for (const what of unreadSections(json))
        note(`a pod's ${dumpFile} has ${what}, which this tool does not read: no answer takes it into account`);
      return json;
    });
    return whole;
  };
  return {
    pod,
    get: async (request) => {
      const known = podFiles.find((one) => isSame(one.request, unfiltered(request)));
      if (known) return saved.read(known.file);
      if (request.path === 'config_dump') return queryWhole(await dump(), request, pod);
      throw notSaved(`${request.path} of ${pod.name}`);
    },
    logging: async (change) => {
      if (change) throw new ToolError('unsupported', 'cannot change log levels of what is saved');
      return (await saved.read(loggingFile)).toString('utf8');
    },
  };
}

/** For what is in neither a directory nor a snapshot. */
export const notSaved = (what: string): ToolError =>
  new ToolError('unsupported', `cannot read ${what}: config-dump does not save it`, {
    hint: 'to ask the cluster, leave --from out',
  });

const isSame = (a: AdminRequest, b: AdminRequest): boolean =>
  a.path === b.path && describeQuery(a) === describeQuery(b);

/** The order of a query's parameters means nothing. */
function describeQuery({ query }: AdminRequest): string {
  const parameters = new URLSearchParams(query);
  parameters.sort();
  return String(parameters);
}

/** Stats and clusters are saved as a whole: whoever asks for some of them gets more. */
function unfiltered(request: AdminRequest): AdminRequest {
  const { filter: _, ...query } = request.query ?? {};
  return request.path === 'stats' || request.path === 'clusters' ? { path: request.path, query } : request;
}

function queryWhole(dump: unknown, { query }: AdminRequest, pod: Pod): Buffer {
  const { status, body } = queryDump(dump, new URLSearchParams(query));
  if (status === 200) return Buffer.from(body);
  throw new ToolError('unsupported', `cannot read config_dump of ${pod.name}: ${body}`);
}
