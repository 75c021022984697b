// Chains of certificates of every shape that verifiers tell apart, made by openssl when a test runs.

import type { Workshop } from './openssl.ts';

/** One certificate of a chain. */
export interface Link {
  /** Undefined: `/CN=NAME`. */
  readonly subject?: string;
  /** Of whom it is signed; undefined: by itself. */
  readonly by?: string;
  /** The key of another one, where it has no own. */
  readonly key?: string;
  /** Lines of the section of extensions; undefined: version 1. */
  readonly extensions?: readonly string[];
  /** More sections of the configuration. */
  readonly more?: string;
  /** Days from now; 0 to 3650. */
  readonly days?: readonly [number, number];
  readonly algorithm?: readonly string[];
}

/** Names of links: what is presented, leaf first, and what is trusted. */
export interface Shape {
  readonly links: Readonly<Record<string, Link>>;
  readonly sent?: readonly string[];
  readonly trusted?: readonly string[];
}

const authority = [
  'basicConstraints=critical,CA:true',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
];
const server = [
  'basicConstraints=critical,CA:false',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=serverAuth',
  'subjectAltName=DNS:a.example',
];
const without = (lines: readonly string[], ...names: readonly string[]): string[] =>
  lines.filter((line) => !names.some((name) => line.startsWith(name)));

const root: Link = { extensions: authority };
const inner: Link = { by: 'root', extensions: authority };
const leaf: Link = { by: 'inner', extensions: server };
const withLeaf = (...extensions: readonly string[]): Link => ({ ...leaf, extensions });
const links = { root, inner, leaf };

const shape = (changes: Readonly<Record<string, Link>>, more: Omit<Shape, 'links'> = {}): Shape => ({
  links: { ...links, ...changes },
  ...more,
});

const leafNamed = (names: string, more = ''): Link => ({
  ...leaf,
  extensions: [...without(server, 'subjectAltName'), `subjectAltName=${names}`],
  more,
});
const constrained = (constraints: string, names: string, more = ''): Shape =>
  shape({
    inner: { ...inner, extensions: [...authority, `nameConstraints=critical,${constraints}`], more },
    leaf: leafNamed(names, more),
  });
const innerWith = (...extensions: readonly string[]): Shape => shape({ inner: { ...inner, extensions } });
const directory = '\n[dn]\nO=Example\n';
const below = '\n[dn]\nO=Example\n[other]\nO=EXAMPLE\nCN=x\n';

