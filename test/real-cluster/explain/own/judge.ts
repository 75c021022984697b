// What the tool says of requests that were sent, from the same dumps, held against what came of them.

import { explain } from '#analysis/request/explain.ts';
import { readRequest } from '#analysis/request/request.ts';
import { readClusters } from '#dump/clusters.ts';
import { readEndpoints } from '#dump/endpoints.ts';
import { readListeners } from '#dump/listeners.ts';
import { readRoutes } from '#dump/routes.ts';
import { readRuntime } from '#dump/runtime.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readServerInfo } from '#dump/server-info.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { Explanation } from '#model/explanation.ts';
import { contradictions, type Predicted } from '../compare.ts';
import type { Dumps, Played } from './play.ts';
import type { OwnRequest } from './requests.ts';

/** Each request that was not done as it was said, with what is needed to ask again. */
export function judge({ dumps, requests, truths }: Played): string[] {
  const configuration = configurationOf(dumps);
  return requests.flatMap((request, index) => {
    const truth = truths[index];
    const explained = predict(configuration, request);
    const why = truth ? contradictions(explained.outcomes as readonly Predicted[], truth) : ['it was not sent'];
    if (why.length === 0) return [];
    return [[describe(request), describePlace(explained), ...why, JSON.stringify(truth)].join('\n    ')];
  });
}

const configurationOf = ({ config, clusters, server }: Dumps): PodConfiguration => ({
  envoyVersion: readServerInfo(server).envoyVersion,
  listeners: readListeners(config),
  routeConfigurations: readRoutes(config),
  clusters: readClusters(config),
  secrets: readSecrets(config),
  endpoints: readEndpoints(clusters),
  runtime: readRuntime(config),
});

function predict(configuration: PodConfiguration, request: OwnRequest): Explanation {
  const { method, sni, hasCertificate, protocol = 'http/1.1', port, scheme, address } = request;
  const typed = readRequest({
    url: urlOf(request),
    method,
    headers: headersOf(request),
    sni,
    hasClientCertificate: hasCertificate,
  });
  const sent = { ...typed.request, alpn: scheme === 'https' ? [protocol] : [] };
  const entry = { port, listenerPort: port, by: 'listener port', service: undefined } as const;
  return explain({ ...configuration, podIp: address }, sent, entry);
}

const urlOf = ({ scheme, host, port, path }: OwnRequest): string => `${scheme}://${host}:${port}${path}`;
const headersOf = ({ headers, authority }: OwnRequest): string[] => [
  ...headers.map(([name, value]) => `${name}: ${value}`),
  `Host: ${authority}`,
  'User-Agent: kii-1-1',
];

function describe(request: OwnRequest): string {
  const { protocol, address, sni, method } = request;
  const headers = headersOf(request).map((header) => `-H '${header}'`);
  return `${protocol} to ${address}, server name ${sni}: -X ${method} '${urlOf(request)}' ${headers.join(' ')}`;
}

const describePlace = ({ listener, virtualHost, caveats }: Explanation): string =>
  `at ${listener} ${virtualHost?.name}; ${caveats.join('; ')}`;
