// Every next step that is printed here runs, and shows what it is about: with a pod that istiod does not reach, and with
// what goes wrong in the mesh of the harness anyway.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adviceIn } from '../support/next-steps.ts';
import { paste } from './incidents/findings.ts';
import { apply, type Gateway, gateways, harness, kii, kubectl, request, until } from './truth/cluster.ts';

const [first, , last] = gateways() as readonly [Gateway, Gateway, Gateway];
const [host, unrouted] = ['svc1.discovery.wmnet', '/next-steps-without-a-route'];

/** Where a step may end with it, what it is printed for was found. */
const mayFind = /^kubectl istio-ingress (?:check|diff)\b/;

const documents = [
  ['check'],
  ['check', '--for', 'svc3'],
  ['certs'],
  ['explain', 'https://nosecret.discovery.wmnet/'],
  ['explain', 'https://nocluster.discovery.wmnet/'],
  ['explain', 'https://nobody.discovery.wmnet/'],
];

/** These print their steps for people alone. */
const texts = [
  ...documents,
  ['status'],
  ['diff'],
  // Other tests have thousands of requests in the log.
  ['logs', '--explain', '--flag', 'NR', '--path', unrouted, '--host', host],
];

/** The log of a pod does not name it. */
const isLog = (command: string): boolean => /^kubectl -n \S+ logs /.test(command);

const outputs = new Map<string, string>();

async function outputOf(command: string): Promise<string> {
  const before = outputs.get(command);
  if (before !== undefined) return before;
  const { code, out, err } = await paste(command);
  assert.ok(code === 0 || (code === 1 && mayFind.test(command)), `${command} ends with ${code}\n${err}`);
  outputs.set(command, out);
  return out;
}

const printed = (text: string): readonly string[] =>
  [...text.matchAll(/^\s+(?:next: )?(kubectl .+)$/gm)].map(([, command = '']) => command);

/** What a command names: hosts, pods, objects. Of those that name nothing the output only has to be there. */
const subjectsOf = (command: string): readonly string[] =>
  command
    .replace(/'/g, '')
    .split(' ')
    .map((word, index, words) => ({
      subject: word.replace(/^(?:https?|kubernetes):\/\//, '').replace(/[:/].*$/, ''),
      isNamed: ['--name', '--pod', '--host'].includes(words[index - 1] ?? ''),
    }))
    .filter(({ subject, isNamed }) => isNamed || /^[\w*-]+(?:\.[\w-]+)*\.wmnet$|^istio-ingressgateway-/.test(subject))
    .map(({ subject }) => subject);

test.before(async () => {
  harness('cut', [last.node, 'on']);
  const route = { match: [{ uri: { prefix: '/next-steps' } }], directResponse: { status: 418 } };
  apply({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'next-steps', namespace: 'svc8' },
    spec: { hosts: ['svc8.discovery.wmnet'], gateways: ['svc8/svc8-main'], http: [route] },
  });
  await until('the pod is behind', async () => (await kii('diff')).out.includes(last.pod));
  assert.is(request(first, `https://${host}:8443${unrouted}`), 404);
});

test.after(async () => {
  harness('cut', [last.node, 'off']);
  kubectl('-n', 'svc8', 'delete', 'virtualservice', 'next-steps', '--ignore-not-found');
  await kii('wait', '--for', 'synced', '--timeout', '1m');
});

test('those of documents run, and what each is about is named by one beside it', async () => {
  for (const words of documents) {
    const { out } = await kii(...words, '-o', 'json');
    for (const { steps, names } of adviceIn(JSON.parse(out))) {
      const all = (await Promise.all(steps.map(outputOf))).join();
      assert.ok(
        names.length === 0 ||
          [...names, ...steps.flatMap(subjectsOf)].some((name) => all.includes(name)) ||
          steps.every(isLog),
        `${words.join(' ')}: ${steps.join(', ')}: none of ${names.join()}`,
      );
    }
  }
  assert.ok(outputs.size >= 10, [...outputs.keys()].join('\n'));
});

test('those of tables and lines run, and show what they name', async () => {
  const without: string[] = [];
  for (const words of texts) {
    const steps = printed((await kii(...words)).out);
    if (steps.length === 0) without.push(words.join(' '));
    for (const step of new Set(steps)) {
      const out = await outputOf(step);
      const subjects = isLog(step) ? [] : subjectsOf(step);
      assert.ok(out !== '', `${step} prints nothing`);
      assert.ok(
        subjects.length === 0 || subjects.some((one) => out.includes(one)),
        `${step}: none of ${subjects}\n${out}`,
      );
    }
  }
  // It shows what differs, and leads nowhere.
  assert.equal(without, ['diff']);
});

test.run();
