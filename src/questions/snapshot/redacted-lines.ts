// Lines of logs without what leads to a client: by the fields of the access log's format, and by what looks like it in
// all other lines.

import type { LineParser } from '#accesslog/line-parser.ts';
import type { ClientTexts } from '#dump/client-texts.ts';
import { tokenOf } from '#dump/redaction-token.ts';
import { meaningOf } from '#dump/secret-names.ts';
import type { AccessEntry } from '#model/access-log.ts';

export interface LineRedaction {
  readonly parser: LineParser;
  readonly texts: ClientTexts;
  /** Takes the hosts that clients asked for. */
  readonly hosts: Set<string> | undefined;
}

/** Lines of each pod in their order. */
export function lineRedaction({ parser, texts, hosts }: LineRedaction): (line: string, pod: string) => string {
  const insideKey = new Set<string>();
  return (line, pod) => {
    if (insideKey.has(pod) && isKeyLine.test(line)) {
      if (keyEnd.test(line)) insideKey.delete(pod);
      return tokenOf(line);
    }
    if (endsInsideKey(line)) insideKey.add(pod);
    const parsed = parser.parse(line);
    if (parsed.kind !== 'access') return texts.anywhere(line);
    const entry = parsed.format.entry(parsed.values);
    for (const host of [entry.authority, entry.serverName]) if (host !== undefined) hosts?.add(host);
    return texts.anywhere(replacements(entry, texts).reduce(replaced, line));
  };
}

/** A key in PEM that is logged as it is goes over lines. RFC 7468 section 3; RFC 1421 section 4.6 has headers before it. */
const endsInsideKey = (line: string): boolean =>
  /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?!.*-----END )/.test(
    line.slice(Math.max(0, line.lastIndexOf('-----BEGIN '))),
  );
const keyEnd = /-----END [A-Z0-9 ]*PRIVATE KEY-----/;
const isKeyLine = /^\s*(?:[A-Za-z0-9+/]+={0,2}|-----END [A-Z0-9 ]*PRIVATE KEY-----.*)\s*$/;

type Replacement = readonly [value: string, by: string];

/** Also as JSON escapes it. */
function replaced(line: string, [value, by]: Replacement): string {
  const plain = line.replaceAll(value, by);
  const escaped = JSON.stringify(value).slice(1, -1);
  return escaped === value ? plain : plain.replaceAll(escaped, by);
}

/** Addresses are found wherever they are; where a query or a header ends, only the format knows. */
function replacements({ path = '', other = {} }: AccessEntry, texts: ClientTexts): Replacement[] {
  const all = [
    [path, texts.query(path)] as const,
    ...Object.entries(other).map(([operator, value]) => ofOperator(operator, String(value), texts)),
  ];
  return all.filter(([value, by]) => value !== by);
}

/** What a format of one's own writes of a client. */
function ofOperator(operator: string, value: string, texts: ClientTexts): Replacement {
  const [, header = ''] = /^[A-Z_]+\(([^)?:]*)/.exec(operator) ?? [];
  return [value, meaningOf(header).isCredentialHeader ? tokenOf(value) : texts.query(value)];
}
