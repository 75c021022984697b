import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clearSignature, hasSignature } from '../../../scripts/binary/pe.ts';

/** A header at 0x80, whose optional part is PE32+ and has the signature at 0x1234. */
function executable(): Buffer {
  const file = Buffer.alloc(1024, 1);
  file.writeUInt32LE(0x80, 0x3c);
  file.writeUInt16LE(0x20b, 0x80 + 24);
  file.writeUInt32LE(0x1234, 0x80 + 24 + 112 + 32);
  return file;
}

test('the entry of the signature is cleared, and nothing else', () => {
  const cleared = clearSignature(executable());
  assert.equal([hasSignature(executable()), hasSignature(cleared)], [true, false]);
  const changed = [...cleared].flatMap((byte, index) => (byte === executable()[index] ? [] : [index]));
  const entry = 0x80 + 24 + 112 + 32;
  assert.ok(changed.every((index) => index >= entry && index < entry + 8));
});

test('an executable of another kind is refused', () => {
  const file = executable();
  file.writeUInt16LE(0x10b, 0x80 + 24);
  assert.throws(() => clearSignature(file), /no PE32\+ file/);
});

test.run();
