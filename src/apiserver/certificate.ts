// A self-signed certificate for an API server of our own, made anew at each start: a committed certificate would need
// a private key, and would expire. DER by hand (X.690), because node:crypto reads certificates and does not write them.
// Source: RFC 5280 §4.1.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

const dayMs = 86_400_000;

/** Valid for localhost, 127.0.0.1 and ::1, from an hour ago for a year. PEM. */
export function mintCertificate(now: Date): ServerCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = toBeSigned(publicKey, now);
  const certificate = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, privateKey)));
  return { certificate: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

function toBeSigned(publicKey: KeyObject, now: Date): Buffer {
  const name = sequence(set(sequence(objectId('550403'), tagged(0x0c, Buffer.from('kubectl-istio-ingress')))));
  const validity = sequence(time(now.getTime() - 3_600_000), time(now.getTime() + 365 * dayMs));
  const serial = tagged(0x02, Buffer.concat([Buffer.of(1), randomBytes(15)]));
  const names = sequence(
    tagged(0x82, Buffer.from('localhost')),
    tagged(0x87, Buffer.of(127, 0, 0, 1)),
    tagged(0x87, Buffer.from([...Array(15).fill(0), 1])),
  );
  const isAuthority = sequence(tagged(0x01, Buffer.of(0xff)));
  const extensions = sequence(extension('551d13', isAuthority), extension('551d11', names));
  const version3 = tagged(0xa0, tagged(0x02, Buffer.of(2)));
  const key = publicKey.export({ type: 'spki', format: 'der' });
  return sequence(version3, serial, ecdsaWithSha256, name, validity, name, key, tagged(0xa3, extensions));
}

function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), body]);
}

const sequence = (...content: readonly Buffer[]): Buffer => tagged(0x30, ...content);
const set = (...content: readonly Buffer[]): Buffer => tagged(0x31, ...content);
const objectId = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));
const bits = (content: Buffer): Buffer => tagged(0x03, Buffer.of(0), content);
const extension = (id: string, value: Buffer): Buffer => sequence(objectId(id), tagged(0x04, value));

/** 1.2.840.10045.4.3.2 */
const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));

/** UTCTime, which ends in 2049. */
const time = (ms: number): Buffer =>
  tagged(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
