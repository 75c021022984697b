import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '#core/error.ts';
import { type DemoCluster, type Said, withDemo } from '../support/run-command.ts';

const [first, second] = ['istio-ingressgateway-66qlf', 'istio-ingressgateway-gfn8x'];

interface Forwarding {
  readonly ports: readonly number[];
  out(): string;
  err(): string;
  /** Ctrl-C, and what has become of it. */
  end(): Promise<Said>;
}

/** Runs the command until it has said as many lines as it opens ports. */
async function forwarding({ kii }: DemoCluster, words: string, lines = 1): Promise<Forwarding> {
  const controller = new AbortController();
  const said = { out: '', err: '' };
  let isOpen = (): void => {};
  const open = new Promise<void>((resolve) => {
    isOpen = resolve;
  });
  const ended = kii(words, {
    signal: controller.signal,
    writeOut: async (part) => {
      said.out += part;
      if (said.out.split('\n').length > lines) isOpen();
    },
    writeError: (part) => {
      said.err += part;
    },
  });
  await Promise.race([open, ended]);
  return {
    ports: [...said.out.matchAll(/localhost:(\d+) /g)].map(([, port]) => Number(port)),
    out: () => said.out,
    err: () => said.err,
    end: async () => {
      controller.abort(new ToolError('interrupted', 'interrupted by SIGINT'));
      return { ...(await ended), ...said };
    },
  };
}

async function get(
  port: number | undefined,
  path: string,
  method = 'GET',
): Promise<{ status: number | undefined; type: string | undefined; body: string }> {
  const request = http.request({ port, path, method, host: '127.0.0.1', headers: { host: `localhost:${port}` } }).end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return { status: response.statusCode, type: response.headers['content-type'], body: await text(response) };
}

test('the door gives what Envoy answers to GETs that read, and ends with Ctrl-C', () =>
  withDemo({}, async (cluster) => {
    const { ports, out, err, end } = await forwarding(cluster, 'port-forward 0');
    assert.is(
      out(),
      `http://localhost:${ports[0]} is the admin port of istio-system/${first}, for GET of what reads\n`,
    );
    assert.equal(await get(ports[0], '/ready'), { status: 200, type: 'text/plain; charset=utf-8', body: 'LIVE\n' });
    const info = await get(ports[0], '/server_info');
    assert.equal([info.status, info.type, JSON.parse(info.body).state], [200, 'application/json', 'LIVE']);
    assert.match(
      (await get(ports[0], '/')).body,
      new RegExp(`^the admin port of istio-system/${first}, for GET of:\n/certs\n`),
    );
    assert.equal([(await end()).code, err()], [130, '']);
    const refused = net.connect(ports[0] as number, '127.0.0.1');
    assert.is((await once(refused, 'error'))[0].code, 'ECONNREFUSED');
  }));

test('nothing else reaches Envoy through the door', () =>
  withDemo({}, async (cluster) => {
    const { ports, end } = await forwarding(cluster, 'port-forward 0');
    const before = cluster.demo.requests.filter(({ pod }) => pod !== undefined).length;
    assert.is((await get(ports[0], '/quitquitquit', 'POST')).status, 405);
    assert.is((await get(ports[0], '/logging', 'POST')).status, 405);
    const quit = await get(ports[0], '/quitquitquit');
    assert.equal(
      [quit.status, quit.body],
      [403, 'cannot ask for /quitquitquit: it ends Envoy, and this tool asks only for paths that read\n'],
    );
    for (const path of ['/stats/../quitquitquit', '//quitquitquit', '/%71uitquitquit', '/logging?level=debug'])
      assert.is((await get(ports[0], path)).status, 403, path);
    assert.is(cluster.demo.requests.filter(({ pod }) => pod !== undefined).length, before);
    await end();
  }));

test('what Envoy refuses, and what does not answer, has a status of its own and is said', () =>
  withDemo({}, async (cluster) => {
    const { ports, err, end } = await forwarding(cluster, 'port-forward 0');
    assert.is((await get(ports[0], '/config_dump?resource=nothing')).status, 400);
    assert.is(err(), '');
    cluster.demo.faults.set([{ at: 'connection', does: 'refuse', port: 15000 }]);
    assert.is((await get(ports[0], '/ready')).status, 502);
    assert.match(err(), `error: cannot reach istio-system/${first}:15000: nothing listens on that port\n`);
    cluster.demo.faults.set([]);
    assert.is((await get(ports[0], '/ready')).status, 200);
    await end();
  }));

