// The TLS that a client meets at the filter chain it gets: which certificates, whether they cover the host, what fails.

import { withoutPort } from '#core/host.ts';
import { step } from '#core/shell.ts';
import { coversHost, type Secret } from '#model/certificate.ts';
import { type ExplainedChain, held, type ServedCertificate } from '#model/explanation.ts';
import type { DownstreamTls, FilterChain } from '#model/listener.ts';
import type { Reason } from '#model/reason.ts';
import type { Request } from '#model/request.ts';
import { type Failure, fail } from './failure.ts';
import type { ChainChoice } from './filter-chain.ts';

export function describeChain(
  chain: FilterChain,
  choice: ChainChoice,
  secrets: readonly Secret[],
  request: Request,
): ExplainedChain {
  return {
    serverName: choice.serverName,
    isDefault: choice.isDefault,
    tls: chain.tls,
    certificates: (chain.tls?.certificates ?? [])
      .filter(isDelivered)
      .map((name) => servedCertificate(name, secrets, request)),
  };
}

/** Names of the secrets that the filter chain waits for: certificates and the CA of client certificates. */
export const secretsOf = (tls: DownstreamTls | undefined): string[] =>
  [...(tls?.certificates ?? []), tls?.clientCa ?? 'inline'].filter(isDelivered);

/** What stands in the listener itself is always there. */
const isDelivered = (name: string): boolean => name !== 'inline';

const isLoaded = (name: string, secrets: readonly Secret[]): boolean =>
  secrets.some((secret) => secret.name === name && secret.state !== 'warming');

function servedCertificate(name: string, secrets: readonly Secret[], request: Request): ServedCertificate {
  const loaded = secrets.find((secret) => secret.name === name && secret.state !== 'warming');
  const leaf = loaded?.chain[0];
  const host = withoutPort(request.sni ?? request.authority);
  const names = [...(leaf?.dnsNames ?? []), ...(leaf?.otherNames ?? [])];
  return {
    [held]: loaded,
    secret: name,
    isLoaded: isLoaded(name, secrets),
    notAfter: leaf?.notAfter,
    serial: leaf?.serial,
    coversHost: names.some((pattern) => coversHost(pattern, host)),
  };
}

const notLoaded = (host: string): Reason => ({
  code: 'secret-not-loaded',
  objects: [],
  text: 'istiod has not delivered it: the Secret is not there, cannot be used, or may not be read',
  next: [step`kubectl istio-ingress certs ${host}`],
});

/**
 * Undefined where the connection gets through. Until every secret has come, Envoy closes each connection of the chain.
 */
export function failureOfTls(chain: FilterChain, secrets: readonly Secret[], request: Request): Failure | undefined {
  const { tls, handler } = chain;
  if (!tls && handler.kind === 'tcp') return undefined;
  if (tls && request.scheme === 'http')
    return fail('tls', 'the filter chain speaks TLS and the request is plain http: the connection is closed');
  if (!tls && request.scheme === 'https') {
    return fail('tls', 'the filter chain speaks plain http and the client begins with TLS: the handshake fails', {
      flag: 'DPE',
    });
  }
  const missing = secretsOf(tls).find((name) => !isLoaded(name, secrets));
  if (missing)
    return fail(
      'tls',
      `${missing === tls?.clientCa ? 'CA' : 'certificate'} ${missing} is not loaded: the handshake fails`,
      { reasons: [notLoaded(withoutPort(request.sni ?? request.authority))] },
    );
  if (tls?.mode === 'MUTUAL' && !request.hasClientCertificate) {
    return fail(
      'tls',
      'a client certificate is required and the request brings none (--client-cert says that it does): the handshake fails',
    );
  }
  return undefined;
}
