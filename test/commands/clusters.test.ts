import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

interface Item {
  readonly name: string;
  readonly state: string;
  readonly isRouted: boolean;
  readonly pods: readonly string[];
}

const service = (text: string): string => text.replace(/^outbound\|\d+\|\|/, '').replace('.svc.cluster.local', '');

test('has what the ingress routes to, by routes, weights and passthrough, and what Envoy lacks of it', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out, err } = await kii('clusters -o json');
    assert.equal([code, err], [0, '']);
    const document = JSON.parse(out) as { readonly items: readonly Item[] };
    assert.equal(schemaErrors(document), []);
    assert.equal(
      document.items.map(({ name, state, isRouted, pods }) => `${service(name)} ${state} ${isRouted} ${pods.length}`),
      [
        'nothing.svc3 missing true 3',
        'svc0-tls-service.svc0 active true 2',
        ...[1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `svc${n}-tls-service.svc${n} active true 3`),
      ],
    );
  }));

test('asks Envoy only for those, and for all where somebody asks by name', () =>
  withDemo({}, async ({ demo, kii }) => {
    await kii('clusters --pod *-66qlf');
    await kii('clusters --pod *-66qlf --service svc12-tls-service');
    const asked = demo.requests.flatMap(({ path }) => /mask=(\w*_clusters.*?(?:&name_regex=|$))/.exec(path)?.[1] ?? []);
    assert.equal(asked, [
      'dynamic_active_clusters%2Cdynamic_warming_clusters&name_regex=',
      'static_clusters&name_regex=',
      'static_clusters%2Cdynamic_active_clusters%2Cdynamic_warming_clusters',
    ]);
  }));

test('the whole mesh as a table asks for clusters alone, and says what shows the rest', () =>
  withDemo({}, async ({ demo, kii }) => {
    const asked = (): readonly string[] =>
      demo.requests.flatMap(({ path }) => /(?:mask|resource)=([\w%]+)/.exec(path)?.[1] ?? []);
    const { out, err } = await kii('clusters --whole-mesh --pod *-66qlf');
    assert.not.match(out, /ROUTED/);
    assert.is(err, 'to see what the ingress routes to, and what of that is missing, add -o wide\n');
    assert.equal(asked(), ['static_clusters%2Cdynamic_active_clusters%2Cdynamic_warming_clusters']);
    assert.match((await kii('clusters --whole-mesh --pod *-66qlf -o wide')).out, /ROUTED/);
    assert.ok(asked().includes('dynamic_listeners') && asked().includes('dynamic_route_configs'));
  }));

test('the whole mesh of a host or owner is found by routes', () =>
  withDemo({}, async ({ kii }) => {
    for (const filter of ['--host svc1.discovery.wmnet --path /two', '--for svc1'])
      assert.match((await kii(`clusters --whole-mesh ${filter}`)).out, /svc2-tls-service/);
  }));

test('the whole mesh has every cluster, and says which ones are routed to', () =>
  withDemo({}, async ({ kii }) => {
    const document = JSON.parse((await kii('clusters --whole-mesh -o json --pod *-66qlf')).out) as {
      readonly items: readonly Item[];
    };
    assert.equal(schemaErrors(document), []);
    assert.equal([document.items.length, document.items.filter(({ isRouted }) => isRouted).length], [40, 13]);
  }));

const filters: readonly (readonly [string, readonly string[]])[] = [
  ['--host pass.discovery.wmnet', ['svc4-tls-service.svc4']],
  ['--host svc1.discovery.wmnet --path /two', ['svc2-tls-service.svc2']],
  ['--vs svc1/two', ['svc2-tls-service.svc2']],
  ['--service svc4-tls-service', ['svc4-tls-service.svc4']],
  ['--port 4004', ['svc4-tls-service.svc4']],
  ['--name outbound|80||*', ['nothing.svc3']],
  ['--for svc1', ['svc1-tls-service.svc1', 'svc2-tls-service.svc2']],
];

for (const [filter, expected] of filters) {
  test(`${filter} keeps ${expected.join(', ')}`, () =>
    withDemo({}, async ({ kii }) => {
      const { code, out } = await kii(`clusters ${filter} -o name --pod *-66qlf`);
      const names = out
        .trimEnd()
        .split('\n')
        .map((line) => service(line.replace('cluster/', '')));
      assert.equal([code, names], [0, expected]);
    }));
}

test('a service that exists and is not routed to is said to be so', () =>
  withDemo({}, async ({ kii }) => {
    assert.equal(await kii('clusters --service svc12/*'), {
      code: 0,
      out: '',
      err: 'svc12/svc12-tls-service:4012 exists, but the ingress does not route to it. To see it, add --whole-mesh\n',
    });
    assert.match(
      (await kii('clusters --service nope')).err,
      /^no cluster matches; services that the ingress routes to: svc0\/svc0-tls-service:4000, /,
    );
  }));

test('-o envoy has the same clusters as the list, and all with --whole-mesh', () =>
  withDemo({}, async ({ kii }) => {
    const names = async (args: string): Promise<readonly string[]> =>
      JSON.parse((await kii(`clusters -o envoy --pod *-66qlf ${args}`.trim())).out).map(
        ({ name }: { readonly name: string }) => service(name),
      );
    assert.equal(await names('--for svc1'), ['svc1-tls-service.svc1', 'svc2-tls-service.svc2']);
    assert.is((await names('')).length, 12);
    assert.is((await names('--whole-mesh')).length, 39);
  }));

test.run();
