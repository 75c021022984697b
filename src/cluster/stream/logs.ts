// A container's log, as the API server streams it. Source: kubernetes api core/v1 PodLogOptions;
// pkg/registry/core/pod/rest/log.go. What a kubelet really does: sinceTime is cut to whole seconds; only the current
// file is read; a stream ends the same way for a container that ended and for a kubelet that was restarted.

import type { IncomingMessage } from 'node:http';
import type { Connection } from '#cluster/access/connection.ts';
import { podPath } from '#cluster/access/resource-path.ts';
import type { PodRef } from '#core/fleet.ts';
import { openStream } from './open-stream.ts';

export interface LogOptions {
  readonly pod: PodRef;
  readonly container: string;
  readonly follow?: boolean;
  /** The container before the last restart. */
  readonly previous?: boolean;
  /** RFC 3339. */
  readonly sinceTime?: string | undefined;
  readonly tailLines?: number | undefined;
  readonly limitBytes?: number | undefined;
}

/**
 * Lines with the kubelet's time before each. The caller destroys the stream. Throws ToolError: not-found, forbidden,
 * api (container waits)…
 */
export function openLog(connection: Connection, options: LogOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { pod, container, follow = false, previous = false, sinceTime, tailLines, limitBytes } = options;
  const given = { follow: follow || undefined, previous: previous || undefined, sinceTime, tailLines, limitBytes };
  const query = new URLSearchParams({ container, timestamps: 'true' });
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, String(value));
  return openStream(
    connection,
    {
      path: `${podPath(pod)}/log?${query}`,
      attempted: `read the log of ${pod.namespace}/${pod.name}`,
      rule: { apiGroups: [''], resources: ['pods/log'], verbs: ['get'], namespace: pod.namespace },
    },
    signal,
  );
}