/** By what is special about each. */
export const shapes: Readonly<Record<string, Shape>> = {
  good: shape({}),
  'with its root': shape({}, { sent: ['leaf', 'inner', 'root'] }),
  'leaf twice': shape({}, { sent: ['leaf', 'leaf', 'inner'] }),
  'all twice': shape({}, { sent: ['leaf', 'inner', 'inner', 'root', 'root'] }),
  'out of order': shape({}, { sent: ['leaf', 'root', 'inner'] }),
  'intermediate lacks': shape({}, { sent: ['leaf'] }),
  'intermediate trusted': shape({}, { sent: ['leaf'], trusted: ['inner'] }),
  'leaf trusted': shape({}, { sent: ['leaf'], trusted: ['leaf'] }),
  'another root': shape({ other: { ...root } }, { trusted: ['other'] }),
  'self-signed leaf': shape({ alone: { extensions: server } }, { sent: ['alone'] }),
  'self-signed leaf trusted': shape({ alone: { extensions: server } }, { sent: ['alone'], trusted: ['alone'] }),
  'root of the same name and another key first': shape(
    { twin: { subject: '/CN=root', extensions: without(authority, 'subjectKeyIdentifier') } },
    { trusted: ['twin', 'root'] },
  ),
  'root of the same name and another key last': shape(
    { twin: { subject: '/CN=root', extensions: without(authority, 'subjectKeyIdentifier') } },
    { trusted: ['root', 'twin'] },
  ),
  'key identifiers tell two CAs of one name apart': shape(
    {
      twin: { subject: '/CN=inner', by: 'root', extensions: authority },
      leaf: withLeaf(...server, 'authorityKeyIdentifier=keyid'),
    },
    { sent: ['leaf', 'twin', 'inner'] },
  ),
  'key identifier of another key': shape(
    {
      twin: { subject: '/CN=inner', by: 'root', extensions: authority },
      leaf: withLeaf(...server, 'authorityKeyIdentifier=keyid'),
    },
    { sent: ['leaf', 'twin'] },
  ),
  'signature of another key': shape(
    { twin: { subject: '/CN=inner', by: 'root', extensions: without(authority, 'subjectKeyIdentifier') } },
    { sent: ['leaf', 'twin'] },
  ),
  'cross-signed': shape(
    {
      old: { ...root },
      cross: { subject: '/CN=root', key: 'root', by: 'old', extensions: authority },
    },
    { sent: ['leaf', 'inner', 'cross'], trusted: ['old'] },
  ),
  'expired leaf': shape({ leaf: { ...leaf, days: [-20, -10] } }),
  'expired intermediate': shape({ inner: { ...inner, days: [-20, -10] } }),
  'expired root': shape({ root: { ...root, days: [-20, -10] } }),
  'intermediate not yet valid': shape({ inner: { ...inner, days: [10, 20] } }),
  'leaf not yet valid': shape({ leaf: { ...leaf, days: [10, 20] } }),
  'second certificate is no CA': innerWith(...without(server, 'extendedKeyUsage')),
  'intermediate without basicConstraints': innerWith('subjectKeyIdentifier=hash'),
  'intermediate without keyCertSign': innerWith('basicConstraints=CA:true', 'keyUsage=cRLSign'),
  'intermediate without key usage': innerWith('basicConstraints=critical,CA:true'),
  'intermediate of version 1': shape({ inner: { by: 'root' } }),
  'root of version 1': shape({ root: {} }),
  'root without basicConstraints': shape({ root: { extensions: ['subjectKeyIdentifier=hash'] } }),
  'path length of the root': shape({
    root: { extensions: [...without(authority, 'basic'), 'basicConstraints=CA:true,pathlen:0'] },
  }),
  'path length kept': innerWith(...without(authority, 'basic'), 'basicConstraints=CA:true,pathlen:0'),
  'path length of the intermediate': shape(
    {
      inner: { ...inner, extensions: [...without(authority, 'basic'), 'basicConstraints=CA:true,pathlen:0'] },
      lower: { by: 'inner', extensions: authority },
      leaf: { ...leaf, by: 'lower' },
    },
    { sent: ['leaf', 'lower', 'inner'] },
  ),
  'self-issued CA does not count for the path length': shape(
    {
      root: { extensions: [...without(authority, 'basic'), 'basicConstraints=CA:true,pathlen:1'] },
      renewed: { subject: '/CN=inner', by: 'inner', extensions: authority },
      leaf: { ...leaf, by: 'renewed' },
    },
    { sent: ['leaf', 'renewed', 'inner'] },
  ),
  'leaf for clients only': shape({ leaf: withLeaf('extendedKeyUsage=clientAuth') }),
  'leaf for anything': shape({ leaf: withLeaf('extendedKeyUsage=anyExtendedKeyUsage') }),
  'leaf without extended key usage': shape({ leaf: withLeaf(...without(server, 'extendedKeyUsage')) }),
  'leaf that may only sign CRLs': shape({ leaf: withLeaf('keyUsage=cRLSign') }),
  'leaf with keyEncipherment only': shape({ leaf: withLeaf('keyUsage=keyEncipherment') }),
  'leaf that is a CA': shape({ leaf: withLeaf(...authority, 'subjectAltName=DNS:a.example') }),
  'intermediate for clients only': innerWith(...authority, 'extendedKeyUsage=clientAuth'),
  'intermediate for servers': innerWith(...authority, 'extendedKeyUsage=serverAuth'),
  'unknown critical extension of the leaf': shape({
    leaf: withLeaf(...server, '1.2.3.4.5=critical,ASN1:UTF8String:x'),
  }),
  'unknown critical extension of the intermediate': innerWith(...authority, '1.2.3.4.5=critical,ASN1:NULL'),
  'unknown extension': shape({ leaf: withLeaf(...server, '1.2.3.4.5=ASN1:UTF8String:x') }),
  'critical issuer alternative name': shape({ leaf: withLeaf(...server, 'issuerAltName=critical,DNS:x') }),
  'DNS permitted': constrained('permitted;DNS:example', 'DNS:a.example'),
  'DNS permitted below': constrained('permitted;DNS:.example', 'DNS:A.EXAMPLE'),
  'DNS not permitted': constrained('permitted;DNS:other', 'DNS:a.example'),
  'DNS not at a dot': constrained('permitted;DNS:xample', 'DNS:a.example'),
  'DNS excluded': constrained('excluded;DNS:a.example', 'DNS:b.example,DNS:x.a.example'),
  'DNS not excluded': constrained('excluded;DNS:b.example', 'DNS:a.example'),
  'DNS of the common name': shape({
    inner: { ...inner, extensions: [...authority, 'nameConstraints=permitted;DNS:example'] },
    leaf: { ...leaf, subject: '/CN=a.other', extensions: without(server, 'subjectAltName') },
  }),
  'DNS constraint of the root': shape({
    root: { extensions: [...authority, 'nameConstraints=critical,permitted;DNS:other'] },
  }),
  'constraints bind no other kind': constrained('permitted;email:example', 'DNS:a.example'),
  'IP permitted': constrained('permitted;IP:10.0.0.0/255.0.0.0', 'IP:10.1.2.3'),
  'IP not permitted': constrained('permitted;IP:10.0.0.0/255.0.0.0', 'IP:11.1.2.3'),
  'IP excluded': constrained('excluded;IP:10.1.0.0/255.255.0.0', 'IP:10.1.2.3'),
  'IPv6 excluded': constrained('excluded;IP:2001:db8::/ffff:ffff::', 'IP:2001:db8::1'),
  'IPv6 under permitted IPv4': constrained('permitted;IP:10.0.0.0/255.0.0.0', 'IP:2001:db8::1'),
  'email of a host': constrained('permitted;email:example', 'email:x@example'),
  'email of a host below': constrained('permitted;email:example', 'email:x@a.example'),
  'email below a dot': constrained('permitted;email:.example', 'email:x@a.example'),
  'email mailbox': constrained('excluded;email:x@example', 'email:x@example'),
  'email mailbox in another case': constrained('excluded;email:x@example', 'email:X@EXAMPLE'),
  'URI permitted': constrained('permitted;URI:example', 'URI:spiffe://example/ns/a'),
  'URI not permitted': constrained('permitted;URI:.example', 'URI:https://example/'),
  'URI without a host': constrained('permitted;URI:example', 'URI:urn:x'),
  'directory permitted': shape({
    inner: { ...inner, extensions: [...authority, 'nameConstraints=permitted;dirName:dn'], more: directory },
    leaf: { ...leaf, subject: '/O=EXAMPLE/CN=leaf' },
  }),
  'directory not permitted': shape({
    inner: { ...inner, extensions: [...authority, 'nameConstraints=permitted;dirName:dn'], more: directory },
    leaf: { ...leaf, subject: '/O=Other/CN=leaf' },
  }),
  'directory excluded': constrained('excluded;dirName:dn', 'dirName:other', below),
  'registered ID': constrained('permitted;RID:1.2.3', 'RID:1.2.3.4'),
  'Ed25519 leaf': shape({ leaf: { ...leaf, algorithm: ['ed25519'] } }),
  'RSA chain': shape({ root: { ...root, algorithm: ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] } }),
};

