// TLS towards the service, in words.

import type { UpstreamTls } from '#model/cluster.ts';

/** `plain text`, `TLS, not verified`, `TLS, verified by file-root:…`, `TLS by the endpoint`. */
export function describeUpstreamTls(tls: UpstreamTls): string {
  switch (tls.mode) {
    case 'none':
      return 'plain text';
    case 'per-endpoint':
      return `TLS by the endpoint: ${tls.choices.map(({ name, tls: choice }) => `${name} ${describeUpstreamTls(choice)}`).join('; ')}`;
    case 'unknown':
      return `unknown transport ${tls.type}`;
    default: {
      const client = tls.mode === 'SIMPLE' ? 'TLS' : tls.mode === 'MUTUAL' ? 'mutual TLS' : 'mutual TLS of the mesh';
      const names = tls.subjectAltNames.length === 0 ? '' : ` for ${tls.subjectAltNames.join(', ')}`;
      return tls.isVerified ? `${client}, verified by ${tls.ca ?? 'an unnamed CA'}${names}` : `${client}, not verified`;
    }
  }
}
