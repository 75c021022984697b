import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { type Demo, startDemo } from '#demo/server.ts';
import { ask, askJson } from '../support/demo-request.ts';

let demo: Demo;
test.before(async () => {
  demo = await startDemo();
});
test.before.each(() => demo.faults.set([]));
test.after(() => demo.close());

interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly {
    readonly kind?: string;
    readonly apiVersion?: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
  }[];
}

const pods = '/api/v1/namespaces/istio-system/pods';
const istio = '/apis/networking.istio.io/v1';
const reviews = '/apis/authorization.k8s.io/v1';
const names = (list: List): string[] => list.items.map((item) => item.metadata.name);
const message = async (path: string, method = 'GET'): Promise<[number, string]> => {
  const { status, body } = await ask(demo, path, { method });
  return [status, body.startsWith('{') ? JSON.parse(body).message : body];
};

test('the kubeconfig reaches the server by its own CA and token', async () => {
  const config = parse(demo.kubeconfig);
  assert.is(config.clusters[0].cluster.server, demo.url);
  assert.match(demo.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const ca = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64').toString();
  assert.is(ca, demo.ca);
  assert.ok(new X509Certificate(ca).checkIP('127.0.0.1'));
  assert.is(
    config.contexts.find((c: { name: string }) => c.name === config['current-context']).context.user,
    config.users[0].name,
  );
  const { status } = await ask(demo, '/version', { authorization: `Bearer ${config.users[0].user.token}` });
  assert.is(status, 200);
  assert.not.match(demo.kubeconfig, /PRIVATE|client-key/);
});

test('no token, or a wrong one, is Unauthorized', async () => {
  for (const authorization of [undefined, 'Bearer', `Bearer ${demo.token}x`, `Basic ${demo.token}`]) {
    const { status, body } = await ask(demo, pods, { authorization });
    assert.is(status, 401, authorization);
    assert.equal(JSON.parse(body), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    });
  }
});

test('/version and the clock are those of the recording', async () => {
  assert.is((await askJson<{ gitVersion: string }>(demo, '/version')).gitVersion, 'v1.37.2');
  assert.is(demo.now.toISOString(), '2026-11-23T12:08:47.000Z');
});

test('a list has the kind of the list, and its items have none', async () => {
  const list = await askJson<List>(demo, pods);
  assert.equal([list.kind, list.apiVersion], ['PodList', 'v1']);
  assert.match(list.metadata.resourceVersion, /^[1-9]\d*$/);
  assert.is(list.items.length, 5);
  assert.ok(list.items.every((item) => !('kind' in item) && !('apiVersion' in item)));
});

test('items of custom resources keep kind and apiVersion, as the API server has them', async () => {
  const list = await askJson<List>(demo, `${istio}/gateways`);
  assert.equal([list.kind, list.apiVersion], ['GatewayList', 'networking.istio.io/v1']);
  assert.ok(list.items.every((item) => item.kind === 'Gateway' && item.apiVersion === 'networking.istio.io/v1'));
});

test('a list is of the cluster or of one namespace; a namespace that is empty or unknown has an empty one', async () => {
  const all = await askJson<List>(demo, `${istio}/virtualservices`);
  const one = await askJson<List>(demo, `${istio}/namespaces/svc1/virtualservices`);
  assert.ok(all.items.length > one.items.length);
  assert.equal(names(one), ['svc1-main', 'two']);
  const none = await ask(demo, '/api/v1/namespaces/nowhere/pods');
  assert.equal([none.status, JSON.parse(none.body).items], [200, []]);
});

test('selectors reach the list', async () => {
  const select = (query: Record<string, string>): Promise<List> =>
    askJson<List>(demo, `/api/v1/pods?${new URLSearchParams(query)}`);
  assert.is((await select({ labelSelector: 'istio=ingressgateway' })).items.length, 4);
  assert.is((await select({ labelSelector: 'istio in (pilot),app!=x' })).items.length, 1);
  assert.equal(names(await select({ fieldSelector: 'status.phase=Pending' })), ['istio-ingressgateway-x2v7n']);
  assert.equal(
    names(
      await select({ labelSelector: 'istio', fieldSelector: 'spec.nodeName=node2,metadata.namespace=istio-system' }),
    ).at(0),
    'istio-ingressgateway-l9b5b',
  );
  assert.equal(await message('/api/v1/pods?fieldSelector=spec.x%3D1'), [400, 'field label not supported: spec.x']);
  assert.is((await ask(demo, '/api/v1/pods?labelSelector=a%3Db%3Dc')).status, 400);
});

