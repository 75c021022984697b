// Kubeconfigs and flags, and what the API server sees of a client that follows client-go: one table for our tool
// (test/cluster/access) and for the real kubectl (test/real-cluster). Rules: client-go tools/clientcmd, plugin/pkg/client/auth/exec.

import type { Seen } from './api-observer.ts';

export interface AccessRow {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: string;
  readonly sees: Seen | 'nothing';
  /** Where we differ on purpose. */
  readonly kubectl?: { readonly sees: Seen | 'nothing'; readonly why: string };
}

const kubeconfig = (cluster: string, user: string, more = ''): string =>
  `{apiVersion: v1, kind: Config, current-context: x, clusters: [{name: c, cluster: {${cluster}}}], users: [{name: u, user: {${user}}}], contexts: [{name: x, context: {cluster: c, user: u}}]${more}}`;

const one = 'server: "https://{one}", certificate-authority-data: {one-ca}';
const two = 'server: "https://{two}", certificate-authority-data: {two-ca}';
const config = (cluster: string, user: string): AccessRow['files'] => ({ config: kubeconfig(cluster, user) });
const token = (value: string): Seen => ({ server: 'one', authorization: `Bearer ${value}` });

/** As Node shows the bytes of a header. */
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

const lists = { env: { KUBECONFIG: '{dir}/config:{dir}/absent::{dir}/second' } };
const second = `{apiVersion: v1, kind: Config, current-context: b, clusters: [{name: c, cluster: {${two}}}], users: [{name: u, user: {token: second}}, {name: only, user: {token: only}}], contexts: [{name: b, context: {cluster: c, user: only}}]}`;

const merging: readonly AccessRow[] = [
  {
    title: 'of two files the first that names a thing wins, the current context too',
    files: { ...config(one, 'token: t'), second },
    ...lists,
    sees: token('t'),
  },
  {
    title: 'a context of the second file uses the cluster of the first',
    files: { ...config(one, 'token: t'), second },
    ...lists,
    flags: '--context b',
    sees: token('only'),
  },
  {
    title: 'things of the same name are not mixed',
    files: { ...config(one, 'as: me, client-certificate: alice.crt, client-key: alice.key'), second },
    ...lists,
    sees: { server: 'one', certificate: 'alice', impersonate: { 'impersonate-user': 'me' } },
  },
  {
    title: 'a file without anything',
    files: { ...config(one, 'token: t'), second: '' },
    env: { KUBECONFIG: '{dir}/second:{dir}/config' },
    sees: token('t'),
  },
  {
    title: '--kubeconfig replaces the list',
    files: { ...config(one, 'token: t'), second },
    ...lists,
    flags: '--kubeconfig {dir}/second --context b',
    sees: { server: 'two', authorization: 'Bearer only' },
  },
  {
    title: 'a --kubeconfig that is not there',
    files: config(one, 'token: t'),
    flags: '--kubeconfig {dir}/absent',
    sees: 'nothing',
  },
  {
    title: 'a name twice in one file',
    files: { config: kubeconfig(one, 'token: t').replace('users: [', 'users: [{name: u, user: {token: other}}, ') },
    sees: 'nothing',
  },
  {
    title: 'a current context that is not there',
    files: { config: kubeconfig(one, 'token: t').replace('current-context: x', 'current-context: z') },
    sees: 'nothing',
  },
];

