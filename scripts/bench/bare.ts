// The requests of each row of the bench, for bare-requests.ts; test/golden/commands/work.txt counts those that the commands make.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { v8Flags } from '../binary/code-cache.ts';
import type { BareRequests } from './bare-requests.ts';

type Asked = Pick<BareRequests, 'lists' | 'admin' | 'debug'>;

const nothing: Asked = { lists: [], admin: [], debug: [] };
const dump = (query: string): string => `/config_dump?${query}`;
const masked = (...fields: readonly string[]): string => dump(`mask=${fields.join('%2C')}`);

const virtualServices = '/apis/networking.istio.io/v1/virtualservices';
const routes = dump('resource=dynamic_route_configs');
const secrets = masked('dynamic_active_secrets', 'dynamic_warming_secrets');
const listeners = masked('static_listeners', 'dynamic_listeners');
const clusters = masked('static_clusters', 'dynamic_active_clusters', 'dynamic_warming_clusters');
const endpoints = '/clusters?format=json';
const stateOfListeners = dump('resource=dynamic_listeners&mask=name%2Cerror_state.details%2Cactive_state.last_updated');

const asked = {
  routes: { ...nothing, lists: [virtualServices], admin: [routes] },
  listeners: { ...nothing, admin: [listeners] },
  clusters: { ...nothing, admin: [clusters] },
  endpoints: { ...nothing, lists: ['/apis/discovery.k8s.io/v1/endpointslices'], admin: [endpoints] },
  secrets: { ...nothing, admin: [secrets] },
  'config-dump': { ...nothing, admin: [dump('include_eds')] },
  status: { ...nothing, admin: ['/server_info', stateOfListeners, secrets, routes], debug: ['/debug/syncz'] },
  explain: {
    ...nothing,
    lists: ['/api/v1/services', '/apis/networking.istio.io/v1/gateways', virtualServices],
    admin: ['/server_info', dump('resource=dynamic_listeners&name_regex=.*_8443')],
  },
  diff: {
    ...nothing,
    admin: [routes, secrets, listeners, clusters, endpoints, dump('resource=dynamic_endpoint_configs&include_eds')],
  },
} as const satisfies Readonly<Record<string, Asked>>;

export type BareCommand = keyof typeof asked;

/** Words that ask what the command asks, by a script with a code cache. `kubeconfig` is one with files. */
export async function bareRequests(kubeconfig: string): Promise<(command: BareCommand, pod?: string) => string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-bare-'));
  process.once('exit', () => rmSync(directory, { recursive: true }));
  const file = join(directory, 'bare-requests.mjs');
  const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    entryPoints: [join(import.meta.dirname, 'bare-requests.ts')],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: require },
  });
  const cached = `require('node:module').enableCompileCache('${directory}'); import('${file}')`;
  const { server, ...tls } = accessOf(kubeconfig);
  return (command, pod) => {
    const requests = { server, tls, pods: '/api/v1/namespaces/istio-system/pods', only: pod, ...asked[command] };
    return [process.execPath, ...v8Flags, '-e', cached, '--', file, JSON.stringify(requests)];
  };
}

function accessOf(kubeconfig: string): BareRequests['tls'] & Pick<BareRequests, 'server'> {
  const text = execFileSync('kubectl', ['config', 'view', '--raw', '--minify', '-o', 'json'], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    encoding: 'utf8',
  });
  const { clusters: places, users } = JSON.parse(text);
  const [{ cluster }, { user }] = [places[0], users[0]];
  return {
    server: cluster.server,
    ca: cluster['certificate-authority'],
    cert: user['client-certificate'],
    key: user['client-key'],
  };
}
