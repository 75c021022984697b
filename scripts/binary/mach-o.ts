// What has to be known of a macOS executable (thin 64-bit Mach-O) to sign it ad hoc as `codesign --sign -` does, on any
// machine: arm64 kills a process without signature. The same bytes each time. Sources: xnu osfmk/kern/cs_blobs.h,
// EXTERNAL_HEADERS/mach-o/loader.h.

import { createHash } from 'node:crypto';

const magic = 0xfeedfacf;
const headerSize = 32;
const command = { segment64: 0x19, codeSignature: 0x1d, codeSignatureSize: 16 };
const cpu = { arm64: 0x0100000c };

interface Segment {
  readonly name: string;
  /** Of its load command. */
  readonly at: number;
  readonly fileOffset: number;
  readonly fileSize: number;
}

interface MachO {
  readonly isArm: boolean;
  readonly commands: { readonly count: number; readonly size: number };
  readonly segments: readonly Segment[];
  /** Where the first section begins: load commands have room until there. */
  readonly firstSection: number;
  readonly signature: { readonly at: number; readonly dataOffset: number } | undefined;
}

export function readMachO(file: Buffer): MachO {
  if (file.readUInt32LE(0) !== magic) throw new Error('cannot read the executable: it is no thin 64-bit Mach-O file');
  const commands = { count: file.readUInt32LE(16), size: file.readUInt32LE(20) };
  const segments: Segment[] = [];
  let firstSection = Number.POSITIVE_INFINITY;
  let signature: MachO['signature'];
  for (let at = headerSize, index = 0; index < commands.count; index += 1, at += file.readUInt32LE(at + 4)) {
    const kind = file.readUInt32LE(at);
    if (kind === command.codeSignature) signature = { at, dataOffset: file.readUInt32LE(at + 8) };
    if (kind !== command.segment64) continue;
    segments.push(readSegment(file, at));
    firstSection = Math.min(firstSection, ...sectionOffsets(file, at));
  }
  return { isArm: file.readUInt32LE(4) === cpu.arm64, commands, segments, firstSection, signature };
}

function readSegment(file: Buffer, at: number): Segment {
  const name = file.toString('latin1', at + 8, at + 24).replace(/\0.*$/, '');
  return {
    name,
    at,
    fileOffset: Number(file.readBigUInt64LE(at + 40)),
    fileSize: Number(file.readBigUInt64LE(at + 48)),
  };
}

/** Of the sections that have bytes in the file. */
function sectionOffsets(file: Buffer, segmentAt: number): number[] {
  const count = file.readUInt32LE(segmentAt + 64);
  return Array.from({ length: count }, (_, index) => file.readUInt32LE(segmentAt + 72 + index * 80 + 48)).filter(
    (offset) => offset !== 0,
  );
}

export function segmentOf(macho: MachO, name: string): Segment {
  const found = macho.segments.find((segment) => segment.name === name);
  if (!found) throw new Error(`cannot read the executable: it has no segment ${name}`);
  return found;
}

// The signature: a "super blob" of three blobs, all numbers big-endian.
const blob = { superBlob: 0xfade0cc0, codeDirectory: 0xfade0c02 };
const slot = { codeDirectory: 0, requirements: 2, cms: 0x10000 };
const noRequirements = Buffer.from('fade0c010000000c00000000', 'hex');
const noCertificate = Buffer.from('fade0b0100000008', 'hex');
const superBlobHeader = 12 + 3 * 8;
const directoryHeader = 88;
const hashSize = 32;
const pageSize = 4096;
/** Hashes before those of the pages: of Info.plist (there is none) and of the requirements. */
const specialHashes = 2;

/** The executable with an ad-hoc signature in place of the one it has, if any. */
export function signAdHoc(file: Buffer, identifier: string): Buffer {
  const macho = readMachO(file);
  const linkedit = segmentOf(macho, '__LINKEDIT');
  const text = segmentOf(macho, '__TEXT');
  const codeEnd = macho.signature?.dataOffset ?? aligned(linkedit.fileOffset + linkedit.fileSize, 16);
  const size = aligned(signatureSize(codeEnd, identifier), 16);
  const signed = Buffer.alloc(codeEnd + size);
  file.copy(signed, 0, 0, Math.min(codeEnd, file.length));
  writeLoadCommand(signed, macho, codeEnd, size);
  const linkeditSize = codeEnd + size - linkedit.fileOffset;
  signed.writeBigUInt64LE(BigInt(linkeditSize), linkedit.at + 48);
  signed.writeBigUInt64LE(BigInt(aligned(linkeditSize, macho.isArm ? 0x4000 : 0x1000)), linkedit.at + 32);
  // Last: it hashes what stands before it.
  signatureOf(signed.subarray(0, codeEnd), identifier, text).copy(signed, codeEnd);
  return signed;
}

