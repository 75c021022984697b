// What istiod's webhook refuses of a Gateway's servers, although it is well typed, and what does not do as it is meant. Source: istio
// pkg/config/validation/validation.go validateServer, validateTLSOptions; pkg/config/protocol/instance.go Parse.

import { isHttp, passesThrough, type ServerTls, specOf } from '#analysis/istio/gateway-merge.ts';
import type { KubeObject } from '#core/kube-object.ts';

export interface RefusedField {
  readonly path: readonly (string | number)[];
  /** `is "SSL", no protocol that Istio knows`. */
  readonly says: string;
  /** What comes of it; absent: the webhook refuses the Gateway. */
  readonly effect?: string;
}

type Server = NonNullable<ReturnType<typeof specOf>['servers']>[number];

export function refusedServers(gateway: KubeObject): RefusedField[] {
  const { servers = [] } = specOf(gateway);
  if (servers.length === 0) return [{ path: ['spec', 'servers'], says: 'is empty' }];
  const names = servers.map(({ port }) => port?.name);
  return servers.flatMap((server, index) =>
    [
      ...refusedHosts(server),
      ...(server.port?.name && names.indexOf(server.port.name) < index
        ? [{ path: ['port', 'name'], says: `is ${JSON.stringify(server.port.name)}, as of another server of it` }]
        : []),
      ...refusedTls(server),
    ].map((field) => ({ ...field, path: ['spec', 'servers', index, ...field.path] })),
  );
}

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
/** With a dot: no short name, and no address of IPv6. A star stands for whole labels. */
const host = new RegExp(`^(?:(?:\\*|\\.|${label})/)?(?:\\*|(?:\\*|${label})(?:\\.${label})+\\.?)$`, 'i');

const refusedHosts = ({ hosts = [] }: Server): RefusedField[] =>
  hosts.length === 0
    ? [{ path: ['hosts'], says: 'is empty' }]
    : hosts.flatMap((one, index) =>
        host.test(one)
          ? []
          : [{ path: ['hosts', index], says: `is ${JSON.stringify(one)}, no full name of a host, nor NAMESPACE/HOST` }],
      );

const others = ['TCP', 'UDP', 'MONGO', 'REDIS', 'MYSQL'];

function refusedTls({ port, tls }: Server): RefusedField[] {
  const protocol = port?.protocol?.toUpperCase() ?? '';
  const speaksTls = ['HTTPS', 'TLS'].includes(protocol);
  if (!speaksTls && !isHttp(protocol) && !others.includes(protocol))
    return [
      { path: ['port', 'protocol'], says: `is ${JSON.stringify(port?.protocol ?? '')}, no protocol that Istio knows` },
    ];
  if (speaksTls) return tls ? refusedSource(tls) : [{ path: ['tls'], says: `is missing, and ${protocol} wants it` }];
  const onlyRedirects = isHttp(protocol) && passesThrough(tls);
  return tls && !onlyRedirects ? [{ path: ['tls'], says: `is for HTTPS and TLS, not for ${protocol}` }] : [];
}

/** The certificate, and the CA of clients. */
function refusedSource(tls: ServerTls): RefusedField[] {
  const { mode = '', credentialName, credentialNames = [], tlsCertificates = [], caCertificates } = tls;
  const names = [credentialName ?? '', ...credentialNames].filter((name) => name !== '');
  if (mode === '' && names.length > 0)
    return [
      {
        path: ['tls', 'mode'],
        says: 'is missing, which is PASSTHROUGH',
        effect: 'connections are passed through as they come, and credentialName does nothing',
      },
    ];
  if (!['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'].includes(mode)) return [];
  if (names.length > 0) return names.flatMap(refusedName);
  const files = tlsCertificates.length > 0 ? tlsCertificates : [tls];
  const lacks = (what: string): RefusedField => ({ path: ['tls'], says: `has ${what}, and mode ${mode} wants one` });
  return [
    ...(files.every(({ serverCertificate, privateKey }) => serverCertificate && privateKey)
      ? []
      : [lacks('no credentialName, nor a certificate with its key in files')]),
    ...(mode === 'SIMPLE' || caCertificates ? [] : [lacks("no CA for clients' certificates")]),
  ];
}

/** Source: istio pilot/pkg/xds/sds.go, pilot/pkg/model/credentials/resource.go SdsCaSuffix. */
const refusedName = (name: string): RefusedField[] =>
  name.endsWith('-cacert')
    ? [
        {
          path: ['tls', 'credentialName'],
          says: `is "${name}", and istiod takes a name that ends so for the CA of clients`,
          effect: 'Envoy gets no certificate, and refuses others that come in the same update',
        },
      ]
    : [];
