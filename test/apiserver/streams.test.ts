import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import { refusal } from '#apiserver/streams.ts';
import { PortForwardStream } from '#cluster/stream/port-forward.ts';
import type { RecordedObject } from '#demo/recording.ts';
import { type Demo, startDemo } from '#demo/server.ts';
import { sections } from '#dump/dump-shape.ts';
import { type Answer, ask, upgrade } from '../support/demo-request.ts';

let demo: Demo;
test.before(async () => {
  demo = await startDemo({ closeDelayMs: 20 });
});
test.before.each(() => demo.faults.set([]));
test.after(() => demo.close());

const gateways = ['istio-ingressgateway-66qlf', 'istio-ingressgateway-gfn8x', 'istio-ingressgateway-l9b5b'] as const;
const istiod = 'istiod-69897fbd6f-87b4r';
const path = (pod: string, stream: string): string => `/api/v1/namespaces/istio-system/pods/${pod}/${stream}`;
const forward = (pod: string, query = 'ports=15000', protocols = ['v4.channel.k8s.io']): Promise<WebSocket | Answer> =>
  upgrade(demo, path(pod, `portforward?${query}`), protocols);

async function opened(stream: Promise<WebSocket | Answer>): Promise<WebSocket> {
  const socket = await stream;
  assert.instance(socket, WebSocket, JSON.stringify(socket));
  return socket as WebSocket;
}

async function refused(stream: Promise<WebSocket | Answer>): Promise<Answer> {
  const answer = await stream;
  assert.not.instance(answer, WebSocket, 'the stream is open');
  return answer as Answer;
}

interface PodClient {
  get(path: string): Promise<Answer>;
  close(): void;
}

/** HTTP with keep-alive over one stream. */
async function httpTo(pod: string, port: number): Promise<PodClient> {
  const socket = await opened(forward(pod, `ports=${port}`));
  const stream = new PortForwardStream(socket, { namespace: 'istio-system', name: pod }, port);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => stream;
  const get = async (path: string): Promise<Answer> => {
    const request = http.get({ path, agent, host: 'localhost' });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += chunk;
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  };
  return { get, close: () => agent.destroy() };
}

test('port-forward reaches the admin port, and the request is recorded with its pod', async () => {
  const client = await httpTo(gateways[0], 15000);
  const before = demo.requests.length;
  const { status, headers, body } = await client.get('/server_info');
  client.close();
  assert.equal([status, headers.server], [200, 'envoy']);
  assert.is(JSON.parse(body).node.id.split('~')[2], `${gateways[0]}.istio-system`);
  assert.equal(demo.requests.slice(before), [{ pod: gateways[0], port: 15000, method: 'GET', path: '/server_info' }]);
});

test('port-forward reaches istiod: syncz and version', async () => {
  const client = await httpTo(istiod, 15014);
  const syncz = JSON.parse((await client.get('/debug/syncz')).body) as readonly unknown[];
  const version = await client.get('/version');
  client.close();
  // One of the three is cut off from istiod.
  assert.is(syncz.length, 2);
  assert.equal([version.status, version.body.length > 0], [200, true]);
});

test('every resource of the dump is whole JSON on all three pods, with the pod’s own names', async () => {
  // Envoy has no section for extension configuration where nothing uses it.
  const { EcdsConfigDump: _, ...present } = sections;
  const lists = Object.values(present).flatMap((section) =>
    Object.keys(section).filter((resource) => section[resource] === 'list'),
  );
  assert.ok(lists.includes('dynamic_route_configs') && lists.includes('dynamic_listeners'), lists.join());
  const filled = [
    'static_clusters',
    'dynamic_active_clusters',
    'static_listeners',
    'dynamic_listeners',
    'static_route_configs',
    'dynamic_route_configs',
    'dynamic_active_secrets',
  ];
  for (const pod of gateways) {
    const client = await httpTo(pod, 15000);
    const others = gateways.filter((other) => other !== pod);
    for (const resource of lists) {
      const { status, body } = await client.get(`/config_dump?resource=${resource}&include_eds`);
      assert.is(status, 200, `${resource} of ${pod}: ${body.slice(0, 80)}`);
      const { configs = [] } = JSON.parse(body) as { configs?: readonly unknown[] };
      assert.ok(configs.length > 0 || !filled.includes(resource), `${resource} of ${pod} is empty`);
      assert.not.match(body, /\{(pod|node|ip)\}/);
      assert.not.ok(
        others.some((other) => body.includes(other)),
        `${resource} of ${pod} names another pod`,
      );
    }
    client.close();
  }
});

