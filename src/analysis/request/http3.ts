// HTTP/3 beside TCP: istiod gives a port that ends TLS a listener for QUIC too, and clients go there once an answer has
// told them so (`alt-svc`). Its filter chains are those of the servers with protocol HTTPS, with their routes and
// certificates, and require no client certificate; TLS that is passed through has none. Source: istio
// pilot/pkg/networking/core/gateway.go buildGatewayHTTP3FilterChains, listener.go BuildListenerTLSContext.

import { isBefore } from '#core/version.ts';
import type { Explanation } from '#model/explanation.ts';
import { isHttp3, type Request } from '#model/request.ts';

/** The same request of a client that has gone over to HTTP/3; empty where none can. */
export const overHttp3 = (request: Request): Request[] =>
  request.scheme === 'https' && !isHttp3(request) ? [{ ...request, alpn: ['h3'] }] : [];

/** Before 1.40 Envoy asks no client of QUIC for a certificate. Source: envoyproxy/envoy#47076, #47341. */
export const asAsked = (request: Request, envoyVersion: string): Request =>
  isHttp3(request) && isBefore(envoyVersion, '1.40') ? { ...request, hasClientCertificate: false } : request;

/** What clients meet otherwise over QUIC; `describe`: what comes of a way, in few words. */
export function unlikeHttp3(tcp: Explanation, quic: Explanation, describe: (way: Explanation) => string): string[] {
  const isRequired = ({ chain }: Explanation): boolean => chain?.tls?.mode === 'MUTUAL';
  const unlike = [tcp, quic].every(isThrough) ? facets.filter(([, of]) => of(tcp) !== of(quic)) : [];
  const parts = [
    ...(isRequired(tcp) && quic.chain && !isRequired(quic) ? ['no client certificate is required'] : []),
    ...unlike.map(([name, of]) => `${name} ${of(quic) || 'none by name'}`),
    ...(describe(tcp) === describe(quic) ? [] : [describe(quic)]),
  ];
  if (parts.length === 0) return [];
  return [`HTTP/3 differs (listener ${quic.listener}): ${parts.join('; ')} (explain --http3 tells more)`];
}

/** As far as its routes and filters. */
const isThrough = ({ chain, outcomes }: Explanation): boolean =>
  chain !== undefined && !outcomes.some((outcome) => outcome.kind === 'fail' && outcome.at === 'tls');

const facets: readonly (readonly [string, (way: Explanation) => string])[] = [
  ['the certificates are', ({ chain }) => chain?.certificates.map(({ secret }) => secret).join(', ') ?? ''],
  ['the routes are', ({ routeConfiguration = '' }) => routeConfiguration],
  ['the filters that may answer first are', ({ mayAnswer }) => mayAnswer.join(', ')],
];
