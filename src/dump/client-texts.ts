// What a line of a log says of a client: its address, and what it asked for behind the `?` of a path. Both become
// pseudonyms, the same one for the same value, so that counting still works.

import { isIP } from 'node:net';
import { pseudonymOf, tokenOf } from './redaction-token.ts';
import { withoutSecretTexts } from './secret-texts.ts';

export interface ClientTexts {
  /** A path or URL: what stands behind its `?`. */
  query(path: string): string;
  /** All that can be found in any text. */
  anywhere(text: string): string;
}

/** `isOwn`: addresses of the cluster, which stay. */
export function clientTexts(isOwn: (address: string) => boolean): ClientTexts {
  const address = (found: string): string =>
    isIP(found) === 0 || isLocal.test(found) || isOwn(found) ? found : pseudonymOf('client', found);
  return {
    query: withoutQuery,
    anywhere: (text) =>
      withoutSecretTexts(text)
        .replace(authorization, (_, scheme: string, value: string) => `${scheme}${tokenOf(value)}`)
        .replace(queryInText, (path) => withoutQuery(path))
        .replace(ipv4, address)
        .replace(ipv6, address),
  };
}

/** Every address in a text but those of the machine itself, also in a name of Envoy: `listener.10.0.0.1_443.…`. */
export function replaceAddresses(text: string, replace: (address: string) => string): string {
  const given = (found: string): string => (isIP(found) === 0 || isLocal.test(found) ? found : replace(found));
  return text.replace(ipv6, given).replace(ipv4Anywhere, (found) => (found.startsWith('240.') ? found : given(found)));
}

/** `10.0.0.1`, `[2001:db8::1]:443`. */
export const isAddress = (text: string): boolean => isIP(text.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')) !== 0;

const isLocal = /^(?:127\..*|::1|0\.0\.0\.0|::)$/;

function withoutQuery(path: string): string {
  const at = path.indexOf('?');
  const query = path.slice(at + 1);
  return at === -1 || query === '' || /^query-[0-9a-f]{10}$/.test(query)
    ? path
    : `${path.slice(0, at + 1)}${pseudonymOf('query', query)}`;
}

/** Not a version: `Chrome/120.0.0.0`; in a path, the part before it is none of a product. */
const noVersion = String.raw`(?<!(?<![\w./-])[A-Za-z][\w.-]*\/)`;
const digits = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
const ipv4 = new RegExp(String.raw`(?<![\w.-])${noVersion}${digits}(?![\w-]|\.\d)`, 'g');
const ipv4Anywhere = new RegExp(String.raw`(?<!\d|\d\.)${noVersion}${digits}(?!\d|\.\d)`, 'g');
const ipv6 = /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;

/** What a query can have (RFC 3986 section 3.4), and `\` before what JSON escapes. */
const queryInText = /\/[^\s?"'|<>]*\?(?:[^\s"'|<>\\]|\\[^"\s])+/g;

const authorization = /\b((?:bearer|basic)\s+)([\w.~+/=-]{6,})/gi;