test('a filter that is no regular expression, and a path that is none, are refused as Envoy refuses them', async () => {
  const client = await httpTo(gateways[0], 15000);
  const answers = [];
  for (const target of ['/clusters?filter=(', '/stats?filter=(', '/stats?format=json&filter=(', '//']) {
    const { status, body } = await client.get(target);
    answers.push([status, body.slice(0, 17)]);
  }
  client.close();
  const invalid = [400, 'Invalid re2 regex'];
  assert.equal(answers, [invalid, invalid, invalid, [404, 'invalid path. adm']]);
});

test('exec runs pilot-agent request and says how it ended', async () => {
  const command =
    'command=pilot-agent&command=request&command=GET&command=server_info&container=istio-proxy&stdout=true';
  for (const protocols of [['v4.channel.k8s.io'], ['v5.channel.k8s.io', 'v4.channel.k8s.io']]) {
    const socket = await opened(upgrade(demo, path(gateways[1], `exec?${command}`), protocols));
    assert.is(socket.protocol, protocols[0]);
    const channels = ['', '', '', ''];
    socket.on('message', (data: Buffer) => {
      channels[data[0] as number] += data.subarray(1).toString();
    });
    const [code] = await once(socket, 'close');
    assert.is(code, 1000);
    assert.is(JSON.parse(channels[1] as string).state, 'LIVE');
    assert.equal(JSON.parse(channels[3] as string), { metadata: {}, status: 'Success' });
  }
});

test('a stream without the subprotocol is refused with 403 and nothing else', async () => {
  for (const protocols of [[], ['v5.channel.k8s.io'], ['portforward.k8s.io']]) {
    const { status, body } = await refused(forward(gateways[0], 'ports=15000', protocols));
    assert.equal([status, body], [403, ''], protocols.join());
  }
  assert.is((await refused(upgrade(demo, path(gateways[0], 'exec?command=x'), ['v1.channel.k8s.io']))).status, 403);
});

test('a stream of a pod that does not exist is not found, whatever else is wrong', async () => {
  const { status, headers, body } = await refused(forward('x', '', []));
  assert.equal([status, headers['content-type']], [404, 'application/json']);
  assert.equal(JSON.parse(body).message, 'pods "x" not found');
});

test('a stream with a wrong token is Unauthorized', async () => {
  const wrong = { ...demo, token: 'x' };
  assert.is(
    (await refused(upgrade(wrong, path(gateways[0], 'portforward?ports=1'), ['v4.channel.k8s.io']))).status,
    401,
  );
});

test('a stream that makes no sense is refused before any protocol', async () => {
  const cases = [
    [path(gateways[0], 'portforward'), 400, 'query parameter "port" is required'],
    [path(gateways[0], 'portforward?ports=0'), 400, /between 1 and 65535/],
    [path(gateways[0], 'portforward?ports=70000'), 400, /between 1 and 65535/],
    [
      path(gateways[0], 'exec?command=x&container=nope'),
      400,
      /container nope is not valid for pod istio-ingressgateway-66qlf/,
    ],
    [path(gateways[0], 'attach'), 404, /could not find the requested resource/],
    ['/api/v1/pods', 404, /could not find the requested resource/],
  ] as const;
  for (const [target, status, text] of cases) {
    const answer = await refused(upgrade(demo, target, ['v4.channel.k8s.io']));
    assert.is(answer.status, status, target);
    assert.match(answer.body, text);
  }
});

const pod = (spec: object, phase: string): RecordedObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'gw', namespace: 'ns' },
  spec: { containers: [{ name: 'istio-proxy' }], ...spec },
  status: { phase },
});

