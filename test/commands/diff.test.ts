import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

const stale = 'istio-ingressgateway-l9b5b';
const healthy = 'istio-ingressgateway-66qlf';

test('--pod compares that pod with all the others', () =>
  withDemo({}, async ({ kii }) => {
    const all = await kii('diff');
    const one = await kii(`diff --pod ${stale}`);
    assert.equal([one.code, one.err], [1, '']);
    assert.match(one.out, `1 of 1 pod differs from what most pods have\n\n${stale}`);
    assert.is(one.out.split('\n').slice(1).join('\n'), all.out.split('\n').slice(1).join('\n'));
    assert.equal(await kii(`diff --pod ${healthy}`), {
      code: 0,
      out: '1 pod is the same as what most pods have\n',
      err: '',
    });
  }));

test('a pod without any other is compared with nothing', async () => {
  const said = /^only 1 pod answered, and there is no other to compare it with\n$/;
  await withDemo({}, async ({ kii }) => {
    const { code, out } = await kii(`diff -g pod/${healthy}`);
    assert.is(code, 0);
    assert.match(out, said);
  });
  const refuse = { at: 'connection', does: 'refuse' } as const;
  await withDemo(
    {
      faults: [
        { pod: '*-gfn8x', ...refuse },
        { pod: '*-l9b5b', ...refuse },
      ],
    },
    async ({ kii }) => {
      const { code, out } = await kii(`diff --pod ${healthy}`);
      assert.is(code, 3);
      assert.match(out, said);
    },
  );
});

test('of the pods that a chosen one is compared with, one that does not answer is told of', () =>
  withDemo({ faults: [{ pod: '*-gfn8x', at: 'connection', does: 'refuse' }] }, async ({ kii }) => {
    const { code, err } = await kii(`diff --pod ${healthy}`);
    assert.is(code, 3);
    assert.match(err, 'istio-ingressgateway-gfn8x:15000: nothing listens on that port');
  }));

test('a saved directory is compared in the same way', () =>
  withDemo({}, async ({ directory, kii }) => {
    assert.is((await kii(['config-dump', '--dir', `${directory}/saved`])).code, 0);
    const saved = await kii(['diff', '--pod', stale, '--from', `${directory}/saved`]);
    assert.is(saved.out, (await kii(`diff --pod ${stale}`)).out);
  }));

test('a directory has the pods that were saved, and asks for no others', () =>
  withDemo({}, async ({ directory, kii }) => {
    assert.is((await kii(['config-dump', '--pod', healthy, '--dir', `${directory}/one`])).code, 0);
    const { code, err } = await kii(['routes', '--from', `${directory}/one`]);
    assert.equal([code, err], [0, '']);
  }));

test('says in words what the pod that is behind has, and keeps to its schema', () =>
  withDemo({}, async ({ kii }) => {
    const said = await kii('diff', { terminal: { isTTY: true, columns: 80, color: false } });
    assert.equal([said.code, said.err], [1, '']);
    golden('commands/diff/80.txt', said.out);
    const document = JSON.parse((await kii('diff -o json')).out);
    assert.equal(schemaErrors(document), []);
    golden('commands/diff/one.json', (await kii('diff --only secrets -o json')).out);
    golden('commands/diff/names.txt', (await kii('diff -o name')).out);
  }));

interface Section {
  '@type': string;
  [list: string]: unknown;
}

const other = 'istio-ingressgateway-gfn8x';
const adminType = (name: string): string => `type.googleapis.com/envoy.admin.v3.${name}ConfigDump`;
const firstOf = (section: Section | undefined, list: string): { [field: string]: object } =>
  (section?.[list] as { [field: string]: object }[] | undefined)?.[0] ?? {};

