// The host of an authority (RFC 3986, section 3.2) or of an address.

/** Brackets of an IPv6 address stay. */
export const withoutPort = (authority: string): string => authority.replace(/:\d+$/, '');