function writeLoadCommand(
  file: Buffer,
  { commands, firstSection, signature }: MachO,
  dataOffset: number,
  dataSize: number,
): void {
  const at = signature?.at ?? headerSize + commands.size;
  if (signature === undefined) {
    if (at + command.codeSignatureSize > firstSection)
      throw new Error('cannot sign the executable: its header has no room for one more load command');
    file.writeUInt32LE(commands.count + 1, 16);
    file.writeUInt32LE(commands.size + command.codeSignatureSize, 20);
    file.writeUInt32LE(command.codeSignature, at);
    file.writeUInt32LE(command.codeSignatureSize, at + 4);
  }
  file.writeUInt32LE(dataOffset, at + 8);
  file.writeUInt32LE(dataSize, at + 12);
}

const aligned = (size: number, to: number): number => Math.ceil(size / to) * to;

const directorySize = (codeEnd: number, identifier: string): number =>
  directoryHeader + identifier.length + 1 + (specialHashes + Math.ceil(codeEnd / pageSize)) * hashSize;

const signatureSize = (codeEnd: number, identifier: string): number =>
  superBlobHeader + directorySize(codeEnd, identifier) + noRequirements.length + noCertificate.length;

function signatureOf(code: Buffer, identifier: string, text: Segment): Buffer {
  const requirementsAt = superBlobHeader + directorySize(code.length, identifier);
  const cmsAt = requirementsAt + noRequirements.length;
  const header = bigEndian([
    blob.superBlob,
    signatureSize(code.length, identifier),
    3,
    ...[slot.codeDirectory, superBlobHeader],
    ...[slot.requirements, requirementsAt],
    ...[slot.cms, cmsAt],
  ]);
  return Buffer.concat([header, codeDirectory(code, identifier, text), noRequirements, noCertificate]);
}

/** Version 0x20400, the one with the executable segment, which says that this is a program and not a library. */
function codeDirectory(code: Buffer, identifier: string, text: Segment): Buffer {
  const pages = pageHashes(code);
  const name = Buffer.from(`${identifier}\0`, 'latin1');
  const adHoc = 0x2;
  const numbers = bigEndian([
    blob.codeDirectory,
    directorySize(code.length, identifier),
    0x20400,
    adHoc,
    directoryHeader + name.length + specialHashes * hashSize, // where the hashes of the pages begin
    directoryHeader, // where the name is
    specialHashes,
    pages.length,
    code.length,
  ]);
  const sha256 = 2;
  const kinds = Buffer.from([hashSize, sha256, 0, Math.log2(pageSize)]);
  const absent = bigEndian([0, 0, 0, 0, 0, 0]); // spare, scatter, team, spare, 64-bit code limit
  const mainBinary = 1;
  const segment = Buffer.alloc(24);
  [text.fileOffset, text.fileSize, mainBinary].forEach((number, index) => {
    segment.writeBigUInt64BE(BigInt(number), index * 8);
  });
  return Buffer.concat([
    numbers,
    kinds,
    absent,
    segment,
    name,
    sha256Of(noRequirements),
    Buffer.alloc(hashSize),
    ...pages,
  ]);
}

function bigEndian(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => {
    bytes.writeUInt32BE(number, index * 4);
  });
  return bytes;
}

const sha256Of = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

const pageHashes = (code: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(code.length / pageSize) }, (_, page) =>
    sha256Of(code.subarray(page * pageSize, (page + 1) * pageSize)),
  );

/** Whether the file has a signature, and the hash in it of every page is right. */
export function isSigned(file: Buffer): boolean {
  const { signature } = readMachO(file);
  if (signature === undefined) return false;
  const directory = file.subarray(signature.dataOffset + file.readUInt32BE(signature.dataOffset + 16));
  if (directory.readUInt32BE(0) !== blob.codeDirectory) return false;
  const [hashesAt, count, codeEnd] = [
    directory.readUInt32BE(16),
    directory.readUInt32BE(28),
    directory.readUInt32BE(32),
  ];
  const expected = Buffer.concat(pageHashes(file.subarray(0, codeEnd)));
  return expected.equals(directory.subarray(hashesAt, hashesAt + count * hashSize));
}
