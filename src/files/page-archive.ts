// A page of `report` has its snapshot inside, as base64 in an element that no browser runs. From outside both are read
// as the archive.

import { ToolError } from '#core/error.ts';

/** What every page begins with. */
export const pageStart = '<!doctype html>';

/** Nothing before it in a page of this tool can look like it: there, `<` of data is escaped. */
export const archiveStart = '<script type="application/gzip;base64" id="snapshot">';

/** As it comes, unless it is a page. Throws `bad-answer` for a page without a snapshot. */
export async function* archiveIn(chunks: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  const page = new PageReader();
  let head: Buffer | undefined = Buffer.alloc(0);
  let isPage = false;
  for await (const chunk of chunks) {
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length < pageStart.length) continue;
      isPage = head.toString('latin1', 0, pageStart.length) === pageStart;
    }
    const bytes: Buffer = head ?? chunk;
    head = undefined;
    const archive = isPage ? page.read(bytes) : bytes;
    if (archive.length > 0) yield archive;
  }
  if (head !== undefined && head.length > 0) yield head;
  if (isPage && !page.hasArchive)
    throw new ToolError('bad-answer', `cannot read ${path}: it is a page without a snapshot inside`);
}

class PageReader {
  hasArchive = false;
  /** What is read and not yet known to be something. */
  #rest = '';
  #isOver = false;

  /** What of the archive these bytes of the page hold. */
  read(bytes: Buffer): Buffer {
    if (this.#isOver) return Buffer.alloc(0);
    this.#rest += bytes.toString('latin1');
    if (!this.hasArchive) this.#findStart();
    return this.hasArchive ? this.#decode() : Buffer.alloc(0);
  }

  #findStart(): void {
    const at = this.#rest.indexOf(archiveStart);
    this.hasArchive = at >= 0;
    this.#rest = this.#rest.slice(at < 0 ? -archiveStart.length : at + archiveStart.length);
  }

  /** Four characters are three bytes. */
  #decode(): Buffer {
    const end = this.#rest.indexOf('<');
    this.#isOver = end >= 0;
    const length = this.#isOver ? end : this.#rest.length - (this.#rest.length % 4);
    const text = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    return Buffer.from(text, 'base64');
  }
}
