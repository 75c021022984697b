// Listeners, chains of certificates and rows for the tests of `certs`.

import type { Certificate } from '#model/certificate.ts';
import type { HostCertificate } from '#model/host-certificate.ts';
import type { DownstreamTls, FilterChain, Handler, HttpHandler, Listener } from '#model/listener.ts';
import { certificate, secret } from '../render/builders.ts';

export const http = (routeConfiguration: string): HttpHandler => ({
  kind: 'http',
  routeConfiguration,
  inlineRoutes: undefined,
  httpFilters: [],
  normalizePath: true,
  mergeSlashes: false,
  escapedSlashes: undefined,
  stripHostPort: undefined,
  stripTrailingHostDot: false,
  useRemoteAddress: true,
  accessLogs: [],
});

export const tls = (certificates: readonly string[], clientCa?: string): DownstreamTls => ({
  mode: clientCa === undefined ? 'SIMPLE' : 'MUTUAL',
  certificates,
  clientCa,
  alpn: [],
  minVersion: undefined,
  maxVersion: undefined,
});

export const chain = (serverNames: readonly string[], ended: DownstreamTls | undefined, handler: Handler = http('https.443.https.main.svc1')): FilterChain => ({
  name: undefined,
  match: {
    serverNames,
    transportProtocol: undefined,
    applicationProtocols: [],
    destinationPort: undefined,
    destinationPrefixes: [],
    sourcePrefixes: [],
    directSourcePrefixes: [],
    sourcePorts: [],
    sourceType: 'any',
  },
  tls: ended,
  handler,
  networkFilters: [],
});

export const listener = (port: number, filterChains: readonly FilterChain[], changes: Partial<Listener> = {}): Listener => ({
  name: `0.0.0.0_${port}`,
  state: 'active',
  lastUpdated: undefined,
  address: '0.0.0.0',
  port,
  rejected: undefined,
  filterChains,
  defaultFilterChain: undefined,
  hasMatcherTree: false,
  listenerFilters: [],
  ...changes,
});

const named = (subject: string, issuer: string, changes: Partial<Certificate>): Certificate =>
  certificate({ subject: `CN = ${subject}`, issuer: `CN = ${issuer}`, fingerprint: `${subject}<${issuer}`, ...changes });

export const root = named('root', 'root', { isCa: true, notAfter: '2036-01-01T00:00:00Z' });
export const intermediate = named('intermediate', 'root', { isCa: true, notAfter: '2031-01-01T00:00:00Z' });
export const leaf = (changes: Partial<Certificate> = {}): Certificate =>
  named('a.example', 'intermediate', { dnsNames: ['a.example'], fingerprint: JSON.stringify(changes), ...changes });

export const row = (changes: Partial<HostCertificate> = {}): HostCertificate => ({
  host: 'a.example',
  port: 8443,
  outcome: 'certificate',
  why: undefined,
  update: undefined,
  serverName: 'a.example',
  mode: 'SIMPLE',
  gateway: { kind: 'Gateway', namespace: 'svc1', name: 'main' },
  secret: 'kubernetes://a',
  clientCa: undefined,
  waitsFor: undefined,
  passesTo: [],
  held: secret({ name: 'kubernetes://a', chain: [leaf(), intermediate] }),
  served: undefined,
  ...changes,
});
