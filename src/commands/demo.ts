// `demo`: a small cluster in this process, for trying every command without one. The tour runs by itself.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, defineCommand, type Outcome } from '#command/command.ts';
import { raceAbort } from '#core/concurrency.ts';

interface Step {
  readonly say: string;
  readonly args: string;
}

const tour: readonly Step[] = [
  { say: 'Three gateway pods, one of them cut off from istiod; a node without a pod.', args: 'status' },
  { say: 'What does that pod serve that the others do not?', args: 'diff --pod istio-ingressgateway-l9b5b' },
  { say: 'What does the ingress do with the paths of a host?', args: 'routes --host svc1.discovery.wmnet' },
  { say: 'Where does a request go, through every pod?', args: 'explain https://svc1.discovery.wmnet/two' },
  { say: 'Which certificate do the clients of a host get, and until when?', args: 'certs svc5.discovery.wmnet' },
  { say: 'What is wrong with the ingress of a service, and what is to be done?', args: 'check --for svc3' },
];

export default defineCommand({
  name: 'demo',
  group: 'tool',
  summary: 'Try every command on a small cluster inside this process, with no cluster at all',
  details: `Without arguments: a tour. With arguments: that one command, e.g. demo routes --host svc1.discovery.wmnet; put -- before
them where they have flags. The demo replays three recorded gateways; its clock stands at the time of the recording.`,
  examples: [
    { args: 'demo', describe: 'the tour' },
    { args: 'demo -- routes --host svc1.discovery.wmnet', describe: 'one command against the demo' },
    { args: 'demo --serve --pods 200', describe: 'a fleet of two hundred pods' },
    { args: 'demo --serve', describe: 'serve it for kubectl and for this tool in another terminal' },
  ],
  arguments: [
    { name: 'command', describe: 'a command of this tool', optional: true, variadic: true, completes: 'command' },
  ],
  flags: {
    serve: { type: 'boolean', describe: 'serve the demo until Ctrl-C and print the KUBECONFIG to use' },
    pods: {
      type: 'number',
      value: 'N',
      default: 3,
      describe: 'gateway pods; the recorded ones are three, the others are like them',
    },
  },
  outputs: [],
  usesCluster: false,
  knowsOthers: true,
  run: async (context, flags, args) => {
    const [{ startDemo }, { temporaryDirectory }] = await Promise.all([
      import('#demo/server.ts'),
      import('#files/private-directory.ts'),
    ]);
    const directory = await temporaryDirectory('demo');
    const demo = await startDemo({ pods: flags.pods, traffic: 'busy' });
    try {
      const kubeconfig = join(directory, 'kubeconfig');
      await writeFile(kubeconfig, demo.kubeconfig, { mode: 0o600 });
      if (flags.serve) return await serve(context, kubeconfig);
      const overrides = { env: { KUBECONFIG: kubeconfig }, now: demo.now };
      if (args.length > 0) return { text: [], exitCode: await context.invoke(args, overrides) };
      return await runTour(context, overrides);
    } finally {
      await demo.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
});

async function serve(context: Context, kubeconfig: string): Promise<Outcome> {
  await context.writeLines([`export KUBECONFIG=${kubeconfig}`]);
  context.warn('serving the demo cluster until Ctrl-C');
  return raceAbort(new Promise<never>(() => {}), context.signal);
}

async function runTour(context: Context, overrides: Parameters<Context['invoke']>[1]): Promise<Outcome> {
  for (const { say, args } of tour) {
    await context.writeLines([`# ${say}`, `$ kubectl istio-ingress ${args}`]);
    await context.invoke(args.split(' '), overrides);
    await context.writeLines(['']);
  }
  return { text: ['Run any command on it: kubectl istio-ingress demo -- COMMAND [flags]'] };
}
