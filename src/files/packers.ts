// What packs files besides gzip, which this tool does not unpack.

/**
 * By the first three bytes, and what unpacks it. Node's zstd drops what comes behind a first frame without a word.
 */
const packers: Readonly<Record<string, readonly [name: string, command: string]>> = {
  '\u0028\u00b5\u002f': ['zstd', 'zstd -dc'],
  '\u00fd7z': ['xz', 'xz -dc'],
  BZh: ['bzip2', 'bzip2 -dc'],
  'PK\u0003': ['zip', 'unzip -p'],
};

export const packerOf = (head: Buffer): readonly [name: string, command: string] | undefined =>
  packers[head.toString('latin1', 0, 3)];
