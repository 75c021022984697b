import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isSigned, readMachO, segmentOf, signAdHoc } from '../../../scripts/binary/mach-o.ts';

const segment = { size: 72, section: 80 };

interface Shape {
  readonly cpu?: number;
  readonly firstSection?: number;
}

/** An executable of three pages: __TEXT with one section, __LINKEDIT at the end. */
function executable({ cpu = 0x01000007, firstSection = 0x400 }: Shape = {}): Buffer {
  const file = Buffer.alloc(3 * 4096, 'code');
  file.fill(0, 0, firstSection);
  [0xfeedfacf, cpu, 3, 2, 2, 2 * segment.size + segment.section].forEach((number, index) => {
    file.writeUInt32LE(number, index * 4);
  });
  writeSegment(file, 32, '__TEXT', 0, 2 * 4096, [firstSection]);
  writeSegment(file, 32 + segment.size + segment.section, '__LINKEDIT', 2 * 4096, 4096, []);
  return file;
}

function writeSegment(
  file: Buffer,
  at: number,
  name: string,
  offset: number,
  size: number,
  sections: readonly number[],
): void {
  file.writeUInt32LE(0x19, at);
  file.writeUInt32LE(segment.size + sections.length * segment.section, at + 4);
  file.write(name, at + 8, 'latin1');
  file.writeBigUInt64LE(BigInt(offset), at + 40);
  file.writeBigUInt64LE(BigInt(size), at + 48);
  file.writeUInt32LE(sections.length, at + 64);
  sections.forEach((section, index) => {
    file.writeUInt32LE(section, at + segment.size + index * segment.section + 48);
  });
}

test('a signed executable has the same code, and a hash of each page that fits', () => {
  const signed = signAdHoc(executable(), 'tool');
  assert.is(isSigned(executable()), false);
  assert.is(isSigned(signed), true);
  assert.ok(signed.subarray(4096, 3 * 4096).equals(executable().subarray(4096)));
});

test('a byte that changes after signing is found, in any page', () => {
  for (const at of [8, 4096, 3 * 4096 - 1]) {
    const changed = signAdHoc(executable(), 'tool');
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    assert.is(isSigned(changed), false, `byte ${at}`);
  }
});

test('the signature is the last of the file, inside __LINKEDIT, and says what codesign says', () => {
  const signed = signAdHoc(executable(), 'tool');
  const { signature, segments, commands } = readMachO(signed);
  const at = signature?.dataOffset ?? 0;
  assert.is(at, 3 * 4096);
  assert.is(commands.count, 3);
  const linkedit = segmentOf(readMachO(signed), '__LINKEDIT');
  assert.is(linkedit.fileOffset + linkedit.fileSize, signed.length);
  assert.is(segments.length, 2);
  const directory = at + signed.readUInt32BE(at + 16);
  const numbers = Array.from({ length: 9 }, (_, index) => signed.readUInt32BE(directory + index * 4));
  const [magic, , version, flags, , nameAt = 0, special, pages, codeEnd] = numbers;
  assert.equal([magic, version, flags, special, pages, codeEnd], [0xfade0c02, 0x20400, 2, 2, 3, 3 * 4096]);
  assert.is(signed.toString('latin1', directory + nameAt, directory + nameAt + 5), 'tool\0');
  const firstPage = createHash('sha256').update(signed.subarray(0, 4096)).digest();
  assert.ok(signed.includes(firstPage, directory));
});

test('signing again replaces the signature: the bytes are the same', () => {
  const once = signAdHoc(executable(), 'tool');
  assert.ok(signAdHoc(once, 'tool').equals(once));
  assert.ok(signAdHoc(executable(), 'tool').equals(once));
});

test('the segment is rounded up to the pages of its processor', () => {
  const sizes = [0x01000007, 0x0100000c].map((cpu) => {
    const signed = signAdHoc(executable({ cpu }), 'tool');
    return signed.readBigUInt64LE(segmentOf(readMachO(signed), '__LINKEDIT').at + 32);
  });
  assert.equal(sizes, [0x2000n, 0x4000n]);
});

test('a header without room, and a file of another kind, are refused', () => {
  assert.throws(
    () => signAdHoc(executable({ firstSection: 32 + 2 * segment.size + segment.section + 8 }), 'tool'),
    /no room for one more load command/,
  );
  assert.throws(() => readMachO(Buffer.alloc(64)), /no thin 64-bit Mach-O/);
});

test.run();