const elliptic = ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** PEM by name of the link. One workshop makes each link of `shapes` once, however many of them have it. */
export type ShapeMaker = (shape: Shape) => Map<string, string>;

export function shapeMaker(shop: Workshop, now: Date): ShapeMaker {
  const pem = new Map<Link, string>();
  const keys = new Map<string, string>();
  const keyOf = (name: string, { key = name, algorithm = elliptic }: Link): string => {
    const wanted = `${key} ${algorithm.join(' ')}`;
    const path = keys.get(wanted) ?? shop.path(`${keys.size}.key`);
    if (!keys.has(wanted)) shop.run('genpkey', '-algorithm', ...algorithm, '-out', path);
    keys.set(wanted, path);
    return path;
  };
  const make = (all: Shape['links'], name: string): string => {
    const link = all[name] as Link;
    const known = pem.get(link);
    if (known !== undefined) return known;
    const issuer = link.by === undefined ? undefined : (all[link.by] as Link);
    const signer = issuer && {
      certificate: shop.write('signer.crt', make(all, link.by ?? '')),
      key: keyOf(link.by ?? '', issuer),
    };
    const made = issue(shop, { name, link, key: keyOf(name, link), signer, now });
    pem.set(link, made);
    return made;
  };
  return ({ links: all }) => new Map(Object.keys(all).map((name) => [name, make(all, name)]));
}

interface Issue {
  readonly name: string;
  readonly link: Link;
  /** Files. */
  readonly key: string;
  readonly signer: { readonly certificate: string; readonly key: string } | undefined;
  readonly now: Date;
}

const policy = ['default_md=sha256', 'policy=p', 'unique_subject=no', 'rand_serial=yes', 'preserve=yes'];

/** `openssl ca` alone takes dates in OpenSSL 3.0; it makes version 1 where there are no extensions. */
function issue({ run, write, path, read }: Workshop, { name, link, key, signer, now }: Issue): string {
  const { extensions, days = [-1, 30], more = '', subject = `/CN=${name}` } = link;
  const [from = '', until = ''] = days.map((day) =>
    new Date(now.getTime() + day * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, ''),
  );
  const section = `[v]\n${extensions?.join('\n') ?? ''}\n${more}`;
  const config = write('req.cnf', `[req]\ndistinguished_name=none\n[none]\n${section}`);
  run('req', '-new', '-key', key, '-subj', subject, '-config', config, '-out', path('csr'));
  const places = `database=${write('index', '')}\nnew_certs_dir=${path('.')}`;
  const settings = write(
    'ca.cnf',
    `[ca]\ndefault_ca=d\n[d]\n${places}\n${policy.join('\n')}\n[p]\nCN=optional\nO=optional\n`,
  );
  const by = signer ? ['-cert', signer.certificate, '-keyfile', signer.key] : ['-selfsign', '-keyfile', key];
  const version = extensions === undefined ? [] : ['-extfile', config, '-extensions', 'v'];
  const output = ['-in', path('csr'), '-out', path('crt'), '-startdate', from, '-enddate', until];
  run('ca', '-batch', '-notext', '-config', settings, ...by, ...version, ...output);
  return read('crt');
}