/** What `diff` calls it, what `status --full` counts, and how one pod gets it. */
const changes: readonly {
  readonly kind: string;
  readonly thing: string;
  readonly to: (sections: Section[]) => void;
}[] = [
  {
    kind: 'cluster',
    thing: '1 cluster',
    to: (all) => {
      const [first] = (all.find((one) => one['static_clusters'])?.['static_clusters'] ?? []) as [{ cluster: object }];
      first.cluster = { ...first.cluster, connect_timeout: '77s' };
    },
  },
  {
    kind: 'listener',
    thing: '1 listener',
    to: (all) => {
      const [first] = (all.find((one) => one['static_listeners'])?.['static_listeners'] ?? []) as [
        { listener: object },
      ];
      first.listener = { ...first.listener, tcp_backlog_size: 77 };
    },
  },
  {
    kind: 'cluster',
    thing: '1 cluster',
    to: (all) => {
      const clusters = all.find((one) => one['dynamic_active_clusters']);
      if (clusters) clusters['dynamic_warming_clusters'] = [firstOf(clusters, 'dynamic_active_clusters')];
    },
  },
  {
    kind: 'listener',
    thing: '1 listener',
    to: (all) => {
      const first = firstOf(
        all.find((one) => one['dynamic_listeners']),
        'dynamic_listeners',
      );
      first['warming_state'] = first['active_state'] as object;
    },
  },
  {
    kind: 'extension',
    thing: '1 extension',
    to: (all) =>
      all.push({
        '@type': adminType('Ecds'),
        ecds_filters: [{ ecds_filter: { name: 'lua', typed_config: { '@type': 'type.googleapis.com/a.Lua' } } }],
      }),
  },
  {
    kind: 'scoped routes',
    thing: '1 route',
    to: (all) => {
      const scopes = all.find((one) => one['@type'] === adminType('ScopedRoutes'));
      if (scopes) scopes['dynamic_scoped_route_configs'] = [{ name: 'a', scoped_route_configs: [{ name: 'b' }] }];
    },
  },
  {
    kind: 'bootstrap',
    thing: 'the bootstrap',
    to: (all) => {
      for (const section of all)
        if (section['bootstrap']) section['bootstrap'] = { ...section['bootstrap'], stats_flush_interval: '77s' };
    },
  },
];

test('what Envoy was started with, what warms and what came by ECDS is compared too', async () => {
  await withDemo({}, async ({ directory, kii }) => {
    const saved = `${directory}/saved`;
    await kii(['config-dump', '--dir', saved]);
    const file = `${saved}/pods/${other}/config_dump.json`;
    const before = readFileSync(file, 'utf8');
    const said = async (): Promise<string[]> => {
      const { items } = JSON.parse((await kii(['diff', '-o', 'json', '--from', saved])).out) as {
        items: { kind: string; pods: string[] }[];
      };
      const [status, check] = [
        await kii(['status', '--full', '--from', saved]),
        await kii(['check', '--only', 'drift', '--from', saved]),
      ];
      const of = (out: string): string[] =>
        /(?:66qlf|gfn8x) serves something else than most pods: (.*?) differs?/.exec(out)?.slice(1) ?? [];
      return [
        ...items.filter(({ pods }) => pods.includes(other)).map(({ kind }) => kind),
        ...of(status.out),
        ...of(check.out),
      ];
    };
    assert.equal(await said(), []);
    for (const { kind, thing, to } of changes) {
      const dump = JSON.parse(before) as { configs: Section[] };
      to(dump.configs);
      writeFileSync(file, JSON.stringify(dump));
      const [first, ...counted] = await said();
      assert.equal([first, ...counted.slice(-2)], [kind, thing, thing]);
    }
  });
});

