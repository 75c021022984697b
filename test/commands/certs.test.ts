// `certs` on the demo: expired, expiring and missing certificates, mutual TLS, passthrough, and a pod that is behind.

import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

const terminal = (columns: number) => ({ terminal: { isTTY: true, columns, color: false } });

test('prints every host with its certificate and what is wrong, on terminals of any width', () =>
  withDemo({}, async ({ kii }) => {
    const said = await kii('certs');
    assert.equal([said.code, said.err], [0, '']);
    golden('commands/certs/piped.txt', said.out);
    golden('commands/certs/80.txt', (await kii('certs', terminal(80))).out);
    golden('commands/certs/120.txt', (await kii('certs', terminal(120))).out);
    golden('commands/certs/wide.txt', (await kii('certs -o wide')).out);
    golden(
      'commands/certs/color.txt',
      (await kii('certs exp*', { terminal: { isTTY: true, columns: 120, color: true } })).out,
    );
  }));

test('-o json keeps to its schema', () =>
  withDemo({}, async ({ kii }) => {
    const document = JSON.parse((await kii('certs -o json')).out);
    assert.equal(schemaErrors(document), []);
    golden('commands/certs/one.json', (await kii('certs svc5.discovery.wmnet -o json')).out);
    assert.equal(schemaErrors(JSON.parse((await kii('certs --upstream-ca -o json')).out)), []);
    assert.equal(schemaErrors(JSON.parse((await kii('certs ROOTCA -o json')).out)), []);
  }));

test('--expect is about what clients get: 1 for something else and for every ✗, 3 where it is not known', () =>
  withDemo({}, async ({ kii }) => {
    const host = 'svc1.discovery.wmnet';
    const all = `serial=00:10:01 --expect secret=svc1-tls-certificate --expect gateway=svc1/* --expect *=x`;
    assert.match(
      (await kii(`certs ${host} --expect ${all}`)).err,
      'serial=…, issuer=…, secret=…, gateway=…, not "*=x"',
    );
    const met = await kii(`certs ${host} --expect ${all.replace(' --expect *=x', '')}`);
    assert.equal([met.code, met.err], [0, '']);
    const other = await kii(`certs ${host} --expect issuer=*other*`);
    assert.is(other.code, 1);
    assert.match(other.err, `expected issuer=*other* for ${host}:8443, is O = Wikimedia-like, CN = discovery interm`);
    assert.is((await kii('certs expired.discovery.wmnet --expect secret=*')).code, 1, 'it has ended');
    const passed = await kii('certs pass.discovery.wmnet --expect serial=1');
    assert.equal([passed.code, /not decided: serial=1 .* presents its own/.test(passed.err)], [3, true], passed.err);
    assert.is((await kii('certs no.such.name* --expect serial=1')).code, 3);
    assert.match((await kii('certs --pem --expect serial=1')).err, '--pem and --expect cannot be used together');
  }));

test('--client-ca has the CAs of mutual TLS, --upstream-ca those of the services', () =>
  withDemo({}, async ({ kii }) => {
    golden('commands/certs/client-ca.txt', (await kii('certs --client-ca')).out);
    golden('commands/certs/upstream-ca.txt', (await kii('certs --upstream-ca')).out);
    golden('commands/certs/upstream-ca-80.txt', (await kii('certs --upstream-ca', terminal(80))).out);
    golden('commands/certs/upstream-ca-wide.txt', (await kii('certs svc3.discovery.wmnet --upstream-ca -o wide')).out);
    assert.match((await kii('certs svc1.discovery.wmnet --client-ca')).err, 'no host asks for certificates of clients');
  }));

test('--text has every certificate of the chain, under a line that says whose it is', () =>
  withDemo({}, async ({ kii }) => {
    golden('commands/certs/text.txt', (await kii('certs svc5.discovery.wmnet --text')).out);
    assert.ok(
      (await kii('certs svc3.discovery.wmnet --upstream-ca --text')).out.startsWith(
        '# outbound|4003||svc3-tls-service.svc3.svc.cluster.local · file-root:',
      ),
    );
    assert.match((await kii('certs nosecret.discovery.wmnet --text')).err, 'kubernetes://does-not-exist is not loaded');
    assert.match((await kii('certs ROOTCA --text')).out, 'Issuer: O = cluster.local');
  }));

test('--pem prints the chain that all pods hold, and refuses where they differ', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out } = await kii('certs svc1-tls-certificate --pem --pod *-66qlf');
    assert.is(code, 0);
    const blocks = out.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
    assert.equal([blocks.length, blocks.join('')], [2, out]);
    assert.is(new X509Certificate(blocks[0] ?? '').serialNumber, '1001');
    const differs = await kii('certs svc5.discovery.wmnet --pem');
    assert.equal([differs.code, differs.out], [2, '']);
    assert.match(differs.err, '--pod istio-ingressgateway-');
    assert.is((await kii('certs --pem')).code, 2);
    assert.is((await kii('certs nosecret.discovery.wmnet --pem')).code, 2);
  }));

test('--fail-within is 1 where something ends in time, has ended or is not there', () =>
  withDemo({}, async ({ kii }) => {
    const codes = async (words: string): Promise<number> => (await kii(`certs ${words}`)).code;
    assert.is(await codes('svc1.discovery.wmnet --fail-within 14d'), 0);
    assert.is(await codes('svc1.discovery.wmnet --fail-within 90d'), 1);
    assert.is(await codes('expiring.discovery.wmnet --fail-within 1d'), 0);
    assert.is(await codes('expiring.discovery.wmnet --fail-within 14d'), 1);
    assert.is(await codes('expired.discovery.wmnet --fail-within 0s'), 1);
    assert.is(await codes('nosecret.discovery.wmnet --fail-within 0s'), 1);
    assert.is(await codes('pass.discovery.wmnet --fail-within 14d'), 0);
    assert.is(await codes('svc3.discovery.wmnet --upstream-ca --fail-within 14d'), 0);
    assert.is(await codes('--upstream-ca --fail-within 2000d'), 1);
    assert.match(
      (await kii('certs --fail-within 14d')).err,
      'expired.discovery.wmnet, expiring.discovery.wmnet, nosecret.discovery.wmnet',
    );
  }));

