// The mesh configuration, as far as this tool asks for it. Of the rest, some may be secret: tokens and headers of tracing,
// variables of proxies.

/** Which objects istiod takes for a gateway. */
export const objectSettings = [
  'rootNamespace',
  'defaultVirtualServiceExportTo',
  'defaultDestinationRuleExportTo',
  'defaultServiceExportTo',
  'discoverySelectors',
] as const;

/** What TLS has where objects say nothing. */
export const tlsSettings = ['meshMTLS', 'tlsDefaults'] as const;

export type MeshSettingName = (typeof objectSettings)[number] | (typeof tlsSettings)[number];

/** Without those that nobody has set, and istiod has no default for. */
export type MeshSettings = Readonly<Partial<Record<MeshSettingName, unknown>>>;
