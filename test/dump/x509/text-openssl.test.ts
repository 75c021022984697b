// `certs --text` against `openssl x509 -text` for generated certificates of every odd kind.

import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCertificateDetails } from '#dump/x509/details.ts';
import { renderCertificateText } from '#render/words/certificate-text.ts';
import { opensslVersion, type Workshop, workshop } from '../../support/x509/openssl.ts';

interface Odd {
  readonly subject?: string;
  readonly serial?: string;
  readonly key?: readonly string[];
  readonly sign?: readonly string[];
  /** Of the section of extensions. */
  readonly extensions?: readonly string[];
  /** Further sections. */
  readonly more?: string;
  /** Of the section of the request: strings of which kind. */
  readonly request?: string;
}

const elliptic = (curve: string, ...more: readonly string[]): string[] => [
  'EC',
  '-pkeyopt',
  `ec_paramgen_curve:${curve}`,
  ...more,
];
const allNames = 'email:a@b.c,DNS:a.example,URI:https://x/y?z,IP:10.0.0.1,IP:2001:db8::1,RID:1.2.3.4,dirName:dn';

const odd: Readonly<Record<string, Odd>> = {
  'serial 0': { serial: '0' },
  'serial of one byte': { serial: '0x7f' },
  'serial with a sign byte': { serial: '0xff' },
  'negative serial': { serial: '-5' },
  'negative serial of nine bytes': { serial: '-0x123456789abcdef012' },
  'serial of 20 bytes': { serial: '0x7fffffffffffffffffffffffffffffffffffffff' },
  'serial of 8 bytes': { serial: '0x8000000000000000' },
  'empty names': { subject: '/' },
  'several values in one part': { subject: '/C=DE/O=A+OU=B+CN=c/CN=d' },
  'rare attributes': {
    subject:
      '/SN=a/GN=b/initials=c/title=d/dnQualifier=e/pseudonym=f/generationQualifier=g/name=h/street=i/postalCode=j/UID=k/DC=l/unstructuredName=m/1.2.3.4.5=n',
  },
  'characters that are quoted': { subject: '/CN= lead, "q" + <x>; \\\\ # end /O=#x/OU=trail ' },
  'UTF-8': { subject: '/CN=Zoë 日本/O=😀' },
  'BMP strings': { subject: '/CN=Zoë 日本', request: 'string_mask=MASK:0x800' },
  'T61 strings': { subject: '/CN=Zoë', request: 'string_mask=MASK:0x4' },
  'universal strings': { subject: '/CN=Zoë', request: 'string_mask=MASK:0x100' },
  'control characters': { subject: '/CN=a\u0001\u007fb' },
  'unknown extensions': {
    extensions: ['1.2.3.4=ASN1:UTF8String:hello', '1.2.3.5=critical,DER:01:02:41:ff', '1.2.3.6=ASN1:NULL'],
  },
  'names of every kind': {
    extensions: [
      `subjectAltName=critical,${allNames},otherName:1.2.3.4;UTF8:some,otherName:msUPN;UTF8:u@x`,
      'issuerAltName=DNS:i',
    ],
    more: '[dn]\nC=DE\nO=Inner, Org/x\nCN=Zoë\n',
  },
  'other names of other types': {
    extensions: [
      'subjectAltName=otherName:1.2.3.4;IA5:some,otherName:1.2.3.4;INT:5,otherName:1.3.6.1.5.5.7.8.9;UTF8:m@x,otherName:1.3.6.1.5.5.7.8.7;IA5:_x.y',
    ],
  },
  policies: {
    extensions: ['certificatePolicies=2.23.140.1.2.1,anyPolicy,@pol'],
    more: '[pol]\npolicyIdentifier=1.3.5.8\nCPS.1=http://a/\nCPS.2=http://b/\nuserNotice.1=@n\nuserNotice.2=@m\n[n]\nexplicitText=UTF8:Text here\norganization=Org\nnoticeNumbers=1,2\n[m]\nexplicitText=Only\n',
  },
  'policy constraints and mappings': {
    extensions: [
      'policyConstraints=critical,requireExplicitPolicy:3,inhibitPolicyMapping:1',
      'inhibitAnyPolicy=2',
      'policyMappings=1.2.3:1.2.4,1.2.5:1.2.6',
    ],
  },
  'name constraints': {
    extensions: [
      'nameConstraints=critical,permitted;DNS:.a,permitted;IP:10.0.0.0/255.0.0.0,permitted;email:.b,permitted;URI:c,permitted;dirName:dn,excluded;IP:2001:db8::/ffff:ffff::',
    ],
    more: '[dn]\nC=DE\nO=X\n',
  },
  'CRL points': {
    extensions: ['crlDistributionPoints=one,two,three', 'freshestCRL=URI:http://fresh/'],
    more: '[one]\nfullname=URI:http://a/,URI:http://b/\nreasons=keyCompromise,CACompromise\n[two]\nrelativename=rel\nCRLissuer=dirName:dn\n[three]\nfullname=dirName:dn\nreasons=superseded\nCRLissuer=dirName:dn\n[rel]\nCN=relative\n[dn]\nC=DE\nCN=issuer\n',
  },
  'issuing distribution point': {
    extensions: ['issuingDistributionPoint=critical,@idp'],
    more: '[idp]\nfullname=URI:http://a/\nonlyuser=TRUE\nindirectCRL=TRUE\nonlysomereasons=keyCompromise\n',
  },
  'access and OCSP': {
    extensions: [
      'authorityInfoAccess=OCSP;URI:http://o/,caIssuers;dirName:dn,1.2.3;DNS:x',
      'subjectInfoAccess=caRepository;URI:http://r/',
      'noCheck=ignored',
      'tlsfeature=status_request,status_request_v2,99',
    ],
    more: '[dn]\nCN=x\n',
  },
  'usages of every kind': {
    extensions: [
      'keyUsage=critical,digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement,keyCertSign,cRLSign,encipherOnly,decipherOnly',
      'extendedKeyUsage=critical,serverAuth,clientAuth,codeSigning,emailProtection,timeStamping,OCSPSigning,ipsecEndSystem,ipsecIKE,msCodeInd,msCodeCom,msCTLSign,msSGC,msEFS,nsSGC,msSmartcardLogin,anyExtendedKeyUsage,1.2.3',
    ],
  },
  'Netscape extensions': {
    extensions: ['nsCertType=server,client,sslCA', 'nsComment=A comment', 'nsBaseUrl=http://x/'],
  },
  'basic constraints without anything': { extensions: ['basicConstraints=CA:FALSE'] },
  'long path length': { extensions: ['basicConstraints=critical,CA:TRUE,pathlen:300'] },
  'key identifiers with issuer and serial': {
    extensions: [
      'basicConstraints=CA:true',
      'subjectKeyIdentifier=0102ff',
      'authorityKeyIdentifier=keyid:always,issuer:always',
    ],
    subject: '/C=DE/CN=Zoë',
  },
  'private key usage period': {
    extensions: [
      '2.5.29.16=DER:30:22:80:0f:32:30:32:30:30:31:30:31:30:30:30:30:30:30:5a:81:0f:32:30:32:31:30:31:30:31:30:30:30:30:30:30:5a',
    ],
  },
  'broken extension': { extensions: ['2.5.29.15=DER:ff', '2.5.29.17=DER:04:01:41'] },
  'list of SCTs': {
    extensions: [
      `1.3.6.1.4.1.11129.2.4.2=DER:04:3b:00:39:00:37:00${':ab'.repeat(32)}:00:00:01:8b:cf:e5:68:00:00:00:04:03:00:08:30:06:02:01:01:02:01:02`,
    ],
  },
  'poison of Certificate Transparency': { extensions: ['1.3.6.1.4.1.11129.2.4.3=critical,ASN1:NULL'] },
  'P-384': { key: elliptic('P-384') },
  'P-521': { key: elliptic('P-521') },
  secp256k1: { key: elliptic('secp256k1') },
  brainpool: { key: elliptic('brainpoolP320r1') },
  'old curve': { key: elliptic('prime192v2') },
  'binary curve': { key: elliptic('sect233r1') },
  'explicit curve': { key: elliptic('P-256', '-pkeyopt', 'ec_param_enc:explicit') },
  Ed25519: { key: ['ED25519'] },
  Ed448: { key: ['ED448'] },
  'RSA 1024 with exponent 3': { key: ['RSA', '-pkeyopt', 'rsa_keygen_bits:1024', '-pkeyopt', 'rsa_keygen_pubexp:3'] },
  'RSA of an odd size': { key: ['RSA', '-pkeyopt', 'rsa_keygen_bits:1031'] },
  'RSA-PSS signature': {
    key: ['RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
    sign: ['-sha384', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:20'],
  },
  'RSA-PSS key': { key: ['RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:1024'] },
  'RSA-PSS key with restrictions': {
    key: [
      'RSA-PSS',
      '-pkeyopt',
      'rsa_keygen_bits:1024',
      '-pkeyopt',
      'rsa_pss_keygen_md:sha256',
      '-pkeyopt',
      'rsa_pss_keygen_mgf1_md:sha256',
      '-pkeyopt',
      'rsa_pss_keygen_saltlen:32',
    ],
  },
  DSA: { key: ['DSA'] },
  'SHA-1': { sign: ['-sha1'] },
  SHA3: { sign: ['-sha3-256'] },
  'SHA-512': { key: ['RSA', '-pkeyopt', 'rsa_keygen_bits:1024'], sign: ['-sha512'] },
};

function make({ run, write, path, read }: Workshop, one: Odd): string {
  const isDsa = one.key?.[0] === 'DSA';
  const { subject = '/CN=x', serial = '0x1234', key = elliptic('P-256'), sign = [] } = one;
  const section = `[v]\n${(one.extensions ?? []).join('\n')}\n${one.more ?? ''}`;
  const head = `[req]\ndistinguished_name=none\nx509_extensions=v\nprompt=no\n${one.request ?? ''}\n[none]\n`;
  const config = write('cnf', head + section);
  if (isDsa) {
    run('dsaparam', '-out', path('parameters'), '1024');
    run('gendsa', '-out', path('key'), path('parameters'));
  } else {
    run('genpkey', '-algorithm', ...key, '-out', path('key'));
  }
  const given = ['-key', path('key'), '-config', config, '-out', path('crt')];
  const names = ['-subj', subject, '-utf8', '-multivalue-rdn', '-set_serial', serial];
  run('req', '-x509', '-new', ...given, ...names, '-days', '30', ...sign);
  return read('crt');
}

/** OpenSSL 3.0 forgets the end of the line before what follows a full name; it leaves spaces at the ends of
 * lines, and writes `O=x` for `O = x` from 3.2 on. */
function opensslText(pem: string): string {
  const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: pem, encoding: 'utf8' });
  return text
    .replace(/ +$/gm, '')
    .replace(/(\S)( {16}(?:Reasons|CRL Issuer|Only [A-Z]|Indirect))/g, '$1\n$2')
    .replace(
      /^( +(?:Issuer|Subject): )(.*)$/gm,
      (_, before: string, name: string) => before + name.replace(/(^|, | \+ )([A-Za-z0-9.]+)=/g, '$1$2 = '),
    );
}

if (opensslVersion === undefined) {
  test('is skipped: there is no OpenSSL 3 on this machine to compare with', () => undefined);
} else {
  const shop = workshop();
  for (const [name, one] of Object.entries(odd)) {
    test(`${name}: the text is that of ${opensslVersion}`, () => {
      const pem = make(shop, one);
      const lines = renderCertificateText(readCertificateDetails(pem)).map((line) => `${line.trimEnd()}\n`);
      const ours = lines.join('');
      assert.is(ours, opensslText(pem));
    });
  }
  test.after(() => shop.end());
}

test.run();
