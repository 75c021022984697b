// The beginning of a stream, by which it is told what it is, and the whole again.

/** As many chunks as `least` bytes need; fewer bytes where there are no more. */
export async function headOf(chunks: AsyncGenerator<Buffer>, least: number): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < least) {
    const { done, value } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

export async function* prepended(head: Buffer, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* chunks;
}
