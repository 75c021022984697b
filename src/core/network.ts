// IP addresses in one spelling, and the networks that they lie in. Source: RFC 3986 §3.2.2, RFC 5952, RFC 4291 §2.5.5.2.

import { isBareIpv6, withoutPort } from './host.ts';

/** The zone of a link-local address is this machine's own name for a link (RFC 4007 §11). */
const bracketed = /^\[([0-9a-f:.]+)(?:%[^\]]*)?\](:\d+)?$/i;

/** IPv6 in brackets and its shortest form, IPv4 inside it as IPv4, with its port; anything else as it is. */
export function oneSpelling(host: string): string {
  const [, inside, port = ''] = bracketed.exec(host) ?? [];
  const address = inside ?? (isBareIpv6(host) ? host : undefined);
  if (address === undefined || !URL.canParse(`http://[${address}]/`)) return host;
  const { hostname } = new URL(`http://[${address}]/`);
  return (mappedIpv4(hostname) ?? hostname) + port;
}

/** A listener for both families sees IPv4 clients as `[::ffff:a00:8]`. */
function mappedIpv4(hostname: string): string | undefined {
  const [, ...halves] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? [];
  const bytes = halves.map((half) => Number.parseInt(half, 16)).flatMap((half) => [half >> 8, half & 0xff]);
  return bytes.length === 4 ? bytes.join('.') : undefined;
}

/** Whether an address lies in a network, `10.1.0.0/16`; undefined where `text` is none. */
export function networkTest(text: string): ((address: string) => boolean) | undefined {
  const [, network = '', length = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(text) ?? [];
  const bits = bitsOf(network);
  if (bits === undefined || Number(length) > bits.length) return undefined;
  const prefix = bits.slice(0, Number(length));
  return (address) => {
    const own = bitsOf(address);
    return own?.length === bits.length && own.startsWith(prefix);
  };
}

/** 32 or 128 zeros and ones. */
function bitsOf(address: string): string | undefined {
  const spelled = withoutPort(oneSpelling(address));
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(spelled)) {
    const bytes = spelled.split('.').map(Number);
    return bytes.every((byte) => byte < 256)
      ? bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('')
      : undefined;
  }
  const [, inside] = /^\[([0-9a-f:]+)\]$/.exec(spelled) ?? [];
  if (inside === undefined) return undefined;
  const [before = [], after = []] = inside.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...zeros, ...after];
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}