const choosing: readonly AccessRow[] = [
  {
    title: '--user',
    files: { config: kubeconfig(one, 'token: t').replace('users: [', 'users: [{name: v, user: {token: v}}, ') },
    flags: '--user v',
    sees: token('v'),
  },
  { title: '--user that is not there', files: config(one, 'token: t'), flags: '--user nope', sees: 'nothing' },
  { title: '--cluster that is not there', files: config(one, 'token: t'), flags: '--cluster nope', sees: 'nothing' },
  {
    title: '--cluster',
    files: { config: kubeconfig(one, 'token: t').replace('clusters: [', `clusters: [{name: d, cluster: {${two}}}, `) },
    flags: '--cluster d',
    sees: { server: 'two', authorization: 'Bearer t' },
  },
  {
    title: '--cluster and --user without a context',
    files: { config: kubeconfig(one, 'token: t').replace('current-context: x, ', '') },
    flags: '--cluster c --user u',
    sees: token('t'),
  },
  {
    title: 'a context without a user',
    files: { config: kubeconfig(one, 'token: t').replace(', user: u}', '}') },
    sees: { server: 'one' },
    kubectl: { sees: 'nothing', why: 'it asks for a user name and a password' },
  },
  {
    title: '--server keeps CA and user',
    files: config(`server: "https://192.0.2.1", certificate-authority-data: {one-ca}`, 'token: t'),
    flags: '--server https://{one}',
    sees: token('t'),
  },
  {
    title: '--server where the cluster of the context is not there',
    files: { config: kubeconfig(one, 'token: t').replace('cluster: c', 'cluster: nope') },
    flags: '--server https://{one} --insecure-skip-tls-verify',
    sees: token('t'),
  },
  {
    title: '--token where the user of the context is not there',
    files: { config: kubeconfig(one, 'token: t').replace('user: u}', 'user: nope}') },
    flags: '--token f',
    sees: token('f'),
  },
  {
    title: 'the user of the context is not there',
    files: { config: kubeconfig(one, 'token: t').replace('user: u}', 'user: nope}') },
    sees: 'nothing',
  },
  {
    title: 'a server with a path',
    files: config('server: "https://{one}/k8s/clusters/c-1", certificate-authority-data: {one-ca}', 'token: t'),
    sees: { ...token('t'), path: '/k8s/clusters/c-1' },
  },
  {
    title: 'a server with slashes at its end',
    files: config('server: "https://{one}///", certificate-authority-data: {one-ca}', 'token: t'),
    sees: token('t'),
  },
  {
    title: 'no kubeconfig, and --server',
    files: {},
    env: { KUBECONFIG: '' },
    flags: '--server https://{one} --insecure-skip-tls-verify --token f',
    sees: token('f'),
  },
];

/** As much as stands before other base64. */
const base64 = (text: string): string =>
  Buffer.from(text.padEnd(Math.ceil(text.length / 3) * 3, '\n')).toString('base64');
