// Signed Certificate Timestamps inside a certificate, in OpenSSL's words. Source: RFC 6962 §3.2, §3.3; OpenSSL
// crypto/ct/ct_prn.c.

import type { DerValue } from './der.ts';

const hex = (bytes: Buffer): string[] => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase());

/** Sixteen bytes a line, each after the first under it. */
function hexLines(head: string, bytes: Buffer): string[] {
  const pairs = hex(bytes);
  const lines = Array.from({ length: Math.ceil(pairs.length / 16) }, (_, i) =>
    pairs.slice(i * 16, i * 16 + 16).join(':'),
  );
  return lines.map((line, i) => `${i === 0 ? head : ' '.repeat(head.length)}${line}${i < lines.length - 1 ? ':' : ''}`);
}

/** An OCTET STRING with a list whose length and entries' lengths take two bytes each. */
export function describeTimestamps({ content }: DerValue): string[] {
  const lines: string[] = [];
  for (let at = 2; at + 2 <= content.length; ) {
    const end = at + 2 + content.readUInt16BE(at);
    if (end > content.length) break;
    lines.push(...describeTimestamp(content.subarray(at + 2, end)));
    at = end;
  }
  return lines;
}

const algorithms: Readonly<Record<string, string>> = { '4,1': 'sha256WithRSAEncryption', '4,3': 'ecdsa-with-SHA256' };

/** Version, log, time, extensions and signature (RFC 6962 §3.2). */
function describeTimestamp(bytes: Buffer): string[] {
  if (bytes[0] !== 0 || bytes.length < 47) return ['Signed Certificate Timestamp:', '    Version   : unknown'];
  const extensionsEnd = 43 + bytes.readUInt16BE(41);
  const [hash, kind] = bytes.subarray(extensionsEnd, extensionsEnd + 2);
  const time = new Date(Number(bytes.readBigUInt64BE(33)));
  const extensions = bytes.subarray(43, extensionsEnd);
  return [
    'Signed Certificate Timestamp:',
    '    Version   : v1 (0x0)',
    ...hexLines('    Log ID    : ', bytes.subarray(1, 33)),
    `    Timestamp : ${describeTime(time, `.${String(time.getUTCMilliseconds()).padStart(3, '0')}`)}`,
    ...(extensions.length === 0 ? ['    Extensions: none'] : hexLines('    Extensions: ', extensions)),
    `    Signature : ${algorithms[`${hash},${kind}`] ?? `0x${hex(Buffer.from([hash ?? 0, kind ?? 0])).join('')}`}`,
    ...hexLines('                ', bytes.subarray(extensionsEnd + 4)),
  ];
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 14 22:13:20 2023 GMT`, with `fraction` behind the seconds. */
export function describeTime(time: Date, fraction = ''): string {
  if (Number.isNaN(time.getTime())) return 'Bad time value';
  const day = String(time.getUTCDate()).padStart(2);
  return `${months[time.getUTCMonth()]} ${day} ${time.toISOString().slice(11, 19)}${fraction} ${time.getUTCFullYear()} GMT`;
}
