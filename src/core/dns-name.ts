// Names of pods, nodes and most other objects are DNS subdomains, and nothing else: RFC 1123, and apimachinery
// pkg/util/validation IsDNS1123Subdomain.

const mostCharacters = 253;

/** So no `..`, no slash, no character of a terminal: it may become a part of a path. */
export const isDnsName = (name: string): boolean =>
  name.length <= mostCharacters && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
