// The kubeconfig that leads to servers, a context for each; CA and token are in it.

import { stringify } from 'yaml';
import type { ApiServer } from './server.ts';

export interface ServedContext extends Pick<ApiServer, 'url' | 'ca' | 'token'> {
  readonly name: string;
  readonly namespace?: string;
}

/** YAML. The first context is the current one. */
export function kubeconfigOf(contexts: readonly ServedContext[]): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': contexts[0]?.name,
    clusters: contexts.map(({ name, url, ca }) => ({
      name,
      cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
    })),
    users: contexts.map(({ name, token }) => ({ name, user: { token } })),
    contexts: contexts.map(({ name, namespace }) => ({
      name,
      context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) },
    })),
  });
}
