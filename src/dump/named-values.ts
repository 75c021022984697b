// Values in a text that is no document, whose names say that they are credentials: in code and commands, in JSON inside
// of other words, in YAML, in what Envoy logs of headers. Each rule takes time in proportion to the text's length.

import { tokenOf } from './redaction-token.ts';
import { keyKinds, meaningOf } from './secret-names.ts';

export function withoutNamedValues(text: string): string {
  // What ends in it is base64.
  if (!/[=:,][^=]/.test(text)) return text;
  const quoted = /["']/.test(text) ? text.replace(quotedPair, redactedPair) : text;
  if (!credentialWord.test(quoted)) return quoted;
  return quoted
    .replace(assigned, (found, value: string) => replacedEnd(found, value))
    .replace(assignedQuoted, (found, _quote, value: string) => replacedEnd(found, value))
    .replace(inFlow, (found, value: string) => replacedEnd(found, value))
    .replace(ownLine, (found, _before, _name, value: string) => replacedEnd(found, value));
}

/**
 * `"x-api-key", "…"` of Lua and `get("x-api-key") == "…"`, `"password": "…"`, also where its quotes are escaped or it is in a
 * list, and `'cookie', '…'`, as Envoy logs headers. Source: envoy/http/header_map.h, operator<<.
 */
const quotedPair =
  /(\\{0,4}["'])([\w.-]{3,64})\1\s{0,4}(?:[\])]{0,2}\s{0,4}[=~!]{0,2}=|[:,])\s{0,4}\[?(\\{0,4}["'])((?:(?!\3)[^\n]){1,16384})(?=\3(?!\s{0,4}:))/g;

function redactedPair(found: string, _: string, name: string, _quote: string, value: string): string {
  const { isCredentialHeader, holdsNames } = meaningOf(name);
  return isCredentialHeader && !holdsNames ? replacedEnd(found, value) : found;
}

/** Without quotes, `token` and `secret` alone are names of things more often than values. */
const words = [
  'passw(?:or)?d',
  'passphrase',
  'client[_-]?secret',
  `(?:${keyKinds.join('|')})[_-]?key`,
  '(?:access|refresh|id|auth|api|bearer|session|security|vault)[_-]?token',
].join('|');
const credentialWord = new RegExp(
  String.raw`${words}|cookie|authorization|[?&](?:token|sig)=|amz-signature|(?:token|secret)\s{0,4}=`,
  'i',
);

/** `DB_PASSWORD=…`, `--client-secret=…`, `?access_token=…`; signatures, with which a URL of S3 or Azure lets in. */
const assigned = new RegExp(
  String.raw`(?:${words}|amz-signature|[?&](?:token|sig)|--(?:[\w-]{0,64}-)?token)s?=(\[redacted(?: [0-9a-f]{8})?\]|[^\s"'&;,<>\\=][^\s"'&;,<>\\]*)`,
  'gi',
);

/** `local password = "…"` and `local token = "…"` of Lua, `password: "…"` of YAML. */
const assignedQuoted = new RegExp(
  String.raw`(?:(?:${words})s?\s{0,4}[=:]|\b(?:token|secret)\s{0,4}=)\s{0,4}(\\{0,4}["'])((?:(?!\1)[^\n]){1,16384})(?=\1)`,
  'gi',
);

/** `password: …` on a line of its own, as in YAML, and `"Cookie: …"` of a command. */
const ownLine = new RegExp(
  String.raw`(^[ \t]*(?:-[ \t]+)?|["'])([\w.-]{0,64}(?:${words})|(?:proxy-)?authorization|(?:set-)?cookie):[ \t]+([^\s"'|>&*{[!][^\n"']*)`,
  'gim',
);

/** `{user: me, password: …}`, the same on one line. */
const inFlow = new RegExp(String.raw`[{,][ \t]{0,4}[\w.-]{0,64}(?:${words}):[ \t]+([^\s"'|>&*{[!,}][^\n"',}]*)`, 'gi');

const replacedEnd = (found: string, value: string): string =>
  isHarmless.test(value) ? found : `${found.slice(0, found.length - value.length)}${tokenOf(value)}`;

/** A switch, nothing, what Envoy takes from the request, a placeholder, and what is redacted already. */
const isHarmless =
  /^(?:true|false|-|%[A-Z_]+(?:\([^()%]*\))?(?::\d+)?%|\$\{?\w+\}?|<[^>]*>|\{\{.*\}\}|(?:[A-Za-z-]+\s+)?\[redacted(?: [0-9a-f]{8})?\])$/;
