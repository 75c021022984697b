// Where one pod has a setting that no command has words for, no command says that the pods are the same.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';

const unlike = 'istio-ingressgateway-gfn8x';
const host = 'svc1.discovery.wmnet';

const inRoutes = '"route": {';
const inManagers = '"stat_prefix": "outbound_0.0.0.0_8443';

/** `after`: what stands behind the text in the pod's dump, everywhere. */
const saved = (at: string, added: string, ask: (kii: (args: string) => Promise<{ out: string }>) => Promise<void>) =>
  withDemo({}, async ({ directory, kii }) => {
    const from = `${directory}/saved`;
    await kii(['config-dump', '--dir', from]);
    const file = `${from}/pods/${unlike}/config_dump.json`;
    const dump = readFileSync(file, 'utf8');
    assert.ok(dump.includes(at));
    writeFileSync(file, dump.replaceAll(at, `${added}, ${at}`));
    await ask((args) => kii([...args.split(' '), '--from', from]));
  });

const alike = 'rows that look alike differ in what no column shows: kubectl istio-ingress diff';

test('a header that one pod alone adds: explain and routes say so', () =>
  saved(inRoutes, '"request_headers_to_remove": ["x-a"]', async (kii) => {
    assert.match((await kii(`explain https://${host}/two`)).out, `${unlike} has another route than most pods`);
    assert.match((await kii(`routes --host ${host}`)).out, alike);
    assert.not.match((await kii(`listeners --port 443`)).out, alike);
  }));

test('a setting of the connection manager that one pod alone has: explain and listeners say so', () =>
  saved(inManagers, '"xff_num_trusted_hops": 1', async (kii) => {
    const explained = (await kii(`explain https://${host}/`)).out;
    assert.match(explained, `${unlike} has another filter chain than most pods`);
    assert.match((await kii('listeners --port 443')).out, alike);
    assert.not.match((await kii(`routes --host ${host}`)).out, alike);
  }));

test('preview names pods with a reason that not all of them have', () =>
  withDemo({}, async ({ directory, kii }) => {
    const [from, file] = [`${directory}/saved`, `${directory}/a.yaml`];
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: {name: x, namespace: svc2}\nspec: {ports: [{port: 80}]}\n';
    writeFileSync(file, service);
    await kii(['config-dump', '--dir', from]);
    const removing = (pod: string, ...names: readonly string[]): void => {
      const dump = `${from}/pods/${pod}/config_dump.json`;
      const added = `"request_headers_to_remove": ${JSON.stringify(names)}`;
      writeFileSync(dump, readFileSync(dump, 'utf8').replaceAll(inRoutes, `${added}, ${inRoutes}`));
    };
    const firstLine = async (): Promise<string> =>
      (await kii(['preview', file, '--from', from])).out.split('\n')[0] ?? '';

    removing(unlike, 'x-a');
    const why = 'route 1 is served with other operations on headers';
    assert.match(await firstLine(), `expired.discovery.wmnet: on ${unlike} ${why};`);
    for (const pod of readdirSync(`${from}/pods`)) if (pod !== unlike) removing(pod, 'x-a', 'x-b');
    assert.match(await firstLine(), `expired.discovery.wmnet: ${why};`);
  }));

test.run();
