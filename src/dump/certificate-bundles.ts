// The certificates of a dump's secrets as PEM, for `certs --pem`. Keeps only certificate blocks, so that a private key
// in a bundle is dropped here. Source: envoy/extensions/transport_sockets/tls/v3/{secret,common}.proto.

import { X509Certificate } from 'node:crypto';
import { type JsonObject, objectIn, textIn } from '#core/json.ts';
import { certificateBlocks } from '#dump/x509/certificate.ts';
import { dumpElements } from './elements.ts';

/** SDS name → PEM blocks in the bundle's order; secrets without certificates are left out. */
export function readCertificateBundles(json: unknown): Map<string, readonly string[]> {
  const bundles = dumpElements(json, 'Secrets').map(
    ({ element }) => [textIn(element, 'name') ?? '', blocksOf(objectIn(element, 'secret'))] as const,
  );
  return new Map(bundles.filter(([, blocks]) => blocks.length > 0));
}

function blocksOf(secret: JsonObject | undefined): readonly string[] {
  const certificate = secret && objectIn(secret, 'tls_certificate');
  const validation = secret && objectIn(secret, 'validation_context');
  const source =
    (certificate && objectIn(certificate, 'certificate_chain')) ?? (validation && objectIn(validation, 'trusted_ca'));
  if (!source) return [];
  const bytes = textIn(source, 'inline_bytes');
  return pemBlocks(
    bytes === undefined ? Buffer.from(textIn(source, 'inline_string') ?? '') : Buffer.from(bytes, 'base64'),
  );
}

/** Leaves out blocks that are no certificate. */
function pemBlocks(bundle: Buffer): readonly string[] {
  const blocks = certificateBlocks(bundle.toString('latin1'));
  return (blocks.length === 0 ? [bundle] : blocks).flatMap((one) => {
    try {
      return [new X509Certificate(one).toString()];
    } catch {
      return [];
    }
  });
}
