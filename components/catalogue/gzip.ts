import { crc32 } from "node:zlib";

/** A gzip stream of stored blocks: libraries differ in what they make of compression, and the digest may not. */
export function gzipStored(data: Buffer): Buffer {
  const blockSize = 65_535;
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])];
  for (let start = 0; start < data.length; start += blockSize) {
    const block = data.subarray(start, start + blockSize);
    const head = Buffer.alloc(5);
    head.writeUInt8(start + blockSize >= data.length ? 1 : 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data));
  trailer.writeUInt32LE(data.length, 4);
  return Buffer.concat([...parts, trailer]);
}
