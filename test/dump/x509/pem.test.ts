import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readBase64Chain } from '#dump/x509/certificate.ts';
import { bareCertificates, pemBlocks } from '#dump/x509/pem.ts';
import { intermediate, leaf } from '../../support/certificates.ts';

const first = leaf.trimEnd();
const second = intermediate.trimEnd();

test('certificates with nothing else are found without reading their lines', () => {
  for (const text of [first, `${first}\n`, `${first}\n${second}`, `${first}\n${second}\n`]) {
    const blocks = bareCertificates(text);
    assert.equal(blocks, text.includes(second) ? [first, second] : [first]);
    assert.equal(
      blocks,
      pemBlocks(text).map(({ pem }) => pem),
    );
  }
});

test('whatever else stands there takes the line by line', () => {
  const cut = first.slice(0, -30);
  const others = [`x${first}`, ` ${first}`, `${first}x`, `${first}\r\n`, `${first}\n\n${second}`, `${first}${second}`];
  for (const text of [...others, cut, `${cut}\n${second}`, `${first}\n-`, first.replaceAll('CERTIFICATE', 'CRL')])
    assert.is(bareCertificates(text), undefined, text);
});

test('both ways say the same', () => {
  const read = (text: string): object => {
    const { chain, ...said } = readBase64Chain(Buffer.from(text).toString('base64'));
    return { ...said, chain: chain.map(({ fingerprint }) => fingerprint) };
  };
  const texts = [
    first,
    `${first}\n${second}`,
    first.replace('M', '-'),
    first.replace('MII', 'MIJ'),
    `${first}\n${cutOff}`,
  ];
  for (const text of texts) assert.equal(read(text), read(`a line that is passed over\n${text}`), text);
});

const cutOff = second.replace(/\n[^\n]+\n(?=-----END)/, '\n');

test.run();
