// SPDY/3.1 as far as Kubernetes uses it: frames, and header blocks that the client compresses. There is no flow
// control: neither side of Kubernetes has it. Source: chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1;
// github.com/moby/spdystream.

import type { Duplex } from 'node:stream';
import { constants, inflateSync } from 'node:zlib';

export const frameType = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;

export const finFlag = 1;

export interface Frame {
  /** Undefined for data. */
  readonly type: number | undefined;
  /** Of data, and of control frames that concern one. */
  readonly stream: number;
  readonly flags: number;
  /** Without the frame's head; of a control frame with the stream's number. */
  readonly body: Buffer;
}

const headBytes = 8;

/** Until the peer ends. Rejects where the connection breaks. */
export async function* frames(socket: Duplex): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
      yield frame;
      rest = rest.subarray(headBytes + frame.body.length);
    }
  }
}

function firstFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < headBytes || bytes.length < headBytes + bytes.readUIntBE(5, 3)) return undefined;
  const body = bytes.subarray(headBytes, headBytes + bytes.readUIntBE(5, 3));
  const isControl = (bytes[0] as number) >= 0x80;
  const holder = isControl ? body : bytes;
  const stream = holder.length < 4 ? 0 : holder.readUInt32BE(0) & 0x7fffffff;
  return { type: isControl ? bytes.readUInt16BE(2) : undefined, stream, flags: bytes[4] as number, body };
}

/** Data of a stream; `flags` is 0 or `finFlag`. */
export function dataFrame(stream: number, flags: number, body: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(stream);
  head.writeUInt32BE(body.length, 4);
  head[4] = flags;
  return Buffer.concat([head, body]);
}

/** A frame of `frameType`, without flags. `body` begins with the stream's number where it concerns one. */
export function controlFrame(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt16BE(0x8003);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

/**
 * Answers to new streams carry no headers: a count of 0, in stored deflate blocks; zlib's own head comes once in a
 * connection.
 */
export function synReplies(): (stream: number) => Buffer {
  let zlibHead = Buffer.of(0x78, 0x01);
  const noHeaders = Buffer.from('000400fbff00000000000000ffff', 'hex');
  return (stream) => {
    const id = Buffer.alloc(4);
    id.writeUInt32BE(stream);
    const frame = controlFrame(frameType.synReply, Buffer.concat([id, zlibHead, noHeaders]));
    zlibHead = Buffer.alloc(0);
    return frame;
  };
}

/** Stream, associated stream, priority, slot. */
const synStreamHeadBytes = 10;

/**
 * Reads the headers of new streams, which are one deflate stream in a connection: each exactly once, in their order.
 * All of it is inflated anew each time, because node:zlib can do a part of a stream only asynchronously. Throws where
 * it cannot be read.
 */
export function headerReader(): (synStream: Frame) => ReadonlyMap<string, string> {
  let compressed: Buffer = Buffer.alloc(0);
  let bytesRead = 0;
  return ({ body }) => {
    compressed = Buffer.concat([compressed, body.subarray(synStreamHeadBytes)]);
    const all = inflateSync(compressed, { dictionary, finishFlush: constants.Z_SYNC_FLUSH });
    const block = all.subarray(bytesRead);
    bytesRead = all.length;
    return readHeaders(block);
  };
}

function readHeaders(block: Buffer): ReadonlyMap<string, string> {
  let at = 4;
  const text = (): string => {
    const end = at + 4 + block.readUInt32BE(at);
    const read = block.toString('utf8', at + 4, end);
    at = end;
    return read;
  };
  return new Map(Array.from({ length: block.readUInt32BE(0) }, () => [text(), text()] as const));
}

/**
 * What both sides' compression begins with: words with their lengths, then text. Source: the draft, section 2.6.10.1.
 */
const words = `options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization
cache-control connection content-base content-encoding content-language content-length content-location content-md5 content-range
content-type date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified
location max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade
user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin`;

const text =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information' +
  '204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error' +
  '501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, ' +
  'Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,' +
  'text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

export const dictionary: Buffer = Buffer.concat([
  ...words.split(/\s/).flatMap((word) => [Buffer.of(0, 0, 0, word.length), Buffer.from(word.replace('_', ' '))]),
  Buffer.from(text),
]);
