// `explain` on the demo: what is right, what is wrong, and what cannot be asked.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

const terminal = (columns: number) => ({ terminal: { isTTY: true, columns, color: false } });

test('prints the way of a request, on terminals of any width', () =>
  withDemo({}, async ({ kii }) => {
    const said = await kii('explain https://svc1.discovery.wmnet/two');
    assert.equal([said.code, said.err], [0, '']);
    golden('commands/explain/two.txt', said.out);
    golden('commands/explain/two-80.txt', (await kii('explain https://svc1.discovery.wmnet/two', terminal(80))).out);
    golden('commands/explain/disagree.txt', (await kii('explain svc3.discovery.wmnet', terminal(80))).out);
  }));

for (const [name, words] of [
  ['not-found', 'explain https://svc1.discovery.wmnet/v2/items/3'],
  ['header', ['explain', 'https://svc1.discovery.wmnet/v2/items/3', '-H', 'x-client: beta']],
  ['redirect', 'explain http://svc1.discovery.wmnet/x?y'],
  ['unknown-host', 'explain https://svc1.discovery.wmnt/'],
  ['no-listener', 'explain https://svc1.discovery.wmnet:9999/'],
  ['no-certificate', 'explain https://nosecret.discovery.wmnet/'],
  ['mutual', 'explain https://mtls.discovery.wmnet:8444/'],
  ['passthrough', 'explain https://pass.discovery.wmnet:8445/'],
  ['other-sni', 'explain https://svc2.discovery.wmnet/ --sni svc1.discovery.wmnet'],
] as const) {
  test(`says what happens: ${name}`, () =>
    withDemo({}, async ({ kii }) => {
      const { code, out, err } = await kii(words);
      assert.equal([code, err], [0, '']);
      golden(`commands/explain/${name}.txt`, out);
    }));
}

test('-o json keeps to its schema, whatever happens', () =>
  withDemo({}, async ({ kii }) => {
    for (const url of [
      'svc1.discovery.wmnet/two',
      'svc3.discovery.wmnet',
      'http://svc1.discovery.wmnet',
      'nope.example',
      'a:1',
      'pass.discovery.wmnet:8445',
      'mtls.discovery.wmnet:8444',
    ]) {
      assert.equal(schemaErrors(JSON.parse((await kii(['explain', url, '-o', 'json', '-H', 'x-a: 1'])).out)), [], url);
    }
    golden(
      'commands/explain/two.json',
      (await kii('explain https://svc1.discovery.wmnet/two --pod *-66qlf -o json')).out,
    );
  }));

test('a token of -H is not in the document', () =>
  withDemo({}, async ({ kii }) => {
    const given = ['-H', 'authorization: Bearer hush-hush', '-H', 'cookie: a=hush', '-H', 'x-client: beta'];
    const { out } = await kii(['explain', 'https://svc1.discovery.wmnet/two', '-o', 'json', ...given]);
    const { headers } = JSON.parse(out).request;
    assert.match(headers.authorization[0], /^\[redacted \w{8}\]$/);
    assert.equal([out.includes('hush'), headers['x-client']], [false, ['beta']]);
  }));

const unhealthy = '1cdeabc6-7961-45f5-a17b-af59820f8b6e';

test('--request-id explains what a client had asked for, beside what came of it', () =>
  withDemo({}, async ({ kii }) => {
    const told = await kii(`explain --request-id ${unhealthy}`, terminal(120));
    golden('commands/explain/request-id.txt', told.out);
    assert.equal([told.code, told.err], [0, '']);
    const document = JSON.parse((await kii(`explain --request-id ${unhealthy} -o json`)).out);
    assert.equal(schemaErrors(document), []);
    const [sent] = document.items.flatMap((item: { sent?: unknown[] }) => item.sent ?? []);
    assert.equal(
      [sent.pod, sent.by, sent.code, sent.logged.flags],
      ['istio-ingressgateway-66qlf', 'client', 503, ['UH']],
    );
  }));

test('a header that the access log does not have, and that routes ask for, is named', () =>
  withDemo({}, async ({ kii }) => {
    const id = 'bf62e4e9-aa17-4fef-a73f-67d8f3aa1660';
    const without = await kii(`explain --request-id ${id}`);
    assert.is(without.code, 1);
    assert.match(
      without.err,
      'routes ask for x-client, which the access log does not have. If the client sent it, add it with -H',
    );
    const whole = await kii(['explain', '--request-id', id, '-H', 'x-client: beta']);
    assert.equal([whole.code, whole.err], [0, '']);
  }));

