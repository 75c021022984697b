import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { commands } from '#commands/all.gen.ts';
import { exitCodeMeaning } from '#core/exit-code.ts';
import { withDemo } from '../support/run-command.ts';

const terminal = (columns: number) => ({ terminal: { isTTY: true, columns, color: false } });

test('every command is in the overview, in its group, on one screen', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out } = await kii('help', terminal(120));
    assert.is(code, 0);
    for (const { name } of commands) assert.match(out, new RegExp(`^  ${name} +\\S`, 'm'));
    const lines = out.split('\n');
    assert.ok(lines.length <= 50, `${lines.length} lines`);
    assert.ok(lines.every((line) => line.length <= 120));
    assert.is((await kii(['--help'], terminal(120))).out, out);
  }));

test('help of every command is broken between words on a terminal of 80 columns, and not in a pipe', () =>
  withDemo({}, async ({ kii }) => {
    for (const { name, examples } of commands) {
      const { code, out } = await kii(['help', name], terminal(80));
      assert.is(code, 0, name);
      const copied = new Set(
        examples.flatMap(({ args, describe }) => [`  kubectl istio-ingress ${args}`, `  # ${describe}`]),
      );
      const long = out
        .split('\n')
        .filter(
          (line) => line.length > 80 && !copied.has(line) && !line.startsWith('  ') && !line.startsWith('Usage:'),
        );
      assert.equal(long, [], name);
      assert.is((await kii([name, '--help'])).out, (await kii(['help', name])).out);
    }
  }));

test('20 and 300 columns, and no terminal at all', () =>
  withDemo({}, async ({ kii }) => {
    const texts = await Promise.all([20, 300].map((columns) => kii('help routes', terminal(columns))));
    const words = (text: string): string => text.replace(/\s+/g, ' ');
    for (const { code, out } of texts) assert.equal([code, words(out)], [0, words((await kii('help routes')).out)]);
  }));

test('help exit-codes has the meaning of each', () =>
  withDemo({}, async ({ kii }) => {
    const { out } = await kii('help exit-codes');
    for (const [code, meaning] of Object.entries(exitCodeMeaning))
      assert.match(out, `${code}  ${meaning.replaceAll('`', '')}`);
  }));

test('help rbac prints roles that can be applied, and says what the right to forward ports is', () =>
  withDemo({}, async ({ kii }) => {
    const { out } = await kii('help rbac');
    assert.match(out, 'pods/portforward IS write access');
    const yaml = out.slice(out.indexOf('# Reads everything'), out.indexOf('\nWithout '));
    const roles = parseAllDocuments(yaml).map((document) => document.toJS());
    assert.equal(
      roles.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
      ['Role/istio-ingress-viewer', 'Role/istio-ingress-operator', 'ClusterRole/istio-ingress-cluster'],
    );
    const [viewer] = roles;
    assert.equal(
      viewer.rules.find((rule: { resources: string[] }) => rule.resources.includes('pods/portforward')).verbs,
      ['get', 'create'],
    );
    assert.not.match(JSON.stringify(viewer), /secrets|exec/);
  }));

test('a misspelt topic, command, flag, or argument is told the right one', () =>
  withDemo({}, async ({ kii }) => {
    const hints = await Promise.all(
      ['help rbca', 'rotues', 'routes --hots a', 'completion bsh', 'routes -o jsn'].map((words) => kii(words)),
    );
    assert.equal(
      hints.map(({ code, err }) => [code, /did you mean (\S+)\?/.exec(err)?.[1]]),
      [
        [2, '"rbac"'],
        [2, '"routes"'],
        [2, '--host'],
        [2, 'bash'],
        [2, 'json'],
      ],
    );
  }));

test.run();
