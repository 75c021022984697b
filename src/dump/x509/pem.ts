// The blocks of a PEM text as Envoy reads them, line by line, and what it stumbles over. Source: BoringSSL
// crypto/pem/pem_lib.cc (PEM_read_bio_inner, check_pem) and pem_info.cc; envoy source/common/tls/context_impl.cc.

export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY`. */
  readonly label: string;
  /** Laid out anew, nothing but base64 between its first and its last line; undefined where that is not in it. */
  readonly pem: string | undefined;
  /** Why Envoy refuses the whole text, as a clause about the block: `it has no end`. */
  readonly fault: string | undefined;
  /** Why Envoy does not see the block, and goes on behind it. */
  readonly hidden: string | undefined;
}

interface Open {
  readonly label: string;
  readonly lines: string[];
  hidden: string | undefined;
  fault: string | undefined;
}

const anyLabel = /-----BEGIN ([ -,.-~]{1,60})-----/;
const lastLine = '-----END ';

const [firstLine, lastOfCertificate] = ['-----BEGIN CERTIFICATE-----\n', '-----END CERTIFICATE-----'];

/** The blocks of a text that is certificates, one after the other, and nothing else; undefined where more is in it. */
export function bareCertificates(text: string): string[] | undefined {
  const blocks: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const last = text.indexOf('-', at + firstLine.length);
    if (!text.startsWith(firstLine, at) || !text.startsWith(lastOfCertificate, last)) return undefined;
    const start = at;
    at = last + lastOfCertificate.length;
    if (at < text.length && text[at] !== '\n') return undefined;
    blocks.push(text.slice(start, at));
  }
  return blocks;
}

export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: Open | undefined;
  for (const given of text.split('\n')) {
    const line = withoutEnd(given);
    const ending = open && whatEnds(line, open.label);
    const begun = begin(line, ending !== undefined);
    if (open && (begun || ending !== undefined)) blocks.push(closed(open, ending ?? noEnd));
    else if (open) addLine(open, line);
    if (begun || ending !== undefined) open = begun;
  }
  return open ? [...blocks, closed(open, noEnd)] : blocks;
}

const noEnd = 'it has no end';

/** Without what BoringSSL takes for blank: everything up to the space. */
function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) <= 0x20) end--;
  return line.slice(0, end);
}

/** Envoy looks for the words at the beginning of a line, and for nothing behind them. `isBehindEnd`: of another block. */
function begin(line: string, isBehindEnd: boolean): Open | undefined {
  const found = line.includes('-----BEGIN ') ? anyLabel.exec(line) : null;
  const label = found?.[1];
  if (!found || label === undefined) return undefined;
  const before = line.slice(0, found.index);
  const isLast = found.index + found[0].length === line.length;
  const isSeen = isLast && (before === '' || isBehindEnd);
  return { label, lines: [], hidden: isSeen ? undefined : whyHidden(before, isLast), fault: undefined };
}

function whyHidden(before: string, isLast: boolean): string {
  if (!isLast) return 'something follows on its first line';
  if (/^(\xef\xbb\xbf|\ufeff)$/.test(before)) return 'a byte order mark stands before it';
  return before.trim() === '' ? 'blanks stand before it' : 'something stands before it on its first line';
}

/** An empty text where the block ends as it has to, undefined where it goes on. */
function whatEnds(line: string, label: string): string | undefined {
  if (!line.includes(lastLine)) return undefined;
  const own = `${lastLine}${label}-----`;
  if (line === own) return '';
  if (line.trimStart() === own) return 'blanks stand before its last line';
  if (!line.startsWith(lastLine)) return undefined;
  if (!line.startsWith(own)) return `its last line is not ${own}`;
  return anyLabel.test(line) ? 'the next block begins on its last line' : 'something follows on its last line';
}

/** A fault that is none for every Envoy. */
export const emptyLine = 'it has an empty line, which not every Envoy takes';

/** An empty line ends a header, which a certificate may not have; before 1.40, or earlier, any is refused. */
function addLine(open: Open, line: string): void {
  if (line === '') open.fault ??= emptyLine;
  else if (/^[\w-]+: /.test(line)) open.fault ??= `it has a header, ${line.split(':')[0]}`;
  else open.lines.push(line.replace(/[\t\r ]+/g, ''));
}

function closed({ label, lines, hidden, fault }: Open, ending: string): PemBlock {
  const isBase64 = isWholeBase64(lines);
  const pem = isBase64 ? `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----` : undefined;
  const own = ending === '' ? (fault ?? (isBase64 ? undefined : 'it is no base64')) : ending;
  return { label, pem, fault: hidden === undefined ? own : undefined, hidden };
}

const isWholeBase64 = (lines: readonly string[]): boolean =>
  lines.length > 0 &&
  lines.every((line, index) =>
    (index === lines.length - 1 ? /^[A-Za-z0-9+/]+={0,2}$/ : /^[A-Za-z0-9+/]+$/).test(line),
  ) &&
  lines.reduce((sum, { length }) => sum + length, 0) % 4 === 0;
