// `serve`: snapshots as API servers, for kubectl and all that works with it.

import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ServedCluster } from '#apiserver/cluster.ts';
import type { ServedContext } from '#apiserver/kubeconfig.ts';
import type { ApiServer } from '#apiserver/server.ts';
import { type Context, defineCommand } from '#command/command.ts';
import { raceAbort } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';

export default defineCommand({
  name: 'serve',
  group: 'tool',
  summary: 'A snapshot as an API server on this machine: kubectl, k9s, stern and istioctl work on the incident',
  details: `Prints the KUBECONFIG to use, and serves until Ctrl-C on 127.0.0.1, with a token. Several snapshots are several contexts. What works: get, describe,
logs, port-forward to Envoy's and istiod's debug ports, exec of pilot-agent request GET PATH. By the clock of then: ages, and --since of logs.
Nothing can be changed, and what is not in a snapshot (ConfigMaps, other containers) is not there.`,
  examples: [
    { args: 'serve incident.tgz', describe: 'then, in another terminal: export KUBECONFIG=…; kubectl get pods' },
    { args: 'serve before.tgz incident.tgz', describe: 'two contexts: kubectl --context before get pods' },
    { args: 'serve incident.tgz --port 7443', describe: 'at a port that is known, for a tunnel' },
  ],
  arguments: [{ name: 'FILE', describe: 'a snapshot', variadic: true, completes: 'file' }],
  flags: {
    port: {
      type: 'number',
      value: 'N',
      default: 0,
      describe: 'the local port, 0 for a free one; several snapshots take this one and those after it',
    },
  },
  outputs: [],
  usesCluster: false,
  run: async (context, { port }, files) => {
    expectPorts(port, files.length);
    const opened = await openClusters(files, context.signal);
    const servers: ApiServer[] = [];
    const { temporaryDirectory } = await import('#files/private-directory.ts');
    const directory = await temporaryDirectory('serve');
    try {
      const contexts: ServedContext[] = [];
      for (const [index, { name, namespace, cluster }] of opened.entries()) {
        const server = await start(cluster, port === 0 ? 0 : port + index);
        servers.push(server);
        contexts.push({ name, namespace, ...server });
      }
      return await serve(context, contexts, join(directory, 'kubeconfig'));
    } finally {
      await Promise.all(servers.map((server) => server.close()));
      await rm(directory, { recursive: true, force: true });
    }
  },
});

function expectPorts(port: number, files: number): void {
  if (!Number.isInteger(port) || port < 0 || port + files - 1 > 65535)
    throw new ToolError('usage', `--port takes a port from 0 to ${65536 - files}, not ${port}`);
}

async function openClusters(files: readonly string[], signal: AbortSignal) {
  const [{ openSaved }, { savedCluster }] = await Promise.all([
    import('#source/saved.ts'),
    import('#apiserver/saved-cluster.ts'),
  ]);
  const names = contextNames(files);
  return Promise.all(
    files.map(async (file, index) => {
      const source = await openSaved(file, { gateway: { namespace: '', istioNamespace: '' } }, signal);
      const { namespace } = await source.gateway();
      return { name: names[index] as string, namespace, cluster: await savedCluster(source) };
    }),
  );
}

/** The files' names; a number behind those that are there already. */
function contextNames(files: readonly string[]): string[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const name = basename(file).replace(/\.(tgz|tar\.gz)$/, '') || 'snapshot';
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name}-${n}`;
    taken.add(free);
    return free;
  });
}

async function start(cluster: ServedCluster, port: number): Promise<ApiServer> {
  const { startApiServer } = await import('#apiserver/server.ts');
  try {
    return await startApiServer(cluster, { port });
  } catch (error) {
    throw (await import('#cluster/local/loopback.ts')).cannotListen(port, error);
  }
}

async function serve(context: Context, contexts: readonly ServedContext[], path: string): Promise<never> {
  const [{ kubeconfigOf }, { writePrivateFile }] = await Promise.all([
    import('#apiserver/kubeconfig.ts'),
    import('#files/private-file.ts'),
  ]);
  await writePrivateFile(path, kubeconfigOf(contexts), false);
  await context.writeLines([`export KUBECONFIG=${path}`]);
  const all = contexts.map(({ name }) => name).join(', ');
  context.warn(`serving ${contexts.length === 1 ? all : `the contexts ${all}`} until Ctrl-C`);
  return raceAbort(new Promise<never>(() => {}), context.signal);
}