test('the runtime of a pod that somebody has changed differs; where one has no answer, none is compared', () =>
  withDemo({}, async ({ directory, kii }) => {
    const saved = `${directory}/saved`;
    await kii(['config-dump', '--dir', saved]);
    const file = `${saved}/pods/${other}/runtime.json`;
    const runtime = JSON.parse(readFileSync(file, 'utf8')) as { entries: object };
    writeFileSync(file, JSON.stringify({ ...runtime, entries: { ...runtime.entries, a: { final_value: '1' } } }));
    const only = ['diff', '--only', 'runtime', '--from', saved];
    const changed = await kii(only);
    assert.is(changed.code, 1);
    assert.match(changed.out, '≠ runtime\n      entries.a: {"final_value":"1"} instead of none');
    assert.match(
      (await kii(['status', '--full', '--from', saved])).out,
      /serves something else than most pods: the runtime differs/,
    );
    rmSync(file);
    const unknown = await kii(only);
    assert.is(unknown.code, 3);
    assert.is(unknown.out, 'nothing was compared\n');
    assert.match(unknown.err, 'not compared: runtime');
    const all = await kii(['status', '--full', '--from', saved]);
    assert.match(all.err, 'not compared: runtime');
    assert.not.match(all.out, 'runtime');
    assert.match((await kii(['check', '--only', 'drift', '--from', saved])).err, 'not compared: runtime');
  }));

test('--against compares with what config-dump has saved: the same is the same, and what has changed since is told', () =>
  withDemo({}, async ({ directory, kii }) => {
    assert.is((await kii(['config-dump', '--pod', healthy, '--dir', `${directory}/before`])).code, 0);
    const same = await kii(['diff', '--pod', healthy, '--against', `${directory}/before`]);
    assert.is(same.code, 0);
    assert.match(same.out, /^1 pod is the same as .*before as of /);
    const changed = await kii(['diff', '--pod', stale, '--against', `${directory}/before`, '-o', 'json']);
    assert.is(changed.code, 1);
    assert.equal(schemaErrors(JSON.parse(changed.out)), []);
    assert.match(changed.out, 'kubernetes://svc5-tls-certificate');
    const missing = await kii(['diff', '--against', `${directory}/nothing`]);
    assert.is(missing.code, 2);
    assert.match(missing.err, 'it does not exist');
  }));

test('--only asks for these kinds and tells no others', () =>
  withDemo({}, async ({ kii }) => {
    const { items } = JSON.parse((await kii('diff --only routes,endpoints -o json')).out) as {
      items: { kind: string }[];
    };
    assert.equal([...new Set(items.map(({ kind }) => kind))], ['route configuration', 'route', 'endpoint']);
    const refused = await kii('diff --only pods');
    assert.is(refused.code, 2);
  }));

test('a pod that dies in the middle costs a line; with nobody to compare with that is said', () =>
  withDemo(
    {
      faults: [
        {
          at: 'answer',
          does: 'drop',
          pod: '*-gfn8x',
          path: '/config_dump?mask=static_listeners%2Cdynamic_listeners',
          afterBytes: 500,
        },
      ],
    },
    async ({ kii }) => {
      const { code, out, err } = await kii('diff -o json');
      assert.is(code, 1);
      assert.is(JSON.parse(out).complete, false);
      assert.is(err.trim().split('\n').length, 1, err);
      assert.match(err, 'istio-system/istio-ingressgateway-gfn8x');
    },
  ));

test('two files are what is compared, the earlier one first', () =>
  withDemo({}, async ({ kii, directory }) => {
    const [before, after] = [`${directory}/before.tgz`, `${directory}/after.tgz`];
    await kii(['snapshot', before, '--pod', '*-66qlf']);
    await kii(['snapshot', after]);
    const said = await kii(['diff', before, after]);
    assert.match(said.out, /^1 of 3 pods differs from .*before\.tgz as of /);
    assert.match(said.out, 'secret kubernetes://svc0-tls-certificate: gone');
    const itself = await kii(['diff', after, after]);
    assert.match(itself.out, /^3 pods are the same as /, 'the stale pod was so before');
    assert.is(itself.code, 0);
    assert.equal(said, await kii(['diff', '--against', before, '--from', after]));
    for (const words of [[before], [before, after, after], [before, after, '--from', after]]) {
      const { code, err } = await kii(['diff', ...words]);
      assert.is(code, 2);
      assert.match(err, /^error: diff takes two files, or none\n/);
    }
  }));

test.run();
