// What is printed into a file. Node's own stream writes once, and does not look how much of the text a disk that gets
// full has taken.

import { fstatSync, writeFileSync } from 'node:fs';

/** False where the descriptor is no file. */
export function wroteToFile(fd: number, text: string): boolean {
  const isFile = fstatSync(fd).isFile();
  if (isFile) writeFileSync(fd, text);
  return isFile;
}