test('pages together are the list, each with as many as asked for', async () => {
  for (const selector of ['', '&labelSelector=app']) {
    const whole = names(await askJson<List>(demo, `/api/v1/services?limit=0${selector}`));
    for (const limit of [1, 2, whole.length - 1, whole.length, whole.length + 1]) {
      const seen: string[] = [];
      let next: string | undefined = '';
      while (next !== undefined) {
        const page: List = await askJson<List>(demo, `/api/v1/services?limit=${limit}${selector}&continue=${next}`);
        seen.push(...names(page));
        const left = whole.length - seen.length;
        next = page.metadata.continue;
        assert.is(page.items.length, next === undefined ? page.items.length : limit);
        assert.is(next === undefined, left === 0, `${limit} at a time, ${left} left`);
        // The server does not count what it has to filter.
        assert.is(page.metadata.remainingItemCount, selector === '' && left > 0 ? left : undefined);
      }
      assert.equal(seen, whole);
    }
  }
});

test('paging that makes no sense is refused', async () => {
  assert.is((await ask(demo, `${pods}?limit=many`)).status, 400);
  assert.equal(await message(`${pods}?limit=1&continue=bm9uc2Vuc2U`), [400, 'continue key is not valid']);
  const { metadata } = await askJson<List>(demo, '/api/v1/services?limit=1');
  assert.is((await ask(demo, `${pods}?limit=1&continue=${metadata.continue}`)).status, 410);
});

test('one object has its kind, as stored', async () => {
  const pod = await askJson<List['items'][number]>(demo, `${pods}/istio-ingressgateway-66qlf`);
  assert.equal([pod.kind, pod.apiVersion, pod.metadata.name], ['Pod', 'v1', 'istio-ingressgateway-66qlf']);
  const node = await askJson<List['items'][number]>(demo, '/api/v1/nodes/node1');
  assert.equal([node.kind, node.metadata.namespace], ['Node', undefined]);
});

test('an object that does not exist is not found, in the words of Kubernetes', async () => {
  const plain = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'NotFound', code: 404 };
  assert.equal(JSON.parse((await ask(demo, `${pods}/x`)).body), {
    ...plain,
    message: 'pods "x" not found',
    details: { name: 'x', kind: 'pods' },
  });
  assert.equal(JSON.parse((await ask(demo, `${istio}/namespaces/svc1/gateways/x`)).body), {
    ...plain,
    message: 'gateways.networking.istio.io "x" not found',
    details: { name: 'x', group: 'networking.istio.io', kind: 'gateways' },
  });
  // It exists, and elsewhere.
  assert.equal(await message('/api/v1/namespaces/default/pods/istio-ingressgateway-66qlf'), [
    404,
    'pods "istio-ingressgateway-66qlf" not found',
  ]);
});

test('what the server does not know is not found', async () => {
  const noPage: [number, string] = [404, '404 page not found\n'];
  for (const path of [
    '/',
    '/nope',
    '/apis/example.org/v1/things',
    '/apis/apps/v9/daemonsets',
    `${istio}/things`,
    '/api/v1/%ff/x',
    '//',
  ]) {
    assert.equal(await message(path), noPage, path);
  }
  const noResource: [number, string] = [404, 'the server could not find the requested resource'];
  for (const path of ['/api/v1/things', '/api/v1/pods/x', '/api/v1/namespaces/a/nodes', `${pods}/x/nope`]) {
    assert.equal(await message(path), noResource, path);
  }
});

test('nothing can be changed', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    assert.equal(
      await message(pods, method),
      [405, 'the server does not allow this method on the requested resource'],
      method,
    );
  }
  assert.is((await askJson<List>(demo, pods)).items.length, 5);
});

test('a stream asked for without an upgrade says so', async () => {
  assert.equal(await message(`${pods}/istio-ingressgateway-66qlf/portforward?ports=15000`), [
    400,
    'Upgrade request required',
  ]);
});