test('asks for the secrets of the host only', () =>
  withDemo({}, async ({ demo, kii }) => {
    await kii('certs svc1.discovery.wmnet --pod *-66qlf');
    const asked = demo.requests
      .filter(({ pod, path }) => pod !== undefined && path.includes('secrets'))
      .map(({ path }) => path);
    assert.equal(asked, [
      '/config_dump?mask=dynamic_active_secrets%2Cdynamic_warming_secrets&name_regex=kubernetes%3A%2F%2Fsvc1-tls-certificate',
    ]);
  }));

test('a pod that fails costs a line, and Gateways that may not be read another', () =>
  withDemo(
    {
      faults: [
        { pod: '*-66qlf', at: 'connection', does: 'refuse' },
        {
          on: 'list',
          resource: 'gateways',
          at: 'request',
          does: 'status',
          code: 403,
          reason: 'Forbidden',
          message: 'gateways is forbidden',
        },
      ],
    },
    async ({ kii }) => {
      const { code, out, err } = await kii('certs svc1.discovery.wmnet');
      assert.is(code, 3);
      assert.match(out, '2/3, 1 unknown');
      assert.match(err, 'nothing listens on that port');
      assert.match(err, 'cannot tell which Gateways ask for the hosts');
    },
  ));

test('Secrets are read by name, and where they may not be read once', () =>
  withDemo(
    {
      faults: [
        {
          on: 'read',
          resource: 'secrets',
          at: 'request',
          does: 'status',
          code: 403,
          reason: 'Forbidden',
          message: 'secrets is forbidden',
        },
      ],
    },
    async ({ demo, kii }) => {
      const { code, out, err } = await kii('certs svc*');
      assert.is(code, 0);
      assert.match(out, 'svc11.discovery.wmnet');
      assert.is(err.match(/the certificates are not compared with Kubernetes/g)?.length, 1);
      const read = demo.requests.filter(({ path }) => path.includes('/secrets'));
      assert.ok(
        read.length > 0 &&
          read.length <= 8 &&
          read.every(({ path }) => /namespaces\/istio-system\/secrets\/[a-z]/.test(path)),
      );
    },
  ));

test('an API server that fails in between makes the answer incomplete', () =>
  withDemo(
    { faults: [{ on: 'list', resource: 'certificates', at: 'request', does: 'status', code: 500, message: 'etcd' }] },
    async ({ kii }) => assert.is((await kii('certs svc1.discovery.wmnet')).code, 3),
  ));

test('--served says of a pod that nothing answers there, and needs a host', () =>
  withDemo({}, async ({ kii }) => {
    golden('commands/certs/served.txt', (await kii('certs svc1.discovery.wmnet --served')).out);
    for (const words of ['certs --served', 'certs svc1.discovery.wmnet --served --pem'])
      assert.is((await kii(words)).code, 2, words);
  }));

test('--upstream says of services without pods that none could be asked, and keeps to its schema', () =>
  withDemo({}, async ({ kii }) => {
    golden('commands/certs/upstream.txt', (await kii('certs svc3.discovery.wmnet --upstream')).out);
    assert.equal(schemaErrors(JSON.parse((await kii('certs svc3.discovery.wmnet --upstream -o json')).out)), []);
    assert.is((await kii('certs --upstream')).code, 2);
    assert.is((await kii('certs svc3.discovery.wmnet --upstream --fail-within 14d')).code, 2);
  }));

test('--fail-within is 1 for every ✗, also where nothing ends in time', () =>
  withDemo({}, async ({ kii }) => {
    const host = 'svc5.discovery.wmnet';
    assert.match((await kii(`certs ${host}`)).out, '✗');
    assert.is((await kii(`certs ${host}`)).code, 0);
    assert.is((await kii(`certs ${host} --fail-within 1d`)).code, 1);
  }));

test('answers from a directory as it would have then, without the Secrets', () =>
  withDemo({}, async ({ directory, kii }) => {
    assert.is((await kii(`config-dump --dir ${directory}/dump`)).code, 0);
    const [live, saved] = [
      await kii('certs expired.discovery.wmnet'),
      await kii(`certs expired.discovery.wmnet --from ${directory}/dump`),
    ];
    assert.is(saved.code, 0);
    assert.is(saved.out.split('\n')[1], live.out.split('\n')[1]);
    assert.match(
      saved.err,
      'the certificates are not compared with Kubernetes: cannot read secrets: config-dump does not save it',
    );
  }));

test('what does not go together is refused, and what is not there has neighbours', () =>
  withDemo({}, async ({ kii }) => {
    for (const words of ['certs --text --pem', 'certs --client-ca --upstream-ca', 'certs --text -o json'])
      assert.is((await kii(words)).code, 2, words);
    const { code, out, err } = await kii('certs svc22');
    assert.equal([code, out], [0, '']);
    assert.match(err, 'the nearest hosts: svc2.discovery.wmnet');
    assert.match((await kii('certs nobody.example.org')).out, 'no filter chain of port 8443 takes this server name');
  }));

test.run();