test('requests come to Envoy one after the other, and not too many wait', () =>
  withDemo({ faults: [{ at: 'answer', does: 'drip', bytes: 100, everyMs: 20, path: '/ready' }] }, async (cluster) => {
    const { ports, end } = await forwarding(cluster, 'port-forward 0');
    const statuses = (await Promise.all(Array.from({ length: 12 }, () => get(ports[0], '/ready')))).map(
      ({ status }) => status,
    );
    assert.equal(statuses.toSorted(), [...Array(8).fill(200), ...Array(4).fill(503)]);
    await end();
  }));

test('when the pod goes, the door goes on with another', () =>
  withDemo({}, async (cluster) => {
    const { ports, err, end } = await forwarding(cluster, 'port-forward 0');
    assert.is((await get(ports[0], '/ready')).status, 200);
    cluster.demo.faults.set([
      { at: 'request', on: 'portforward', does: 'status', code: 404, reason: 'NotFound', pod: first as string },
    ]);
    assert.is((await get(ports[0], '/ready')).status, 200);
    assert.is(err(), `${first} is gone: going on with ${second}\n`);
    await end();
  }));

test('a port that is taken is refused before anything is opened', () =>
  withDemo({}, async (cluster) => {
    const taken = net.createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, out, err } = await cluster.kii(`port-forward ${port}`);
    assert.equal([code, out], [2, '']);
    assert.is(
      err,
      `error: cannot listen on port ${port} of localhost: something else listens there\n  name another port, or 0 for one that is free\n`,
    );
    taken.close();
  }));

test('--raw carries TCP to ports of the pod, each with a local port of its own', () =>
  withDemo({}, async (cluster) => {
    const { ports, out, err, end } = await forwarding(cluster, 'port-forward --raw :15021 0:15090', 2);
    assert.match(out(), `localhost:${ports[1]} is port 15090 of istio-system/${first}\n`);
    assert.is(new Set(ports).size, 2);
    assert.is((await get(ports[0], '/healthz/ready')).status, 200);
    assert.is((await get(ports[1], '/stats/prometheus')).status, 200);
    assert.is(err(), '');
    assert.is((await end()).code, 130);
  }));

test('--raw of the admin port is warned of', () =>
  withDemo({}, async (cluster) => {
    const { ports, err, end } = await forwarding(cluster, 'port-forward --raw 0:15000');
    assert.match((await end()).err, `warning: who can reach localhost:${ports[0]} on this machine can now end Envoy`);
    assert.match(err(), 'without --raw');
  }));

test('--raw: a port that refuses is said, and concerns one connection', () =>
  withDemo({}, async (cluster) => {
    const { ports, err, end } = await forwarding(cluster, 'port-forward --raw 0:7 0:15021', 2);
    assert.is(await text(net.connect(ports[0] as number, '127.0.0.1')), '');
    assert.is(err(), `error: cannot reach istio-system/${first}:7: nothing listens on that port\n`);
    assert.is((await get(ports[1], '/healthz/ready')).status, 200);
    await end();
  }));

test('--raw: when the pod goes, the next connection is to another', () =>
  withDemo({}, async (cluster) => {
    const { ports, err, end } = await forwarding(cluster, 'port-forward --raw 0:15021');
    cluster.demo.faults.set([
      { at: 'request', on: 'portforward', does: 'status', code: 404, reason: 'NotFound', pod: first as string },
    ]);
    assert.is((await get(ports[0], '/healthz/ready')).status, 200);
    assert.is(err(), `${first} is gone: going on with ${second}\n`);
    await end();
  }));

const wrong = [
  ['port-forward 1 2', 'other ports need --raw'],
  ['port-forward 8443:15000', 'other ports than the admin port need --raw'],
  ['port-forward 65536', 'is no port'],
  ['port-forward http', 'is no port'],
  ['port-forward --raw', '--raw needs ports'],
  ['port-forward --raw 0', 'a number from 1 to 65535'],
  ['port-forward --raw 1:2:3', 'takes [LOCAL:]REMOTE'],
  ['port-forward --raw 1:', 'is no port'],
  ['port-forward --from x', 'unknown flag --from'],
] as const;

for (const [words, why] of wrong) {
  test(`refuses ${words}`, () =>
    withDemo({}, async ({ demo, kii }) => {
      const { code, err } = await kii(words);
      assert.is(code, 2);
      assert.ok(err.includes(why), err);
      assert.equal(demo.requests, []);
    }));
}

test.run();