test('a pod on a node and without a running container is the kubelet’s text, one without a node the API server’s Status', async () => {
  const starting = pod({ nodeName: 'node1' }, 'Pending');
  const ports = new URLSearchParams('ports=15000');
  assert.is(refusal(pod({ nodeName: 'node1' }, 'Running'), 'portforward', ports), undefined);
  const portForward = refusal(starting, 'portforward', ports);
  assert.equal([portForward?.status, portForward?.body], [500, 'pod not found ("gw_ns")']);
  assert.match(portForward?.headers['content-type'] ?? '', /^text\/plain/);
  const exec = refusal(starting, 'exec', new URLSearchParams('command=x'));
  assert.equal([exec?.status, exec?.body], [500, 'container not found ("istio-proxy")']);
  const waiting = await refused(forward('istio-ingressgateway-x2v7n'));
  assert.is(waiting.status, 400);
  assert.is(JSON.parse(waiting.body).message, 'pod istio-ingressgateway-x2v7n does not have a host assigned');
});

test('a fault at the request meets the stream of its pod and port only', async () => {
  demo.faults.set([
    {
      at: 'request',
      does: 'status',
      code: 500,
      body: 'text',
      message: 'error dialing backend',
      on: 'portforward',
      pod: gateways[0],
      port: 15000,
    },
  ]);
  (await opened(forward(gateways[1]))).terminate();
  (await opened(forward(gateways[0], 'ports=15020'))).terminate();
  const { status, body } = await refused(forward(gateways[0]));
  assert.equal([status, body], [500, 'error dialing backend']);
  demo.faults.set([{ at: 'request', does: 'reset', on: 'portforward', times: 1 }]);
  const code = await forward(gateways[0]).then(
    () => 'open',
    (error: NodeJS.ErrnoException) => error.code,
  );
  assert.is(code, 'ECONNRESET');
});

test('a client that goes away in the middle is no event for the server', async () => {
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => {
    failures.push(error);
  };
  process.on('unhandledRejection', onFailure);
  const socket = await opened(forward(gateways[0]));
  socket.send(Buffer.concat([Buffer.of(0), Buffer.from('GET /config_dump HTTP/1.1\r\nhost: x\r\n\r\n')]));
  await once(socket, 'message');
  socket.terminate();
  // Longer than closeDelayMs, when the node's side ends.
  await new Promise((resolve) => setTimeout(resolve, 200));
  process.off('unhandledRejection', onFailure);
  assert.equal(failures, []);
  assert.is((await ask(demo, '/version')).status, 200);
});

/** Runs in a process of its own: what keeps a process alive cannot be seen from inside. */
const lastingUse = `
import { once } from 'node:events';
import WebSocket from 'ws';
import { startDemo } from '#demo/server.ts';
const demo = await startDemo({ faults: [{ at: 'answer', does: 'drip', bytes: 1, everyMs: 20 }, { at: 'request', does: 'stall', resource: 'nodes' }] });
const headers = { authorization: 'Bearer ' + demo.token };
const socket = new WebSocket(demo.url.replace('https', 'wss') + '/api/v1/namespaces/istio-system/pods/${gateways[0]}/portforward?ports=15000', ['v4.channel.k8s.io'], { ca: demo.ca, headers });
socket.on('error', () => {});
await once(socket, 'open');
socket.send(Buffer.concat([Buffer.of(0), Buffer.from('GET /config_dump HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n')]));
await once(socket, 'message');
const https = await import('node:https');
https.get(demo.url + '/api/v1/nodes', { ca: demo.ca, headers }).on('error', () => {});
while (!demo.requests.some(({ path }) => path === '/api/v1/nodes')) await new Promise((resolve) => setTimeout(resolve, 5));
await demo.close();
await demo.close();
console.log('closed');
`;

test('after close() nothing keeps the process alive, whatever was under way', async () => {
  const args = ['--no-warnings', '--input-type=module', '--eval', lastingUse];
  const output = await new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 10_000 }, (error, stdout, stderr) =>
      resolve(error ? `${error.message}${stderr}` : stdout),
    );
  });
  assert.is(output, 'closed\n');
});

test.run();
