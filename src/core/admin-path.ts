// `/PATH?QUERY` of Envoy's admin port, as people type it and as a browser asks for it: what may be asked for, and why
// the rest may not. Source: envoyproxy.io/docs/envoy/latest/operations/admin.

import { type AdminRequest, readableAdminPaths } from './admin.ts';
import { ToolError } from './error.ts';
import { nearest } from './suggestion.ts';

/** What the paths that act do. */
const refused: Readonly<Record<string, string>> = {
  allocprofiler: 'it makes Envoy slower for as long as it profiles',
  cpuprofiler: 'it makes Envoy slower for as long as it profiles',
  drain_listeners: 'it stops the listeners',
  'healthcheck/fail': 'it makes the health checks of this pod fail',
  'healthcheck/ok': 'it undoes what somebody else did to the health checks of this pod',
  heap_dump: 'it holds Envoy while it writes',
  heapprofiler: 'it makes Envoy slower for as long as it profiles',
  logging: 'it sets log levels',
  quitquitquit: 'it ends Envoy',
  reopen_logs: 'it closes the log files and opens them anew',
  reset_counters: 'it erases the counters that monitoring reads',
  runtime_modify: 'it changes the runtime settings',
  tap: "it shows the clients' own traffic",
};

/**
 * One leading slash may be left out. Nothing is decoded or normalized: a path that is not written exactly as in the
 * list is refused. Throws ToolError `usage` with the reason.
 */
export function readAdminPath(text: string): AdminRequest {
  const [before = '', ...after] = text.split('?');
  const name = before.replace(/^\//, '');
  const path = readableAdminPaths.find((one) => one === name);
  if (path === undefined) throw refusal(name);
  const query = Object.fromEntries(new URLSearchParams(after.join('?')));
  return Object.keys(query).length === 0 ? { path } : { path, query };
}

function refusal(name: string): ToolError {
  const why = Object.hasOwn(refused, name) ? refused[name] : undefined;
  if (why !== undefined) {
    const hint = name === 'logging' ? 'see and set them with: kubectl istio-ingress log-level' : undefined;
    return new ToolError('usage', `cannot ask for /${name}: ${why}, and this tool asks only for paths that read`, {
      hint,
    });
  }
  const near = nearest(name, readableAdminPaths);
  const all = `the paths that read are ${readableAdminPaths.join(', ')}`;
  return new ToolError('usage', `cannot ask for /${name}: this tool does not know whether it only reads`, {
    hint: near === undefined ? all : `did you mean ${near}?`,
  });
}

/** A dump of everything, which holds Envoy's main thread the longest. */
export const isWholeDump = ({ path, query }: AdminRequest): boolean => path === 'config_dump' && !query?.resource;

/** One that Envoy makes all at once: a mask, too, is made section by section. */
export const isMadeAtOnce = (request: AdminRequest): boolean => isWholeDump(request) && !request.query?.mask;
