// Keys of certificates that Envoy can serve. Source: envoy source/common/tls/context_impl.cc, which reads RSA below 2048
// bits and other curves as errors; BoringSSL, which knows no RSA-PSS, DSA or Ed448 keys. P-384 and P-521 came with 1.33.

/** A clause that says which it takes; undefined for a key that it takes, or that this tool does not know. */
export function whyEnvoyRefuses(publicKey: string): string | undefined {
  const [kind = '', size = ''] = publicKey.split(' ');
  if (kind === 'RSA') return Number(size) < 2048 ? 'Envoy takes RSA keys from 2048 bits on' : undefined;
  if (kind === 'EC')
    return ['P-256', 'P-384', 'P-521'].includes(size) ? undefined : 'of curves Envoy takes P-256, P-384 and P-521';
  return ['ed25519', 'unknown'].includes(kind) ? undefined : 'Envoy takes RSA, ECDSA and Ed25519 keys';
}
