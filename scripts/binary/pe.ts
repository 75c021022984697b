// What has to be known of a Windows executable (PE32+). Source: Microsoft, "PE Format", optional header and its data
// directories.

const signature = { offsetOfHeader: 0x3c, optionalHeader: 24, plus: 0x20b, directories: 112, security: 4 };

/** Where and how long the Authenticode signature is: two 32-bit numbers of the header, 0 and 0 where there is none. */
function securityEntry(file: Buffer): number {
  const optional = file.readUInt32LE(signature.offsetOfHeader) + signature.optionalHeader;
  if (file.readUInt16LE(optional) !== signature.plus)
    throw new Error('cannot read the executable: it is no PE32+ file');
  return optional + signature.directories + signature.security * 8;
}

/**
 * postject leaves Node's signature, which is of other bytes: without, Windows says "unsigned" and not "tampered with".
 */
export function clearSignature(file: Buffer): Buffer {
  const cleared = Buffer.from(file);
  cleared.fill(0, securityEntry(file), securityEntry(file) + 8);
  return cleared;
}

export const hasSignature = (file: Buffer): boolean => file.readBigUInt64LE(securityEntry(file)) !== 0n;
