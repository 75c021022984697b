// The commands that are printed for the next step ask the cluster that was asked, and each of them runs.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import recording from '../../src/demo/fleet.json' with { type: 'json' };
import { adviceIn, wordsOf } from '../support/next-steps.ts';
import { type DemoCluster, withDemo } from '../support/run-command.ts';

for (const words of ['status', 'check', 'certs', 'check -o json', 'certs -o json']) {
  test(`${words} --context: every command of its next steps names the context`, () =>
    withDemo({}, async ({ kii }) => {
      const { out } = await kii(`${words} --context demo`);
      const steps = out.match(/(?<=^ +"?)kubectl [^"\n]*/gm) ?? [];
      assert.ok(steps.length > 2, out);
      assert.equal(
        steps.filter((step) => !/ --context demo(?: |$)/.test(step)),
        [],
      );
      assert.ok(steps.some((step) => step.startsWith('kubectl --context demo ')));
      assert.ok(steps.some((step) => step.startsWith('kubectl istio-ingress ')));
    }));
}

/** Where a step may end with it, what it is printed for was found. */
const mayFind = new Set(['check', 'diff']);

interface Recorded {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What kubectl would print of the demo's objects. Throws for those that are not there, as kubectl does. */
function kubectlPrints([, namespace, verb, ...rest]: readonly string[]): string {
  const [type = '', name] = verb === 'logs' ? ['pod', rest[0]] : rest;
  const plural = type.split('.')[0]?.replace(/([^s])$/, '$1s') ?? '';
  const objects: Readonly<Record<string, readonly Recorded[] | undefined>> = recording.objects;
  const found = plural
    .split(',')
    .flatMap((one) => objects[one] ?? [])
    .filter(({ metadata }) => metadata.namespace === namespace);
  const own =
    name === undefined || name.startsWith('-') ? found : found.filter(({ metadata }) => metadata.name === name);
  if (own.length === 0) throw new Error(`kubectl finds no ${type} ${name} in ${namespace}`);
  return JSON.stringify(own);
}

async function outputOf(words: readonly string[], kii: DemoCluster['kii']): Promise<string> {
  if (words[0] !== 'istio-ingress') return kubectlPrints(words);
  const { code, out, err } = await kii(words.slice(1));
  assert.ok(code === 0 || (code === 1 && mayFind.has(words[1] ?? '')), `${words.join(' ')} ends with ${code}: ${err}`);
  return out;
}

const asked = [
  'check',
  'check --for svc3',
  'certs',
  'explain https://gone.discovery.wmnet/',
  'explain https://nocluster.discovery.wmnet/',
];

test('each of them runs, and what it is about is named by one beside it', () =>
  withDemo({}, async ({ kii }) => {
    const documents = await Promise.all(asked.map(async (words) => JSON.parse((await kii(`${words} -o json`)).out)));
    const advice = documents.flatMap(adviceIn);
    const printed = (await kii('status')).out.match(/(?<=^ +)kubectl .*/gm) ?? [];
    const commands = [...new Set([...advice.flatMap(({ steps }) => steps), ...printed])];
    assert.ok(commands.length > 10, commands.join('\n'));
    const outputs = new Map<string, string>();
    for (const [command, words] of wordsOf(commands)) outputs.set(command, await outputOf(words, kii));
    for (const { steps, names } of advice) {
      const all = steps.map((one) => outputs.get(one)).join();
      assert.ok(
        names.length === 0 || names.some((name) => all.includes(name)),
        `${steps.join(', ')}: none of ${names}`,
      );
    }
  }));

test.run();
