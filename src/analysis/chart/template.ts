// The template that makes Istio's objects of the `ingress:` stanza of a chart's values at Wikimedia, and in what its
// versions differ. Source: wikimedia/operations-deployment-charts, common_templates/0.4/_ingress_helpers.tpl as of
// February and April 2022, modules/ingress/istio_*.tpl.

export const templateVersions = ['0.4-seed', '0.4', '1.0', '1.0.1', '1.0.2', '1.0.3', '1.1', '1.2', '1.3'] as const;
export type TemplateVersion = (typeof templateVersions)[number];

/** Of `istio_1.3.0.tpl`, `1.3`; undefined for versions that are not known. */
export const versionOfModule = (name: string): TemplateVersion | undefined => {
  const version = /^istio_(\d+\.\d+(?:\.\d+)?)\.tpl$/.exec(name)?.[1]?.replace(/\.0$/, '');
  return templateVersions.find((one) => one === version);
};

export const isSince = (version: TemplateVersion, first: TemplateVersion): boolean =>
  templateVersions.indexOf(version) >= templateVersions.indexOf(first);

/** Where the Service's port and domains stand. */
export const portKeyOf = (version: TemplateVersion): 'tls' | 'mesh' => (isSince(version, '1.0') ? 'mesh' : 'tls');

interface Key {
  readonly path: readonly string[];
  readonly first?: TemplateVersion;
  readonly last?: TemplateVersion;
}

/** What a stanza may hold, and the versions in which it counts. */
export const stanzaKeys: readonly Key[] = [
  { path: ['enabled'] },
  // It is for the chart's Services.
  { path: ['keepNodePort'] },
  { path: ['staging'], last: '1.0.3' },
  { path: ['mlstaging'], first: '1.0.2', last: '1.0.3' },
  { path: ['gatewayHosts'] },
  { path: ['gatewayHosts', 'default'], first: '0.4' },
  { path: ['gatewayHosts', 'domains'], first: '1.1' },
  { path: ['gatewayHosts', 'disableDefaultHosts'], first: '0.4' },
  { path: ['gatewayHosts', 'extraFQDNs'], first: '0.4' },
  { path: ['existingGatewayName'] },
  { path: ['routeHosts'] },
  { path: ['httproutes'] },
  { path: ['selectors'], first: '1.0.1' },
  { path: ['base_cors_policy'], first: '1.0.3' },
  { path: ['custom_cors_policy'], first: '1.0.3' },
  { path: ['destinationrulehosts'], first: '1.2' },
];

export const counts = ({ first, last }: Key, version: TemplateVersion): boolean =>
  (first === undefined || isSince(version, first)) && (last === undefined || isSince(last, version));

/** What the chart itself says of a stanza where nothing else is known of it. */
export const defaultValues = (version: TemplateVersion): object => ({
  ingress: {
    enabled: false,
    existingGatewayName: '',
    routeHosts: [],
    httproutes: [],
    gatewayHosts: isSince(version, '0.4') ? { default: '', disableDefaultHosts: false, extraFQDNs: [] } : [],
  },
});
