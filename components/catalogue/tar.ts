/** A file of an archive. */
export interface TarFile {
  /** At most 100 bytes. */
  readonly path: string;
  /** @default 0o644 */
  readonly mode?: number;
  readonly content: Buffer;
}

/** Headers and contents begin at multiples of it. */
export const tarBlockSize = 512;

/**
 * Files as a tar archive (POSIX ustar). Without times and owners, the same files give the same bytes on every machine.
 *
 * @throws Error if a path is too long.
 */
export function tarArchive(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.flatMap(entry), Buffer.alloc(2 * tarBlockSize)]);
}

/** Header, content and padding. */
function entry({ path, mode = 0o644, content }: TarFile): Buffer[] {
  const header = Buffer.alloc(tarBlockSize);
  const octal = (value: number, length: number): string => value.toString(8).padStart(length - 1, "0");
  if (header.write(path, 0) > 100) throw new Error(`${path} is too long for a tar header`);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write("        0", 148);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 7)}\0`, 148);
  return [header, content, Buffer.alloc((tarBlockSize - (content.length % tarBlockSize)) % tarBlockSize)];
}
