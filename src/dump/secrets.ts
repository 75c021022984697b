// Secrets of a dump → model. Private keys, passwords and ticket keys are never read: this file does not name their
// fields. Source: envoy/extensions/transport_sockets/tls/v3/secret.proto, common.proto, envoy/config/core/v3/base.proto
// DataSource.

import { contentOf, hasField, type JsonObject, objectIn, textIn } from '#core/json.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import {
  readBase64Certificates,
  readBase64Chain,
  readCertificates,
  readChain,
  withheld,
} from '#dump/x509/certificate.ts';
import { readRevocationLists } from '#dump/x509/revocations.ts';
import type { Secret } from '#model/certificate.ts';
import { raw } from '#model/content.ts';
import { type DumpElement, dumpElements, readRejection } from './elements.ts';

/**
 * In the dump's order. Throws ToolError `bad-answer` with the path of what cannot be read; a bad certificate is data.
 */
export function readSecrets(json: unknown): Secret[] {
  return dumpElements(json, 'Secrets').map(readElement);
}

const nameOf = (element: JsonObject, secret: JsonObject | undefined): string =>
  textIn(element, 'name') ?? (secret && textIn(secret, 'name')) ?? '';

function readElement({ element, state }: DumpElement): Secret {
  const secret = objectIn(element, 'secret');
  const content = secret ? readContent(secret) : nothing;
  const name = nameOf(element, secret);
  const isTakenForCa = content.kind === 'certificate' && content.unreadable === 'empty' && name.endsWith('-cacert');
  return {
    name,
    // `?resource=` gives active and warming elements the same type: one that warms has no content yet.
    state: state === 'active' && content === nothing ? 'warming' : state,
    lastUpdated: textIn(element, 'last_updated'),
    version: textIn(element, 'version_info') || undefined,
    rejected: readRejection(element),
    ...content,
    ...(isTakenForCa ? { unreadable: takenForCa } : {}),
    [raw]: secret?.fields,
  };
}

/** Source: istio pilot/pkg/model/credentials/resource.go SdsCaSuffix. */
const takenForCa = 'empty, as istiod takes a name that ends in -cacert for the CA of clients';

type Content = Pick<Secret, 'kind' | 'chain' | 'unreadable' | 'passedOver' | 'isWithheld' | 'revocations' | 'file'>;

const nothing: Content = { kind: 'none', chain: [], unreadable: undefined, file: undefined };

/** Once for what several pods have in common. */
const readContent = memoizeByIdentity(contentOf, (secret: JsonObject): Content => {
  const certificate = objectIn(secret, 'tls_certificate');
  if (certificate) return readSource('certificate', objectIn(certificate, 'certificate_chain'), certificate);
  const validation = objectIn(secret, 'validation_context');
  if (validation)
    return { ...readSource('ca', objectIn(validation, 'trusted_ca'), validation), ...revocationsOf(validation) };
  if (hasField(secret, 'session_ticket_keys')) return { ...nothing, kind: 'session-tickets' };
  if (hasField(secret, 'generic_secret')) return { ...nothing, kind: 'generic' };
  const other = Object.keys(secret.fields).find((name) => name !== '@type' && name !== 'name');
  return other === undefined ? nothing : { ...nothing, unreadable: `unknown kind of secret: ${other}` };
});

/** Beside the CA, or in one text with it. */
function revocationsOf(validation: JsonObject): Pick<Secret, 'revocations'> {
  const crl = inlineText(objectIn(validation, 'crl'));
  const lists = readRevocationLists(`${crl}\n${inlineText(objectIn(validation, 'trusted_ca'))}`);
  return (crl === '' && lists.length === 0) || crl.includes(withheld) ? {} : { revocations: lists };
}

function inlineText(source: JsonObject | undefined): string {
  const bytes = source && textIn(source, 'inline_bytes');
  return bytes === undefined
    ? ((source && textIn(source, 'inline_string')) ?? '')
    : Buffer.from(bytes, 'base64').toString('latin1');
}

function readSource(kind: 'certificate' | 'ca', source: JsonObject | undefined, holder: JsonObject): Content {
  if (!source) return { ...nothing, kind, unreadable: whyNoChain(holder) };
  const bytes = textIn(source, 'inline_bytes');
  const isServer = kind === 'certificate';
  if (bytes !== undefined)
    return { ...nothing, kind, ...(isServer ? readBase64Chain(bytes) : readBase64Certificates(bytes)) };
  const text = textIn(source, 'inline_string');
  if (text !== undefined)
    return {
      ...nothing,
      kind,
      ...(isServer ? readChain(Buffer.from(text).toString('latin1')) : readCertificates(Buffer.from(text))),
    };
  const file = textIn(source, 'filename');
  if (file !== undefined) return { ...nothing, kind, unreadable: 'file', file };
  const variable = textIn(source, 'environment_variable');
  return { ...nothing, kind, unreadable: variable === undefined ? 'empty' : `environment variable ${variable}` };
}

/** Where else Envoy takes certificates from, by the name of the field. */
function whyNoChain(holder: JsonObject): string {
  const others = ['pkcs12', 'system_root_certs', 'ca_certificate_provider_instance'];
  return others.find((name) => hasField(holder, name)) ?? 'empty';
}
