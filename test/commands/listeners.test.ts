import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

test('answers for every pod, and names the pods that have another filter chain', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out, err } = await kii('listeners --host svc0.discovery.wmnet --port 443');
    assert.equal([code, err], [0, 'port 443 of Service istio-ingressgateway is port 8443 of its pods\n']);
    const lines = out.trimEnd().split('\n').slice(1);
    assert.equal(
      lines.map((line) => line.split(/ {3,}/)),
      [
        [
          '0.0.0.0:8443',
          'SNI svc0.discovery.wmnet',
          'SIMPLE',
          'kubernetes://svc0-tls-certificate',
          'routes https.443.https.svc0-main.svc0',
          '2/3, not istio-ingressgateway-l9b5b',
        ],
        [
          '0.0.0.0:8443',
          'SNI svc0.discovery.wmnet',
          'SIMPLE',
          'kubernetes://svc1-tls-certificate',
          'routes https.443.https.dup-svc0.svc1',
          '1/3, only istio-ingressgateway-l9b5b',
        ],
      ],
    );
  }));

test("a port of the gateway's Service is the listener behind it; where Services are forbidden, istio's usual one, and that is said", async () => {
  const ports = ({ out }: { readonly out: string }): number[] =>
    JSON.parse(out).items.map(({ port }: { readonly port: number }) => port);
  await withDemo({}, async ({ kii }) =>
    assert.equal(new Set(ports(await kii('listeners --port 80 -o json'))), new Set([8080])),
  );
  await withDemo({}, async ({ kii }) => assert.is((await kii('listeners --port 8443')).err, ''));
  const forbidden = {
    resource: 'services',
    at: 'request',
    does: 'status',
    code: 403,
    reason: 'Forbidden',
    message: 'no',
  } as const;
  await withDemo({ faults: [forbidden] }, async ({ kii }) => {
    const answer = await kii('listeners --port 80 -o json');
    assert.equal(new Set(ports(answer)), new Set([8080]));
    assert.match(
      answer.err,
      "cannot read the gateway's Services: this tool assumes that port 443 is listener port 8443, and 80 is 8080",
    );
    assert.not.match(answer.err, 'of Service');
  });
});

test('the document keeps to its schema', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out } = await kii('listeners -o json');
    assert.is(code, 0);
    const document = JSON.parse(out);
    assert.equal(schemaErrors(document), []);
    assert.is(document.items.length, 21);
  }));

test('a filter that matches nothing says what there is', () =>
  withDemo({}, async ({ kii }) => {
    assert.equal(await kii('listeners --port 9999 --pod *-66qlf'), {
      code: 0,
      out: '',
      err:
        'no filter chain matches; ports that exist: 15021, 15090, 8080, 8443, 8444, 8445; server names: expired.discovery.wmnet, ' +
        'expiring.discovery.wmnet, mtls.discovery.wmnet, nosecret.discovery.wmnet, pass.discovery.wmnet, svc0.discovery.wmnet and 11 more\n',
    });
  }));

test('-o envoy has the whole listeners in which something matches, static ones too', () =>
  withDemo({}, async ({ kii }) => {
    const names = async (filter: string): Promise<readonly unknown[]> =>
      JSON.parse((await kii(`listeners --pod *-66qlf -o envoy ${filter}`.trim())).out).map(
        ({ name }: { name?: string }) => name,
      );
    assert.equal((await names('')).toSorted(), [
      '0.0.0.0_15021',
      '0.0.0.0_15090',
      '0.0.0.0_8080',
      '0.0.0.0_8443',
      '0.0.0.0_8444',
      '0.0.0.0_8445',
    ]);
    assert.equal(await names('--host pass.discovery.wmnet --port 8445'), ['0.0.0.0_8445']);
    assert.equal(await names('--port 15090'), ['0.0.0.0_15090']);
  }));

test('-o envoy of pods that differ names --pod', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out, err } = await kii('listeners -o envoy');
    assert.equal([code, out], [2, '']);
    assert.match(err, '--pod');
  }));

test('a pod that fails costs one line, and the others answer', () =>
  withDemo({ faults: [{ pod: '*-gfn8x', at: 'connection', does: 'refuse' }] }, async ({ kii }) => {
    const { code, out, err } = await kii('listeners --port 8445');
    assert.is(code, 3);
    assert.match(out, /pass\.discovery\.wmnet .* 2\/3, 1 unknown/);
    assert.is(err.split('\n').filter((line) => line.startsWith('error:')).length, 1);
  }));

test.run();