const brokenCertificate = base64('a text\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
const otherPem = base64('-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n-----END TRUSTED CERTIFICATE-----\n');

const trusting: readonly AccessRow[] = [
  {
    title: 'a CA beside the kubeconfig',
    files: config('server: "https://{one}", certificate-authority: one.crt', 'token: t'),
    sees: token('t'),
  },
  {
    title: 'another CA',
    files: config('server: "https://{one}", certificate-authority: two.crt', 'token: t'),
    sees: 'nothing',
  },
  { title: 'no CA', files: config('server: "https://{one}"', 'token: t'), sees: 'nothing' },
  {
    title: '--certificate-authority in the place of the data',
    files: config('server: "https://{one}", certificate-authority-data: {two-ca}', 'token: t'),
    flags: '--certificate-authority {dir}/one.crt',
    sees: token('t'),
  },
  {
    title: '--certificate-authority in the place of insecure-skip-tls-verify',
    files: config('server: "https://{one}", insecure-skip-tls-verify: true', 'token: t'),
    flags: '--certificate-authority {dir}/two.crt',
    sees: 'nothing',
  },
  {
    title: '--insecure-skip-tls-verify in the place of a CA',
    files: config('server: "https://{one}", certificate-authority-data: {two-ca}', 'token: t'),
    flags: '--insecure-skip-tls-verify',
    sees: token('t'),
  },
  {
    title: '--insecure-skip-tls-verify with --certificate-authority',
    files: config(one, 'token: t'),
    flags: '--insecure-skip-tls-verify --certificate-authority {dir}/one.crt',
    sees: 'nothing',
  },
  {
    title: 'insecure-skip-tls-verify with a CA',
    files: config(`${one}, insecure-skip-tls-verify: true`, 'token: t'),
    sees: 'nothing',
  },
  {
    title: 'a CA file that is not there',
    files: config('server: "https://{one}", certificate-authority: absent.crt', 'token: t'),
    sees: 'nothing',
  },
  {
    title: 'tls-server-name',
    files: config(`${one}, tls-server-name: localhost`, 'token: t'),
    sees: { ...token('t'), serverName: 'localhost' },
  },
  {
    title: 'a tls-server-name that the certificate has not',
    files: config(`${one}, tls-server-name: wrong.example`, 'token: t'),
    sees: 'nothing',
  },
  {
    title: '--server puts the tls-server-name away',
    files: config(
      `server: "https://192.0.2.1", certificate-authority-data: {one-ca}, tls-server-name: wrong.example`,
      'token: t',
    ),
    flags: '--server https://{one}',
    sees: token('t'),
  },
  {
    title: '--tls-server-name',
    files: config(one, 'token: t'),
    flags: '--tls-server-name localhost',
    sees: { ...token('t'), serverName: 'localhost' },
  },
  {
    title: 'a CA behind a certificate that cannot be read, and behind a text',
    files: config(`server: "https://{one}", certificate-authority-data: ${brokenCertificate}{one-ca}`, 'token: t'),
    sees: token('t'),
  },
  {
    title: 'a CA of another kind of PEM',
    files: config(`server: "https://{one}", certificate-authority-data: ${otherPem}`, 'token: t'),
    sees: 'nothing',
  },
  {
    title: 'a CA as data and as a file: the data',
    files: config(`${one}, certificate-authority: two.crt`, 'token: t'),
    sees: token('t'),
    kubectl: { sees: 'nothing', why: 'its message says that data will override, and then it refuses' },
  },
  {
    title: 'no credentials over plain HTTP',
    files: config('server: "http://{plain}"', 'token: t'),
    sees: { server: 'plain' },
  },
];

const identifying: readonly AccessRow[] = [
  {
    title: 'a client certificate beside the kubeconfig',
    files: config(one, 'client-certificate: alice.crt, client-key: alice.key'),
    sees: { server: 'one', certificate: 'alice' },
  },
  {
    title: 'a client certificate as data',
    files: config(one, 'client-certificate-data: {alice-cert}, client-key-data: {alice-key}'),
    sees: { server: 'one', certificate: 'alice' },
  },
  {
    title: '--client-certificate and --client-key in the place of the data',
    files: config(one, 'client-certificate-data: {alice-cert}, client-key-data: {alice-key}'),
    flags: '--client-certificate {dir}/bob.crt --client-key {dir}/bob.key',
    sees: { server: 'one', certificate: 'bob' },
  },
  {
    title: 'a client certificate without its key',
    files: config(one, 'client-certificate: alice.crt'),
    sees: 'nothing',
  },
  {
    title: '--client-certificate without its key',
    files: config(one, 'token: t'),
    flags: '--client-certificate {dir}/bob.crt',
    sees: 'nothing',
  },
  {
    title: '--client-certificate with the key of the kubeconfig',
    files: config(one, 'client-certificate: alice.crt, client-key: bob.key'),
    flags: '--client-certificate {dir}/bob.crt',
    sees: { server: 'one', certificate: 'bob' },
  },
  {
    title: '--client-key with the certificate of the kubeconfig',
    files: config(one, 'client-certificate-data: {bob-cert}, client-key-data: {alice-key}'),
    flags: '--client-key {dir}/bob.key',
    sees: { server: 'one', certificate: 'bob' },
  },
  {
    title: '--client-key alone',
    files: config(one, 'token: t'),
    flags: '--client-key {dir}/bob.key',
    sees: token('t'),
  },
  {
    title: 'a token and a client certificate',
    files: config(one, 'token: t, client-certificate: alice.crt, client-key: alice.key'),
    sees: { ...token('t'), certificate: 'alice' },
  },
  {
    title: 'a token file beside the kubeconfig, with a newline',
    files: { ...config(one, 'tokenFile: token'), token: 'from-file\n' },
    sees: token('from-file'),
  },
  {
    title: 'a token file before a token',
    files: { ...config(one, 'tokenFile: token, token: t'), token: 'from-file' },
    sees: token('from-file'),
  },
  {
    title: 'a token where the token file is not there',
    files: config(one, 'tokenFile: absent, token: t'),
    sees: token('t'),
  },
  { title: 'a token file that is not there', files: config(one, 'tokenFile: absent'), sees: 'nothing' },
  { title: 'a token file that is null', files: config(one, 'tokenFile: null, token: t'), sees: token('t') },
  { title: 'a token file that is empty', files: config(one, "tokenFile: '', token: t"), sees: token('t') },
  { title: 'a token file that is a number', files: config(one, 'tokenFile: 7, token: t'), sees: 'nothing' },
  {
    title: 'a token that is not ASCII is sent in UTF-8',
    files: config(one, 'token: jürgen'),
    sees: token(utf8('jürgen')),
  },
  { title: '--token in the place of a token', files: config(one, 'token: t'), flags: '--token f', sees: token('f') },
  {
    title: '--token and a token file',
    files: { ...config(one, 'tokenFile: token'), token: 'from-file' },
    flags: '--token f',
    sees: token('f'),
    kubectl: { sees: token('from-file'), why: 'who gives a token means that one' },
  },
  {
    title: 'a user name and password',
    files: config(one, 'username: alice, password: secret'),
    sees: { server: 'one', authorization: `Basic ${Buffer.from('alice:secret').toString('base64')}` },
  },
  {
    title: 'a password and a token',
    files: config(one, 'username: alice, password: secret, token: t'),
    sees: 'nothing',
  },
  {
    title: '--token and a password',
    files: config(one, 'username: alice, password: secret'),
    flags: '--token f',
    sees: 'nothing',
  },
  {
    title: 'an auth provider that client-go has no more',
    files: config(one, 'auth-provider: {name: gcp, config: {access-token: t}}'),
    sees: 'nothing',
  },
];

const impersonating: readonly AccessRow[] = [
  {
    title: 'as, as-uid, as-groups and as-user-extra of the kubeconfig',
    files: config(one, 'token: t, as: me, as-uid: "7", as-groups: [a, b], as-user-extra: {Scopes/x: [s1, s2]}'),
    sees: {
      ...token('t'),
      impersonate: {
        'impersonate-user': 'me',
        'impersonate-uid': '7',
        'impersonate-group': 'a, b',
        'impersonate-extra-scopes%2fx': 's1, s2',
      },
    },
  },
  {
    title: '--as, --as-uid, --as-group and --as-user-extra',
    files: config(one, 'token: t'),
    flags: '--as me --as-uid 7 --as-group a --as-group b --as-user-extra Scopes=s1 --as-user-extra Scopes=s2',
    sees: {
      ...token('t'),
      impersonate: {
        'impersonate-user': 'me',
        'impersonate-uid': '7',
        'impersonate-group': 'a, b',
        'impersonate-extra-scopes': 's1, s2',
      },
    },
  },
  {
    title: '--as-group with commas is one group',
    files: config(one, 'token: t'),
    flags: '--as me --as-group CN=admins,OU=x --as-group b',
    sees: { ...token('t'), impersonate: { 'impersonate-user': 'me', 'impersonate-group': 'CN=admins,OU=x, b' } },
  },
  {
    title: 'names to impersonate that are not ASCII are sent in UTF-8',
    files: config(one, 'token: t, as: jürgen, as-groups: [東京]'),
    sees: {
      ...token('t'),
      impersonate: { 'impersonate-user': utf8('jürgen'), 'impersonate-group': utf8('東京') },
    },
  },
  {
    title: '--as keeps the groups of the kubeconfig',
    files: config(one, 'token: t, as: me, as-groups: [a]'),
    flags: '--as you',
    sees: { ...token('t'), impersonate: { 'impersonate-user': 'you', 'impersonate-group': 'a' } },
  },
  {
    title: 'impersonation that is null',
    files: config(one, 'token: t, as: null, as-uid: null, as-groups: null, as-user-extra: null'),
    sees: token('t'),
  },
  { title: 'as that is a number', files: config(one, 'token: t, as: 7'), sees: 'nothing' },
  { title: 'as-groups that are one text', files: config(one, 'token: t, as: me, as-groups: a'), sees: 'nothing' },
  {
    title: 'as-user-extra that is a list',
    files: config(one, 'token: t, as: me, as-user-extra: [a]'),
    sees: 'nothing',
  },
  { title: '--as-group without --as', files: config(one, 'token: t'), flags: '--as-group a', sees: 'nothing' },
  { title: 'as-groups without as', files: config(one, 'token: t, as-groups: [a]'), sees: 'nothing' },
];

const api = 'client.authentication.k8s.io';
const plugin = (words: string): string =>
  `exec: {apiVersion: ${api}/v1, command: ./plugin, interactiveMode: IfAvailable, ${words}}`;
const credential = (status: string, version = 'v1'): string => `#!/bin/sh
printf %s '{"apiVersion": "${api}/${version}", "kind": "ExecCredential", "status": {${status}}}'
`;
const says = (status: string, words = ''): AccessRow['files'] => ({
  ...config(one, plugin(words)),
  plugin: credential(status),
});
const telling = `#!/bin/sh
echo '{"apiVersion": "${api}/v1", "kind": "ExecCredential", "status": {"token": "info:'$(printf %s "$KUBERNETES_EXEC_INFO" | base64 -w0)'"}}'
`;
const info = (cluster?: object): unknown => ({
  kind: 'ExecCredential',
  apiVersion: `${api}/v1`,
  spec: { ...(cluster && { cluster }), interactive: false },
});

const plugins: readonly AccessRow[] = [
  { title: 'a plugin beside the kubeconfig gives a token', files: says('"token": "p"'), sees: token('p') },
  {
    title: 'a plugin with words and variables',
    files: {
      ...config(one, plugin('args: [a, "b c"], env: [{name: V, value: v}]')),
      plugin: `#!/bin/sh\necho '{"apiVersion": "${api}/v1", "kind": "ExecCredential", "status": {"token": "'$1-$2-$V'"}}'\n`,
    },
    sees: token('a-b c-v'),
  },
  {
    title: 'a plugin is told what it is asked',
    files: { ...config(one, plugin('')), plugin: telling },
    sees: { server: 'one', execInfo: info() },
  },
  {
    title: 'a plugin is told of the cluster where it wants to know',
    files: {
      ...config(
        `${one}, tls-server-name: localhost, extensions: [{name: ${api}/exec, extension: {audience: x}}]`,
        plugin('provideClusterInfo: true'),
      ),
      plugin: telling,
    },
    sees: {
      server: 'one',
      serverName: 'localhost',
      execInfo: info({
        server: 'https://{one}',
        'tls-server-name': 'localhost',
        'certificate-authority-data': '{one-ca}',
        config: { audience: 'x' },
      }),
    },
  },
  {
    title: 'a plugin that gives a certificate',
    files: says('"clientCertificateData": "{alice-pem}", "clientKeyData": "{alice-pem-key}"'),
    sees: { server: 'one', certificate: 'alice' },
  },
  {
    title: 'a plugin that fails',
    files: { ...config(one, plugin('')), plugin: '#!/bin/sh\nexit 1\n' },
    sees: 'nothing',
  },
  {
    title: 'a plugin that answers another version',
    files: { ...config(one, plugin('')), plugin: credential('"token": "p"', 'v1beta1') },
    sees: 'nothing',
  },
  {
    title: 'a plugin that answers in YAML, without a kind',
    files: {
      ...config(one, plugin('')),
      plugin: `#!/bin/sh\nprintf 'apiVersion: ${api}/v1\\nstatus:\\n  token: p\\n'\n`,
    },
    sees: token('p'),
  },
  {
    title: 'a plugin that answers a kind without anything',
    files: { ...config(one, plugin('')), plugin: credential('"token": "p"').replace('ExecCredential', '') },
    sees: token('p'),
  },
  {
    title: 'a plugin whose credential ends at a time without a zone',
    files: says('"token": "p", "expirationTimestamp": "2040-01-01T00:00:00"'),
    sees: 'nothing',
  },
  {
    title: 'a plugin whose credential ends at no time',
    files: says('"token": "p", "expirationTimestamp": ""'),
    sees: 'nothing',
  },
  { title: 'a plugin whose token has a line break', files: says('"token": "p\\r\\nX: y"'), sees: 'nothing' },
  {
    title: 'a plugin that answers a certificate and the key of another',
    files: says('"clientCertificateData": "{alice-pem}", "clientKeyData": "{bob-pem-key}"'),
    sees: 'nothing',
  },
  {
    title: 'a plugin that answers another kind',
    files: {
      ...config(one, plugin('')),
      plugin: credential('"token": "p"').replace('"ExecCredential"', '"TokenReview"'),
    },
    sees: 'nothing',
  },
  {
    title: 'a plugin that gives nothing',
    files: says('"expirationTimestamp": "2030-01-01T00:00:00Z"'),
    sees: 'nothing',
  },
  {
    title: 'a plugin that gives a certificate without its key',
    files: says('"clientCertificateData": "x"'),
    sees: 'nothing',
  },
  {
    title: 'a plugin that must ask on a terminal, and there is none',
    files: { ...config(one, plugin('').replace('IfAvailable', 'Always')), plugin: credential('"token": "p"') },
    sees: 'nothing',
  },
  {
    title: 'a plugin of v1 without interactiveMode',
    files: {
      ...config(one, plugin('').replace('interactiveMode: IfAvailable, ', '')),
      plugin: credential('"token": "p"'),
    },
    sees: 'nothing',
  },
  {
    title: 'a plugin of an API that is gone',
    files: {
      ...config(one, plugin('').replace(`${api}/v1`, `${api}/v1alpha1`)),
      plugin: credential('"token": "p"', 'v1alpha1'),
    },
    sees: 'nothing',
  },
  {
    title: 'a plugin of v1beta1 without interactiveMode',
    files: {
      ...config(one, plugin('').replace(`${api}/v1`, `${api}/v1beta1`).replace('interactiveMode: IfAvailable, ', '')),
      plugin: credential('"token": "p"', 'v1beta1'),
    },
    sees: token('p'),
  },
  {
    title: '--token in the place of a plugin',
    files: { ...config(one, plugin('')), plugin: '#!/bin/sh\nexit 1\n' },
    flags: '--token f',
    sees: token('f'),
  },
  {
    title: 'a token before a plugin',
    files: { ...config(one, `token: t, ${plugin('')}`), plugin: '#!/bin/sh\nexit 1\n' },
    sees: token('t'),
  },
  {
    title: '--client-certificate in the place of a plugin',
    files: says('"token": "p"'),
    flags: '--client-certificate {dir}/bob.crt --client-key {dir}/bob.key',
    sees: { server: 'one', certificate: 'bob' },
  },
  {
    title: 'a client certificate before a plugin',
    files: {
      ...config(one, `client-certificate: alice.crt, client-key: alice.key, ${plugin('')}`),
      plugin: credential('"token": "p"'),
    },
    sees: { server: 'one', certificate: 'alice' },
  },
];

const proxies: readonly AccessRow[] = [
  {
    title: 'proxy-url',
    files: config(`${one}, proxy-url: "http://{connect}"`, 'token: t'),
    sees: { ...token('t'), proxy: 'connect' },
  },
  {
    title: 'proxy-url, whatever NO_PROXY says',
    files: config(`${one}, proxy-url: "http://{connect}"`, 'token: t'),
    env: { NO_PROXY: '*' },
    sees: { ...token('t'), proxy: 'connect' },
  },
  {
    title: 'proxy-url of SOCKS',
    files: config(`${one}, proxy-url: "socks5://{socks}"`, 'token: t'),
    sees: { ...token('t'), proxy: 'socks' },
  },
  {
    title: 'proxy-url of SOCKS with tls-server-name',
    files: config(`${one}, proxy-url: "socks5://{socks}", tls-server-name: localhost`, 'token: t'),
    sees: { ...token('t'), proxy: 'socks', serverName: 'localhost' },
  },
  {
    title: 'proxy-url of another kind',
    files: config(`${one}, proxy-url: "ftp://{connect}"`, 'token: t'),
    sees: 'nothing',
  },
  {
    title: 'HTTPS_PROXY never for the loopback interface',
    files: config(one, 'token: t'),
    env: { HTTPS_PROXY: 'http://{connect}' },
    sees: token('t'),
  },
];

/** `text` in place of the usual user, in block style: what flow style cannot say. */
const block = (cluster: string, user: string, more = ''): AccessRow['files'] => ({
  config: `apiVersion: v1
kind: Config
current-context: x
clusters:
- name: c
  cluster:
    ${cluster}
users:
- name: u
  user:
    ${user}
contexts:
- name: x
  context: {cluster: c, user: u}
${more}`,
});
const oneServer = 'server: "https://{one}"';
const oneCa = 'certificate-authority-data: {one-ca}';

/** YAML 1.1 as sigs.k8s.io/yaml reads it. */
const spelling: readonly AccessRow[] = [
  {
    title: 'the last of equal keys counts',
    files: block(`${oneServer}\n    ${oneCa}`, 'token: old\n    token: t'),
    sees: token('t'),
  },
  {
    title: 'keys of an anchor are merged',
    files: block(`<<: &base {${oneCa}}\n    ${oneServer}`, 'token: t'),
    sees: token('t'),
  },
  {
    title: 'a list of anchors is merged, the first wins, and keys after it win',
    files: block(`<<: [{${oneCa}}, {certificate-authority-data: no, server: no}]\n    ${oneServer}`, 'token: t'),
    sees: token('t'),
  },
  {
    title: 'what is merged replaces keys before it',
    files: block(`server: no\n    certificate-authority-data: no\n    <<: {${oneServer}, ${oneCa}}`, 'token: t'),
    sees: token('t'),
  },
  {
    title: 'only the first document is read',
    files: block(`${oneServer}\n    ${oneCa}`, 'token: t', '---\ncurrent-context: y\n---\n[{\n'),
    sees: token('t'),
  },
  { title: '!!binary is text', files: block(`${oneServer}\n    ${oneCa}`, 'token: !!binary dA=='), sees: token('t') },
  { title: 'a tag that nobody knows', files: block(`${oneServer}\n    ${oneCa}`, 'token: !vault t'), sees: token('t') },
  {
    title: 'a time is text',
    files: block(`${oneServer}\n    ${oneCa}`, 'token: 2001-01-01'),
    sees: token('2001-01-01'),
  },
  { title: 'yes is no text', files: block(`${oneServer}\n    ${oneCa}`, 'token: yes'), sees: 'nothing' },
  { title: 'a token that is a number', files: config(one, 'token: 7'), sees: 'nothing' },
  {
    title: 'a wrong type in an entry that nobody chose',
    files: block(`${oneServer}\n    ${oneCa}`, 'token: t', '- name: y\n  context: {cluster: 7}\n'),
    sees: 'nothing',
  },
  {
    title: 'verification is skipped with yes',
    files: block(`${oneServer}\n    insecure-skip-tls-verify: yes`, 'token: t'),
    sees: token('t'),
  },
  { title: 'a byte order mark', files: { config: `\uFEFF${kubeconfig(one, 'token: t')}` }, sees: token('t') },
  {
    title: 'entries that nobody chose are not judged',
    files: block(
      `${oneServer}\n    ${oneCa}`,
      'token: t',
      '- name: left-over\n  context: {}\n- name: nothing\n- context: {cluster: c}\n',
    ),
    sees: token('t'),
  },
  {
    title: 'a context without a cluster, chosen',
    files: block(`${oneServer}\n    ${oneCa}`, 'token: t', '- name: left-over\n  context: {user: u}\n'),
    flags: '--context left-over',
    sees: 'nothing',
  },
];

const whole = kubeconfig(one, 'token: t');
const changed = (from: string | RegExp, to: string): AccessRow['files'] => ({ config: whole.replace(from, to) });
const named = (kind: string, more: string): AccessRow['files'] => changed(`${kind}s: [`, `${kind}s: [${more}, `);
const otherUser = (fields: string): AccessRow['files'] => named('user', `{name: d, user: {${fields}}}`);

/** What kubectl's decoder refuses, wherever it stands. */
const refused: readonly AccessRow[] = [
  ['a name that is a number', named('context', '{name: 7, context: {cluster: c}}')],
  ['a name that is yes', changed(/\bx\b/g, 'yes')],
  ['a current context that is a number', changed('current-context: x', 'current-context: 7')],
  ['an octal number of YAML 1.2', changed('token: t', 'token: 0o17')],
  ['%YAML 1.2', { config: `%YAML 1.2\n---\n${whole}` }],
  ['a directive that nobody knows', { config: `%FOO bar\n---\n${whole}` }],
  ['apiVersion v2', changed('apiVersion: v1', 'apiVersion: v2')],
  ['an apiVersion that is a number', changed('apiVersion: v1', 'apiVersion: 1')],
  ['kind Pod', changed('kind: Config', 'kind: Pod')],
  ['a kind in lower case', changed('kind: Config', 'kind: config')],
  ['a control character in a comment', { config: `# \u001b[1m\n${whole}` }],
  ['a key that is null', changed('kind: Config', 'kind: Config, ~: x')],
  ['a key that is a list', changed('kind: Config', 'kind: Config, [a]: x')],
  ['a value that JSON has not', changed('kind: Config', 'kind: Config, more: .nan')],
  ['an anchor that refers to itself', changed('kind: Config', 'kind: Config, more: &a [*a]')],
  ['clusters that are a map', changed(/clusters: \[.*?\], users/, 'clusters: {name: c}, users')],
  ['an entry that is a text', named('cluster', 'text')],
  ['a cluster that is a text', named('cluster', '{name: d, cluster: text}')],
  ['a user that is a list', named('user', '{name: d, user: []}')],
  ['two entries without a name', named('context', '{context: {cluster: c}}, null')],
  ['data that is no base64', named('cluster', '{name: d, cluster: {certificate-authority-data: "!"}}')],
  ['data with spaces in it', named('cluster', '{name: d, cluster: {certificate-authority-data: aGVs bG8=}}')],
  ['data without its padding', named('cluster', '{name: d, cluster: {certificate-authority-data: aGVsbG8}}')],
  ['an auth provider that is a text', otherUser('auth-provider: x')],
  ['a word of an auth provider that is a number', otherUser('auth-provider: {name: oidc, config: {a: 1}}')],
  ['a plugin that is a text', otherUser('exec: x')],
  ['words of a plugin that are one text', otherUser('exec: {args: a}')],
  ['a word of a plugin that is a number', otherUser('exec: {args: [1]}')],
  ['variables of a plugin that are a map', otherUser('exec: {env: {A: b}}')],
  ['a variable of a plugin that is a number', otherUser('exec: {env: [{name: A, value: 1}]}')],
  ['the second file is no kubeconfig', { config: whole, second: whole.replace('v1', 'v2') }, lists.env] as const,
].map(([title, files, env]) => ({ title, files, ...(env && { env }), sees: 'nothing' }) as AccessRow);

/** What this tool takes or passes over as kubectl does. */
const taken: readonly AccessRow[] = [
  { title: 'no apiVersion and no kind', files: changed('apiVersion: v1, kind: Config, ', ''), sees: token('t') },
  { title: '%YAML 1.1', files: { config: `%YAML 1.1\n---\n${whole}` }, sees: token('t') },
  { title: 'null among the entries', files: named('cluster', 'null'), sees: token('t') },
  { title: 'a name of e and digits', files: changed('token: t', 'token: e2'), sees: token('e2') },
  { title: 'a number too large', files: changed('token: t', 'token: 12e34567'), sees: token('12e34567') },
  {
    title: 'a hexadecimal number too large',
    files: changed('token: t', 'token: 0xb794f5ea0ba39494ce83'),
    sees: token('0xb794f5ea0ba39494ce83'),
  },
  {
    title: 'an entry without anything in the first file hides that of the second',
    files: { ...changed('cluster: {server', 'cluster: null, x: {server'), second: whole },
    ...lists,
    sees: 'nothing',
  },
  {
    title: '--server keeps the CA of a cluster without a server',
    files: config('certificate-authority-data: {one-ca}', 'token: t'),
    flags: '--server https://{one}',
    sees: token('t'),
  },
  {
    title: 'a server without a scheme is one of plain HTTP',
    files: config('server: "{plain}"', 'token: t'),
    sees: { server: 'plain' },
  },
  {
    title: 'a client key without its certificate',
    files: config(one, 'token: t, client-key: absent.key'),
    sees: token('t'),
  },
  {
    title: 'a user name alone',
    files: config(one, 'username: alice'),
    sees: { server: 'one', authorization: `Basic ${Buffer.from('alice:').toString('base64')}` },
  },
  {
    title: 'a user name before a plugin',
    files: { ...config(one, `username: alice, password: secret, ${plugin('')}`), plugin: credential('"token": "p"') },
    sees: { server: 'one', authorization: `Basic ${Buffer.from('alice:secret').toString('base64')}` },
  },
  {
    title: 'groups to impersonate that are none, without a user',
    files: config(one, 'token: t, as-groups: [], as-user-extra: {}'),
    sees: token('t'),
  },
  {
    title: 'a variable of a plugin without a name',
    files: { ...config(one, plugin('env: [{value: v}]')), plugin: credential('"token": "p"') },
    sees: 'nothing',
  },
  {
    title: 'proxy-url in upper case',
    files: config(`${one}, proxy-url: "HTTP://{connect}"`, 'token: t'),
    sees: { ...token('t'), proxy: 'connect' },
  },
  {
    title: 'a certificate as data and as a file: the data',
    files: config(
      one,
      'client-certificate-data: {alice-cert}, client-key-data: {alice-key}, client-certificate: bob.crt',
    ),
    sees: { server: 'one', certificate: 'alice' },
    kubectl: { sees: 'nothing', why: 'its message says that data will override, and then it refuses' },
  },
  {
    title: 'a plugin that is not run is not judged',
    files: config(one, 'token: t, exec: {}'),
    sees: token('t'),
    kubectl: { sees: 'nothing', why: 'it asks for a command that it would not run' },
  },
  {
    title: 'what no request goes by is not judged',
    files: changed('kind: Config', 'kind: Config, preferences: [], extensions: {}'),
    sees: token('t'),
    kubectl: { sees: 'nothing', why: 'its decoder knows a type for everything' },
  },
  {
    title: 'proxy-url of socks5h',
    files: config(`${one}, proxy-url: "socks5h://{socks}"`, 'token: t'),
    sees: { ...token('t'), proxy: 'socks' },
    kubectl: { sees: 'nothing', why: 'it is what its socks5 does, too: the proxy looks the name up' },
  },
  {
    title: 'a token with a newline behind it',
    files: config(one, 'token: "t\\n"'),
    sees: token('t'),
    kubectl: { sees: 'nothing', why: 'no header has a newline, and of a token file it takes it away' },
  },
];

export const accessRows: readonly AccessRow[] = [
  ...spelling,
  ...refused,
  ...taken,
  ...merging,
  ...choosing,
  ...trusting,
  ...identifying,
  ...impersonating,
  ...plugins,
  ...proxies,
];
