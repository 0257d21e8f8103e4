import { posix } from 'node:path';

/** Bytes of a name, on the file systems that we know. */
const NAME_BYTES = 255;
/** Bytes. What is longer after the last dot is no ending. */
const LONGEST_ENDING = 16;

/** A document's id with the first eight digits of its version: `q1/report.pdf` gives `q1/report-1a2b3c4d.pdf`. */
export function versionName(id: string, sha256: string): string {
  const { dir, base, ext } = posix.parse(id);
  const ending = Buffer.byteLength(ext) > LONGEST_ENDING ? '' : ext;
  const tail = `-${sha256.slice(0, 8)}${ending}`;
  const stem = base.slice(0, base.length - ending.length);
  return posix.join(dir, `${firstBytes(stem, NAME_BYTES - Buffer.byteLength(tail))}${tail}`);
}

/** At most so many bytes of a text, and whole characters. */
function firstBytes(text: string, bytes: number): string {
  return Buffer.byteLength(text) > bytes
    ? Buffer.from(text)
        .toString('utf8', 0, bytes)
        .replace(/\uFFFD+$/, '')
    : text;
}