test('--request-id that no log has says how far they were read', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out, err } = await kii('explain --request-id 00000000-0000-0000-0000-000000000000 --since 10m');
    assert.equal([code, out], [2, '']);
    assert.match(
      err,
      /cannot find request 00000000-.*: no line since 2026-11-23T11:58:47.000Z has it; this tool read istio-ingressgateway-66qlf \d+ lines from 2026-11-23T12:06:14Z on/,
    );
    assert.match(err, 'to look further back, add --since TIME');
  }));

test('--expect makes the exit code 1, and says what would be', () =>
  withDemo({}, async ({ kii }) => {
    const met = await kii('explain http://svc1.discovery.wmnet/ --expect code=301 --expect location=https://*');
    assert.equal([met.code, met.err], [0, '']);
    const unmet = await kii('explain https://svc1.discovery.wmnet/two --expect host=a,virtualservice=svc1/two');
    assert.is(unmet.code, 1);
    assert.match(
      unmet.err,
      /expected host=a, would be svc1.discovery.wmnet on istio-ingressgateway-66qlf, istio-ingressgateway-gfn8x, istio-ingressgateway-l9b5b/,
    );
    const open = await kii('explain https://svc1.discovery.wmnet/two --expect code=200');
    assert.is(open.code, 3);
    assert.match(
      open.err,
      /not decided: code=200 on .*: the application decides over the code; --send asks the gateway/,
    );
    const differs = await kii('explain https://svc4.discovery.wmnet/new --expect cluster=nothing');
    assert.is(differs.code, 1);
  }));

test('refuses what is no URL, header or expectation before it asks anybody', () =>
  withDemo({}, async ({ kii, demo }) => {
    await demo.close();
    for (const [words, why] of [
      ['explain https://a:b/', '"https://a:b/" is not a URL'],
      ['explain ftp://a/', 'serves http and https, not ftp'],
      ['explain a -H nothing', '-H takes "Name: value"'],
      ['explain a --expect status=1', '--expect takes code='],
      ['explain a -X DELETE --send', 'to send it all the same, add --allow-unsafe'],
      ['explain a --send --cert /nowhere.pem', 'cannot read /nowhere.pem'],
      ['explain', 'takes a URL, or --request-id'],
      [`explain a --request-id ${unhealthy}`, 'the line of the access log has the URL'],
      [`explain --request-id ${unhealthy} --send`, 'send it again by its URL'],
      [`explain --request-id ${unhealthy} -X POST`, 'has the method'],
      [`explain --request-id ${unhealthy} --sni a`, 'has the server name'],
      [`explain --request-id ${unhealthy} --http3`, 'has the protocol'],
      ['explain a --http3 --send', 'cannot speak HTTP/3'],
      ['explain http://a --http3', 'for https alone'],
      ['explain a --since 1h', 'how far --request-id looks back'],
    ] as const) {
      const { code, out, err } = await kii(words);
      assert.equal([code, out], [2, ''], words);
      assert.match(err, why);
    }
  }));

test('--send tells of pods that could not be reached, and is for a cluster only', () =>
  withDemo({}, async ({ directory, kii }) => {
    // The demo has no listeners but the admin ports.
    const { code, out } = await kii('explain https://svc1.discovery.wmnet/two --send -o json');
    assert.is(code, 1);
    const { items } = JSON.parse(out) as { items: { sent: { pod: string; ended: string; differs: string[] }[] }[] };
    assert.equal(
      items.flatMap(({ sent }) => sent.map(({ ended }) => /^cannot reach port 8443: /.test(ended))),
      [true, true, true],
      out,
    );
    assert.equal(schemaErrors(JSON.parse(out)), []);
    assert.is((await kii(['config-dump', '--dir', `${directory}/dump`])).code, 0);
    const saved = await kii(['explain', 'https://svc1.discovery.wmnet/two', '--send', '--from', `${directory}/dump`]);
    assert.equal([saved.code, saved.out], [2, '']);
    assert.match(saved.err, '--from is a directory');
  }));

test('a pod that dies in the middle costs a line; the others answer', () =>
  withDemo(
    {
      faults: [
        { at: 'answer', does: 'drop', pod: '*-gfn8x', path: '/config_dump?resource=dynamic_route', afterBytes: 500 },
      ],
    },
    async ({ kii }) => {
      const { code, out, err } = await kii('explain https://svc1.discovery.wmnet/two');
      assert.is(code, 3);
      assert.match(out, '2/3 pods answered, and agree');
      assert.is(err.trim().split('\n').length, 1, err);
      assert.match(err, 'istio-system/istio-ingressgateway-gfn8x');
    },
  ));

test.run();