test('reviews allow everything and repeat what was asked', async () => {
  const spec = { resourceAttributes: { verb: 'get', resource: 'pods' } };
  const access = await ask(demo, `${reviews}/selfsubjectaccessreviews`, {
    method: 'POST',
    body: JSON.stringify({ kind: 'SelfSubjectAccessReview', spec }),
  });
  assert.is(access.status, 201);
  assert.equal(JSON.parse(access.body), { kind: 'SelfSubjectAccessReview', spec, status: { allowed: true } });
  const rules = await ask(demo, `${reviews}/selfsubjectrulesreviews`, {
    method: 'POST',
    body: '{"spec":{"namespace":"a"}}',
  });
  assert.equal(JSON.parse(rules.body).status.resourceRules, [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
  assert.is((await ask(demo, `${reviews}/selfsubjectaccessreviews`, { method: 'POST', body: 'x' })).status, 400);
});

test('discovery names what can be listed, and nothing else', async () => {
  const groups = await askJson<{ groups: { name: string; versions: { groupVersion: string }[] }[] }>(
    demo,
    '/apis?timeout=32s',
  );
  const versions = groups.groups.flatMap((group) => group.versions.map(({ groupVersion }) => `/apis/${groupVersion}`));
  assert.is(new Set(versions).size, versions.length);
  assert.equal((await askJson<{ versions: string[] }>(demo, '/api')).versions, ['v1']);
  for (const path of ['/api/v1', ...versions]) {
    const { resources } = await askJson<{ resources: { name: string; kind: string; namespaced: boolean }[] }>(
      demo,
      path,
    );
    assert.ok(resources.length > 0, path);
    for (const { name, kind, namespaced } of resources.filter((r) => !r.name.includes('/'))) {
      assert.is((await askJson<List>(demo, `${path}/${name}`)).kind, `${kind}List`);
      assert.is((await ask(demo, `${path}/namespaces/istio-system/${name}`)).status, namespaced ? 200 : 404, name);
    }
  }
});

test('every namespace that holds something is there, and no other', async () => {
  const list = await askJson<List>(demo, '/api/v1/namespaces');
  assert.ok(names(list).includes('istio-system') && names(list).includes('svc1'));
  assert.is((await askJson<List['items'][number]>(demo, '/api/v1/namespaces/istio-system')).kind, 'Namespace');
  assert.equal(await message('/api/v1/namespaces/nowhere'), [404, 'namespaces "nowhere" not found']);
});

test('more pods are asked for and are there, each once', async () => {
  const large = await startDemo({ pods: 40 });
  try {
    const list = await askJson<List>(large, `/api/v1/pods?labelSelector=istio%3Dingressgateway`);
    // 40 that answer, and the one that waits for a node.
    assert.is(new Set(names(list)).size, 41);
    assert.is((await askJson<List>(large, '/api/v1/nodes')).items.length, 41);
  } finally {
    await large.close();
  }
});

test('a fault answers with its status, as often as it says and only where it says', async () => {
  demo.faults.set([
    {
      at: 'request',
      does: 'status',
      code: 429,
      reason: 'TooManyRequests',
      message: 'slow down',
      retryAfterSeconds: 2,
      on: 'list',
      resource: 'pods',
      times: 1,
    },
  ]);
  assert.is((await ask(demo, '/api/v1/nodes')).status, 200);
  assert.is((await ask(demo, `${pods}/istio-ingressgateway-66qlf`)).status, 200);
  const { status, headers, body } = await ask(demo, pods);
  assert.equal([status, headers['retry-after'], headers['content-type']], [429, '2', 'application/json']);
  assert.is(JSON.parse(body).message, 'slow down');
  assert.is((await ask(demo, pods)).status, 200);
});

test('a fault answers with text, or with nothing', async () => {
  demo.faults.set([
    { at: 'request', does: 'status', code: 503, body: 'text', message: 'down', times: 1 },
    { at: 'request', does: 'status', code: 502, body: 'empty' },
  ]);
  const text = await ask(demo, pods);
  assert.equal([text.status, text.body, text.headers['content-type']], [503, 'down', 'text/plain; charset=utf-8']);
  const empty = await ask(demo, pods);
  assert.equal([empty.status, empty.body], [502, '']);
});

test('a fault resets the connection, or never answers', async () => {
  demo.faults.set([
    { at: 'request', does: 'reset', times: 1 },
    { at: 'request', does: 'stall', times: 1 },
  ]);
  const code = await ask(demo, pods).then(
    () => 'answered',
    (error: NodeJS.ErrnoException) => error.code,
  );
  assert.is(code, 'ECONNRESET');
  const stalled = ask(demo, pods).then(
    () => 'answered',
    () => 'ended',
  );
  const silence = new Promise((resolve) => setTimeout(resolve, 200, 'silence'));
  assert.is(await Promise.race([stalled, silence]), 'silence');
  assert.is((await ask(demo, pods)).status, 200);
});

test('a wrong token is refused before any fault happens', async () => {
  demo.faults.set([{ at: 'request', does: 'status', code: 500, times: 1 }]);
  assert.is((await ask(demo, pods, { authorization: 'Bearer x' })).status, 401);
  assert.is((await ask(demo, pods)).status, 500);
});

test('requests are recorded in their order, with their query', async () => {
  const before = demo.requests.length;
  await ask(demo, `${pods}?limit=1`);
  await ask(demo, `${reviews}/selfsubjectaccessreviews`, { method: 'POST', body: '{}' });
  assert.equal(demo.requests.slice(before), [
    { method: 'GET', path: `${pods}?limit=1` },
    { method: 'POST', path: `${reviews}/selfsubjectaccessreviews` },
  ]);
});

test.run();
