// What listens in a pod of a gateway and in one of istiod, beside what answers there.

import { answerAdmin, type EnvoyAnswers } from './admin.ts';
import { serveAds } from './ads.ts';
import type { PodPort, ServedAnswer } from './cluster.ts';

const text = (body: string, status = 200): ServedAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body,
});

const notFound = text('404 page not found\n', 404);

/** Envoy's admin port, and the ports of the agent. */
export function gatewayPort(envoy: EnvoyAnswers, port: number): PodPort | undefined {
  if (port === 15000) return { answer: (method, url) => answerAdmin(envoy, method, url) };
  return [15020, 15021, 15090].includes(port) ? { answer: (_method, url) => agent(envoy, url) } : undefined;
}

async function agent(envoy: EnvoyAnswers, { pathname }: URL): Promise<ServedAnswer> {
  if (pathname === '/healthz/ready') return text('');
  return pathname === '/stats/prometheus' ? text(await envoy.prometheus()) : notFound;
}

/** What istiod says on its debug port. Each throws ToolError. */
export interface IstiodAnswers {
  syncz(): Promise<unknown>;
  connections(): Promise<unknown>;
  mesh(): Promise<unknown>;
  version(): Promise<string>;
}

/** `name`: of its pod. */
export function istiodPort(istiod: IstiodAnswers, name: string, now: Date, port: number): PodPort | undefined {
  if (port === 15012) return { accept: (stream) => serveAds(stream, istiod, name, now) };
  return port === 15014 || port === 8080 ? { answer: (_method, { pathname }) => debug(istiod, pathname) } : undefined;
}

async function debug(istiod: IstiodAnswers, pathname: string): Promise<ServedAnswer> {
  const json = (body: unknown): ServedAnswer => ({
    status: 200,
    contentType: 'application/json',
    body: JSON.stringify(body),
  });
  if (pathname === '/debug/syncz') return json(await istiod.syncz());
  if (pathname === '/debug/connections') return json(await istiod.connections());
  if (pathname === '/debug/mesh') return json(await istiod.mesh());
  if (pathname === '/version') return text(await istiod.version());
  return pathname === '/ready' ? text('') : notFound;
}
