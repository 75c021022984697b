// What goes wrong before an answer, or in part of it: one clear message on stderr, the right exit code, and what the
// others answered.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '#apiserver/fault.ts';
import { runCommand, type Said, withDemo } from '../support/run-command.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-bad-'));
test.after(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const kubeconfigText = (server: string, user = '{token: t}'): string =>
  `{apiVersion: v1, kind: Config, current-context: prod, clusters: [{name: c, cluster: {server: "${server}"}}], users: [{name: u, user: ${user}}], contexts: [{name: prod, context: {cluster: c, user: u}}]}`;

const kubeconfig = (server: string, user?: string): string => file('config', kubeconfigText(server, user));

const plugin = (words: string): string =>
  kubeconfig(
    'https://127.0.0.1:1',
    `{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, ${words}}}`,
  );

const credential = (status: string): string =>
  file('credential', `{"apiVersion": "client.authentication.k8s.io/v1", "status": {${status}}}`);

/** stdout is empty, the exit code 2, and stderr says exactly this. */
function expectError(said: Said, ...lines: readonly string[]): void {
  assert.equal([said.code, said.out, said.err.trimEnd().split('\n')], [2, '', lines]);
}

const nothingThere =
  'cannot list pods in istio-system: no connection to the API server https://127.0.0.1:1 (context prod): nothing listens there';
const giveAnother =
  '  set $KUBECONFIG or --kubeconfig FILE; to try this tool without a cluster: kubectl istio-ingress demo';
const isClusterUp = '  see whether the cluster is up, and whether a VPN or proxy is needed: kubectl cluster-info';

const withoutCluster: readonly (readonly [
  title: string,
  words: () => string,
  env: Readonly<Record<string, string>>,
  ...lines: readonly string[],
])[] = [
  [
    'no kubeconfig',
    () => 'status',
    { HOME: '/nonexistent' },
    'error: cannot find a cluster: there is no kubeconfig',
    giveAnother,
  ],
  [
    'a kubeconfig of $KUBECONFIG that is not there',
    () => 'status',
    { KUBECONFIG: '/nonexistent/x' },
    'error: cannot read the kubeconfig /nonexistent/x of $KUBECONFIG: it does not exist',
    giveAnother,
  ],
  [
    'a kubeconfig that is not there',
    () => 'status --kubeconfig /nonexistent/x',
    {},
    'error: cannot read the kubeconfig /nonexistent/x: it does not exist',
    giveAnother,
  ],
  [
    'a kubeconfig whose first document is empty',
    () => `status --kubeconfig ${file('empty', `---\n---\n${kubeconfigText('https://127.0.0.1:1')}`)}`,
    {},
    `error: cannot find a cluster: the first document of ${join(directory, 'empty')} has no cluster, user or context`,
    giveAnother,
  ],
  [
    'a kubeconfig that is no YAML, whose secrets are not shown',
    () => `status --kubeconfig ${file('junk', 'token: s3cret [\n}')}`,
    {},
    `error: cannot read the kubeconfig ${join(directory, 'junk')}:2: Unexpected flow-map-end token in YAML stream`,
  ],
  [
    'a context that is not there',
    () => `status --context prd --kubeconfig ${kubeconfig('https://127.0.0.1:1')}`,
    {},
    'error: cannot use context "prd": the kubeconfig has no such context',
    '  did you mean prod?',
  ],
  [
    'an API server that is not there',
    () => `status --kubeconfig ${kubeconfig('https://127.0.0.1:1')}`,
    {},
    `error: ${nothingThere}`,
    isClusterUp,
  ],
  [
    'an address that is none',
    () => `status --kubeconfig ${kubeconfig('::::')}`,
    {},
    'error: cannot use context prod: the server "::::" is not a URL',
  ],
  [
    'a credential plugin that is not installed',
    () => `status --kubeconfig ${plugin('command: no-such-plugin, installHint: "get it from the wiki"')}`,
    {},
    'error: cannot get credentials from the plugin no-such-plugin of the kubeconfig: it is not installed, or not on the PATH',
    '  get it from the wiki',
  ],
  [
    'a credential plugin that fails',
    () => `status --kubeconfig ${plugin('command: sh, args: [-c, "exit 1"]')}`,
    { PATH: process.env['PATH'] ?? '' },
    'error: cannot get credentials from the plugin sh of the kubeconfig: it ended with 1; its own message is above',
  ],
  [
    'a credential plugin that prints something else',
    () => `status --kubeconfig ${plugin('command: sh, args: [-c, "echo hello"]')}`,
    { PATH: process.env['PATH'] ?? '' },
    'error: cannot get credentials from the plugin sh of the kubeconfig: its output is a text, not an ExecCredential in JSON',
  ],
  ...(
    [
      ['true', 'it printed nothing on stdout'],
      ['echo {', 'its output begins as JSON and is none: it is cut off, or something stands behind it'],
      ['echo {}; echo done', 'its output begins as JSON and is none: it is cut off, or something stands behind it'],
      ['echo Logged in.; echo {}', 'its output has a text before the credential, which belongs on stderr'],
      ['echo {}', 'its output is not an ExecCredential with a status'],
      ['echo "{status: []}"', 'its output is not an ExecCredential with a status'],
      [
        'echo "{status: {}}"',
        'its answer has no apiVersion, and the kubeconfig asks for client.authentication.k8s.io/v1',
      ],
    ] as const
  ).map(([script, why]): (typeof withoutCluster)[number] => [
    `a credential plugin of: ${script}`,
    () => `status --kubeconfig ${plugin(`command: sh, args: [-c, ${JSON.stringify(script)}]`)}`,
    { PATH: process.env['PATH'] ?? '' },
    `error: cannot get credentials from the plugin sh of the kubeconfig: ${why}`,
  ]),
  ...[
    ['"token": "a\\r\\nb"', 'the token of the plugin cat has a line break or another control character'],
    [
      '"clientCertificateData": "x", "clientKeyData": "x"',
      'its client certificate or key cannot be used: no start line',
    ],
  ].map(([status, why]): (typeof withoutCluster)[number] => [
    `a credential of a plugin that cannot be used: ${why}`,
    () => `status --kubeconfig ${plugin(`command: cat, args: [${credential(status ?? '')}]`)}`,
    { PATH: process.env['PATH'] ?? '' },
    `error: cannot use the credentials of context prod: ${why}`,
  ]),
];

for (const [title, words, env, ...lines] of withoutCluster) {
  test(title, async () => expectError(await runCommand(words().split(' '), { env }), ...lines));
}

/** Of files: what the operating system says to programmers is said in plain words. */
const unreadable: readonly (readonly [words: string, says: RegExp])[] = [
  ['preview DIR', /^error: there is no Gateway/],
  ['preview DIR/none.yaml', /none\.yaml: it does not exist$/],
  ['preview --values DIR --template 1.3 --chart a --chart-version 1 --release a/b --print', /: it is a directory$/],
  ['preview --namespace-values DIR/none --environment eqiad', /none: it does not exist$/],
  ['check --known DIR', /^error: cannot read .*: it is a directory$/],
  ['check --known DIR/none', /none: it does not exist$/],
  ['status --kubeconfig DIR', /^error: cannot read the kubeconfig .*: it is a directory$/],
  ['logs --from DIR/none', /none: it does not exist$/],
  ['status --from -', /^error: cannot read a snapshot from standard input$/],
  ['serve -', /^error: cannot read a snapshot from standard input$/],
];

for (const [words, says] of unreadable) {
  test(`in plain words: ${words}`, () =>
    withDemo({}, async ({ kii, directory: own }) => {
      const { code, out, err } = await kii(words.replaceAll('DIR', own));
      const [first = ''] = err.split('\n');
      assert.equal([code, out], [2, '']);
      assert.match(first, says);
      assert.not.match(err, /E[A-Z]{4,}|illegal operation|no such file|defect/);
    }));
}

test('a client certificate that is not there is named, in plain words', async () => {
  const user = '{client-certificate: none.crt, client-key: none.key}';
  const { err } = await runCommand(['status', '--kubeconfig', kubeconfig('https://127.0.0.1:1', user)], { env: {} });
  assert.match(
    err,
    `cannot use the credentials of context prod: cannot read ${join(directory, 'none.crt')}: it does not`,
  );
});

test('an API server whose certificate is not trusted', () =>
  withDemo({}, async ({ demo }) => {
    const said = await runCommand(['status', '--kubeconfig', kubeconfig(demo.url)], {});
    const why = `the certificate of ${demo.url} (context prod) is not trusted: self-signed certificate`;
    expectError(
      said,
      `error: cannot list pods in istio-system: ${why}`,
      '  give its CA with --certificate-authority FILE, or its name with --tls-server-name',
    );
  }));

const withCluster: readonly (readonly [words: string, ...lines: readonly string[]])[] = [
  [
    'status --token wrong',
    'error: cannot list pods in istio-system: the API server does not accept the credentials',
    '  log in again, or see which user the context has: kubectl config view --minify',
  ],
  [
    'status -n nope',
    'error: cannot find a gateway in namespace nope: it has no pods labelled istio=ingressgateway',
    '  there are some in istio-system: add -n istio-system',
  ],
  [
    'status -g ds/nope',
    'error: cannot find the gateway ds/nope in namespace istio-system: it does not exist',
    '  there is ds/istio-ingressgateway',
  ],
  ['status -g foo/nope', 'error: --gateway takes ds/NAME, deploy/NAME, svc/NAME or pod/NAME; not "foo/nope"'],
  [
    'status --pod istio-ingressgateway-66qlv',
    'error: cannot narrow the gateway to --pod istio-ingressgateway-66qlv: none of its 4 pods matches',
    '  did you mean istio-ingressgateway-66qlf?',
  ],
  ['routes --host a --host b', 'error: --host is given more than once'],
  ['certs --text --fail-within 14d', 'error: --text and --fail-within cannot be used together'],
  ['routes -g ds/x -l a=b', 'error: --gateway and --selector cannot be used together'],
  ['routes --from x --context y', 'error: --from and --context cannot be used together: what is saved is one gateway'],
  ['routes --from /nonexistent', 'error: cannot read /nonexistent: it does not exist (ENOENT: stat /nonexistent)'],
  [
    'routes -o jsn',
    'error: -o of routes takes table, wide, json, yaml, name, jsonpath, envoy; not "jsn"',
    '  did you mean json?',
  ],
  ['routes --host', 'error: --host needs a value', '  see: kubectl istio-ingress routes --help'],
  ['routes -n', 'error: --namespace needs a value', '  see: kubectl istio-ingress routes --help'],
  ['routes --port x', 'error: --port takes a number, not "x"'],
  ['routes --pod-timeout soon', 'error: --pod-timeout takes a duration such as 30s, 5m, 1h30m or 14d, not "soon"'],
  ['routes --hots a', 'error: unknown flag --hots of routes', '  did you mean --host?'],
  ['routes foo', 'error: routes does not take "foo"', '  see: kubectl istio-ingress routes --help'],
  ['--bogus demo -- routes', 'error: unknown flag --bogus', '  see: kubectl istio-ingress --help'],
  ['-- routes', 'error: cannot run "routes" behind --', '  the command comes first'],
  ['rotues', 'error: unknown command "rotues"', '  did you mean "routes"?'],
];

for (const [words, ...lines] of withCluster) {
  test(words, () => withDemo({}, async ({ kii }) => expectError(await kii(words), ...lines)));
}

test('a filter that matches nothing is an empty answer, with a word on what exists', () =>
  withDemo({}, async ({ kii }) => {
    const routes = await kii('routes --vs nope');
    assert.equal([routes.code, routes.out], [0, '']);
    assert.match(routes.err, /^no route matches; hosts that exist: .*expired\.discovery\.wmnet/);
    const secrets = await kii('secrets --name nope -o json');
    assert.equal([secrets.code, JSON.parse(secrets.out).items], [0, []]);
    assert.match(secrets.err, /^no secret matches; secrets that exist: ROOTCA, /);
  }));

const one = 'istio-ingressgateway-66qlf';
const asked = `config_dump?resource=dynamic_route_configs of istio-system/${one}:15000`;
const inPart: readonly (readonly [title: string, fault: Fault, ...lines: readonly string[]])[] = [
  [
    'a pod on which nothing listens',
    { at: 'connection', pod: one, does: 'refuse' },
    `error: cannot reach istio-system/${one}:15000: nothing listens on that port`,
  ],
  [
    'a pod that does not answer',
    { at: 'connection', pod: one, does: 'stall' },
    `error: cannot ask istio-system/${one}: it was not done after 1 s`,
    '  allow more with --pod-timeout',
  ],
  [
    'a pod that answers in another protocol',
    { at: 'answer', pod: one, does: 'junk' },
    `error: cannot read ${asked}: the port does not answer in HTTP`,
  ],
  [
    'a pod that answers half',
    { at: 'answer', pod: one, does: 'close', afterBytes: 500 },
    `error: cannot read ${asked}: the connection ended in the middle of the answer`,
  ],
  [
    'a pod that answers something else',
    { at: 'answer', pod: one, does: 'answer', status: 200, body: '<html>' },
    `error: cannot read ${asked}: it is not JSON but "<html>"`,
  ],
  [
    'a pod whose Envoy is overloaded',
    { at: 'answer', pod: one, does: 'answer', status: 503, body: 'busy\n' },
    `error: cannot read ${asked}: Envoy answered 503, "busy"`,
  ],
];

for (const [title, fault, ...lines] of inPart) {
  test(`${title} costs its lines on stderr, and not the answer of the others`, () =>
    withDemo({ faults: [fault] }, async ({ kii }) => {
      // What is tried again has to have the time for it.
      const { code, out, err } = await kii(`routes -o json --pod-timeout ${fault.does === 'stall' ? '1s' : '30s'}`);
      assert.equal([code, err.trimEnd().split('\n')], [3, lines]);
      const { complete, items } = JSON.parse(out) as {
        complete: boolean;
        items: readonly { pods: readonly string[] }[];
      };
      assert.is(complete, false);
      assert.ok(items.length > 20 && items.every(({ pods }) => pods.length > 0 && !pods.includes(one)));
    }));
}

test('where no pod answers there is no answer', () =>
  withDemo({ faults: [{ at: 'connection', does: 'refuse' }] }, async ({ kii }) => {
    expectError(
      await kii('routes'),
      `error: none of 3 pods answered: cannot reach istio-system/${one}:15000: nothing listens on that port`,
    );
  }));

const forbidden = (on: 'list' | 'portforward', message: string): Fault => ({
  at: 'request',
  on,
  does: 'status',
  code: 403,
  reason: 'Forbidden',
  message,
});

test('who may not list pods is told the rule that is missing', () =>
  withDemo(
    { faults: [forbidden('list', 'pods is forbidden: User "u" cannot list resource "pods"')] },
    async ({ kii }) => {
      const { code, err } = await kii('status');
      assert.is(code, 2);
      assert.match(err, 'cannot list pods in istio-system: pods is forbidden');
      assert.match(err, 'rules: [{apiGroups: [""], resources: ["pods"], verbs: ["list"]}]');
    },
  ));

/** The API server's own list in another shape: what it says when no pod is up. */
const listOf = (phase: string, containerStatuses: readonly object[] = []): Fault => {
  const pod = {
    metadata: { name: one, namespace: 'istio-system', labels: { istio: 'ingressgateway' } },
    spec: { nodeName: 'n1' },
    status: { phase, containerStatuses },
  };
  return {
    at: 'request',
    on: 'list',
    resource: 'pods',
    does: 'status',
    code: 200,
    body: 'text',
    message: JSON.stringify({ metadata: {}, items: [pod] }),
  };
};

test('where no pod is up there is no answer, with the reason', () =>
  withDemo(
    { faults: [listOf('Pending', [{ name: 'istio-proxy', state: { waiting: { reason: 'ImagePullBackOff' } } }])] },
    async ({ kii }) => {
      expectError(
        await kii('routes'),
        `error: cannot ask istio-system/${one}: it is Pending, ImagePullBackOff`,
        `  kubectl describe pod -n istio-system ${one}`,
      );
    },
  ));

test('flags that contradict each other, and those that need another', async () => {
  const config = kubeconfig('https://127.0.0.1:1');
  for (const [words, message] of [
    [
      '--insecure-skip-tls-verify --certificate-authority x',
      '--insecure-skip-tls-verify and --certificate-authority cannot be used together',
    ],
    ['--as-group x', '--as-group, --as-uid and --as-user-extra need --as'],
    ['--as me --as-user-extra x', '--as-user-extra takes KEY=VALUE, not "x"'],
  ] as const) {
    expectError(await runCommand(`routes --kubeconfig ${config} ${words}`.split(' '), {}), `error: ${message}`);
  }
});

for (const [title, user, message] of [
  [
    'an auth provider that is gone',
    '{auth-provider: {name: gcp}}',
    'its auth-provider gcp is not supported, by kubectl neither since 1.26',
  ],
  ['a certificate without its key', '{client-certificate-data: eA==}', 'it has a client certificate without its key'],
  ['a password and a token', '{username: a, password: b, token: c}', 'it has both a password and a token'],
] as const) {
  test(`a user with ${title}`, async () => {
    const { code, err } = await runCommand(['routes', '--kubeconfig', kubeconfig('https://127.0.0.1:1', user)], {});
    assert.equal([code, err.split('\n')[0]], [2, `error: cannot use user "u": ${message}`]);
  });
}

for (const [title, proxy, why] of [
  [
    'is not there',
    'socks5://127.0.0.1:1',
    'cannot reach 127.0.0.1:1 through the proxy 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
  ],
  [
    'is of another kind, whose password is not shown',
    'ftp://me:secret@x',
    'cannot reach https://127.0.0.1:1: the proxy ftp://x is none of http://, https:// and socks5://',
  ],
  [
    'has no scheme, whose password is not shown',
    'me:secret@x:3128',
    'cannot reach https://127.0.0.1:1: the proxy x:3128 is none of http://, https:// and socks5://',
  ],
  [
    'is not there, whose password is not shown',
    'http://me:secret@127.0.0.1:1',
    'cannot list pods in istio-system: no way to https://127.0.0.1:1 (context prod) through the proxy http://127.0.0.1:1: nothing listens there',
  ],
] as const) {
  test(`a proxy that ${title}`, async () => {
    const config = file(
      'proxied',
      kubeconfigText('https://127.0.0.1:1').replace('server:', `proxy-url: "${proxy}", server:`),
    );
    const { code, err } = await runCommand(['routes', '--kubeconfig', config], {});
    assert.equal([code, err.split('\n')[0]], [2, `error: ${why}`]);
  });
}

test('a reader that has gone is success', () =>
  withDemo({}, async ({ kii }) => {
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const said = await kii('routes', { writeOut: () => Promise.reject(gone) });
    assert.equal([said.code, said.err], [0, '']);
  }));

test('Ctrl-C ends a command with 130, without a word', () =>
  withDemo({ faults: [{ at: 'connection', does: 'stall' }] }, async ({ demo, kii }) => {
    const controller = new AbortController();
    const { ToolError } = await import('#core/error.ts');
    const running = kii('routes', { signal: controller.signal });
    while (!demo.requests.some(({ path }) => path.includes('portforward')))
      await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(new ToolError('interrupted', 'interrupted by SIGINT'));
    assert.equal(await running, { code: 130, out: '', err: '' });
  }));

test.run();
