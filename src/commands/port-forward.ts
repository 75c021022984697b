// `port-forward`: a local door to the admin port of one pod, or with --raw plain TCP to any of its ports.

import { type Context, defineCommand } from '#command/command.ts';
import { ToolError } from '#core/error.ts';
import type { Forwarding } from '#questions/forward/forward.ts';
import type { Forwarded } from '#questions/forward/local-ports.ts';
import { errorLines } from '#render/format/error.ts';

const adminPort = 15000;

export default defineCommand({
  name: 'port-forward',
  group: 'act',
  summary: "A local port for a pod's admin port that only lets reading through, or with --raw for any port",
  details: `Listens on 127.0.0.1 and ::1 until Ctrl-C, for the first ready pod, and goes on with another when that one is gone. The door to the
admin port takes GET of paths that read, one after the other, and takes credentials out: other users of this machine can reach it too.
--raw lets everything through.`,
  examples: [
    { args: 'port-forward', describe: 'http://localhost:15000 for curl and a browser' },
    { args: 'port-forward 0 --pod NAME', describe: 'of one pod, at a port that is free' },
    {
      args: 'port-forward --raw 9443:8443',
      describe: 'TLS to the gateway itself: openssl s_client -connect localhost:9443',
    },
  ],
  arguments: [
    {
      name: 'PORT',
      describe: 'the local port, 15000 by default, 0 for a free one; with --raw [LOCAL:]REMOTE, several',
      optional: true,
      variadic: true,
    },
  ],
  flags: { raw: { type: 'boolean', describe: 'plain TCP to these ports of the pod' } },
  outputs: [],
  needsLive: true,
  run: async (context, { raw }, words) => {
    const ports = raw ? rawPorts(words) : [doorPort(words)];
    // Loaded only now: it needs an HTTP server.
    const { forwardAdmin, forwardRaw } = await import('#questions/forward/forward.ts');
    const forwarding = forwardingOf(context, raw);
    return raw
      ? forwardRaw(await context.source(), forwarding, ports)
      : forwardAdmin(forwarding, ports[0]?.local ?? adminPort);
  },
});

const forwardingOf = ({ signal, freshSource, warn, writeLines, terminal }: Context, isRaw: boolean): Forwarding => ({
  open: () => freshSource(signal),
  signal,
  opened: async ({ local, remote }, { namespace, name }) => {
    if (!isRaw)
      return writeLines([`http://localhost:${local} is the admin port of ${namespace}/${name}, for GET of what reads`]);
    await writeLines([`localhost:${local} is port ${remote} of ${namespace}/${name}`]);
    if (remote === adminPort) warn(adminWarning(local));
  },
  failed: (error) => {
    for (const line of errorLines(error, terminal.color)) warn(line);
  },
  moved: (from, to) => warn(`${from.name} is gone: going on with ${to.name}`),
});

const adminWarning = (port: number): string =>
  `warning: who can reach localhost:${port} on this machine can now end Envoy and change its settings; without --raw only reading is let through`;

function doorPort(words: readonly string[]): Forwarded {
  const [word = String(adminPort), ...more] = words;
  if (more.length > 0)
    throw new ToolError('usage', `port-forward takes one port for the admin port, not "${words.join(' ')}"`, {
      hint: 'other ports need --raw',
    });
  if (word.includes(':'))
    throw new ToolError('usage', `port-forward takes a local port, not "${word}"`, {
      hint: 'other ports than the admin port need --raw',
    });
  return { local: readPort(word, 0), remote: adminPort };
}

function rawPorts(words: readonly string[]): readonly Forwarded[] {
  if (words.length === 0)
    throw new ToolError('usage', '--raw needs ports: [LOCAL:]REMOTE', {
      hint: 'e.g. kubectl istio-ingress port-forward --raw 9443:8443',
    });
  return words.map((word) => {
    const [first = '', second, ...more] = word.split(':');
    if (more.length > 0) throw new ToolError('usage', `--raw takes [LOCAL:]REMOTE, not "${word}"`);
    // As kubectl: `:8443` chooses the local port.
    return { local: readPort(first === '' ? '0' : first, 0), remote: readPort(second ?? first, 1) };
  });
}

function readPort(text: string, least: number): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= least && port <= 65535) return port;
  throw new ToolError('usage', `"${text}" is no port: a port is a number from ${least} to 65535`);
}
