// A VirtualService that another one delegates to: its routes are found and named by both.

import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

interface VirtualService {
  readonly metadata: { readonly name: string; readonly namespace: string };
  spec: object;
}

/** A saved fleet in which svc1/two has nothing of its own and delegates to team/part. */
const withDelegate = (use: (ask: (line: string) => Promise<string>) => Promise<void>): Promise<void> =>
  withDemo({}, async ({ directory, kii }) => {
    const saved = `${directory}/saved`;
    await kii(['config-dump', '--dir', saved]);
    const file = `${saved}/objects/virtualservices.json`;
    const all = JSON.parse(readFileSync(file, 'utf8')) as VirtualService[];
    const root = all.find(({ metadata }) => metadata.name === 'two') as VirtualService;
    const part = { ...root, metadata: { ...root.metadata, namespace: 'team', name: 'part' } };
    root.spec = { ...root.spec, http: [{ delegate: { name: 'part', namespace: 'team' } }] };
    writeFileSync(file, JSON.stringify([...all, part]));
    await use(async (line) => {
      const { code, out, err } = await kii([...line.split(' '), '--from', saved]);
      assert.is(code, 0, `${line}: ${out}${err}`);
      return out;
    });
  });

test('named beside the root, wherever a route is named', () =>
  withDelegate(async (ask) => {
    assert.match(await ask('routes --host svc1.discovery.wmnet'), 'svc1/two, delegate team/part');
    assert.equal(schemaErrors(JSON.parse(await ask('routes -o json'))), []);
    assert.match(await ask('explain https://svc1.discovery.wmnet/two'), 'VirtualService svc1/two, delegate team/part');
    const document = JSON.parse(await ask('explain https://svc1.discovery.wmnet/two -o json'));
    assert.equal(schemaErrors(document), []);
    assert.equal(document.items[0].outcomes[0].route.delegate, {
      kind: 'VirtualService',
      namespace: 'team',
      name: 'part',
    });
  }));

test('found by its own name, and by the owner of its namespace', () =>
  withDelegate(async (ask) => {
    for (const kind of ['routes', 'clusters', 'endpoints']) {
      const byRoot = await ask(`${kind} --vs svc1/two -o name`);
      assert.is.not(byRoot, '');
      assert.is(await ask(`${kind} --vs team/part -o name`), byRoot, kind);
      assert.is(await ask(`${kind} --for team -o name`), byRoot, kind);
    }
    for (const name of ['svc1/two', 'team/part'])
      await ask(`explain https://svc1.discovery.wmnet/two --expect virtualservice=${name}`);
  }));

test.run();
