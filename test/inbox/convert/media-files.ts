import { crc32, deflateSync } from 'node:zlib';

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([ascii(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A grey square of that side, not compressed: about `side * side` bytes. */
export function png(side: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head[8] = 8;
  const pixels = Buffer.alloc((side + 1) * side);
  return Buffer.concat([
    ascii('\x89PNG\r\n\x1A\n'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(pixels, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** So many samples of silence. */
export function wav(samples: number): Buffer {
  const head = ascii('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x80\x3E\0\0\x02\0\x10\0data\0\0\0\0');
  head.writeUInt32LE(36 + 2 * samples, 4);
  head.writeUInt32LE(2 * samples, 40);
  return Buffer.concat([head, Buffer.alloc(2 * samples)]);
}

/** The beginnings of files, by which their types are told, and nothing after them. */
export const STARTS = {
  jpeg: ascii('\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xFF\xD9'),
  gif: ascii('GIF89a\x01\0\x01\0\0\0\0;'),
  webp: ascii('RIFF\x1A\0\0\0WEBPVP8L\x0D\0\0\0\x2F\0\0\0\x10\x07\x10\x11\x11\x88\x88\xFE\x07\0'),
  mp3: ascii('ID3\x03\0\0\0\0\0\0\xFF\xFB\x90\x64\0\0\0\0\0\0\0\0'),
  flac: ascii('fLaC\x80\0\0\x22\x10\0\x10\0\0\0\0\0'),
  ogg: ascii(`OggS\0\x02${'\0'.repeat(20)}\x01\x1E\x01vorbis\0\0\0\0\x02`),
  opus: ascii(`OggS\0\x02${'\0'.repeat(20)}\x01\x13OpusHead\x01\x02`),
  m4a: ascii('\0\0\0\x18ftypM4A \0\0\0\0M4A mp42'),
  aac: ascii('\xFF\xF1\x50\x80\x02\x1F\xFC\0\0\0\0\0'),
  aiff: ascii('FORM\0\0\0\x2EAIFFCOMM\0\0\0\x12'),
  tiff: ascii('II*\0\x08\0\0\0\0\0\0\0'),
  bmp: ascii('BM\x3A\0\0\0\0\0\0\0\x36\0\0\0\xFF'),
  heic: ascii('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
  mp4: ascii('\0\0\0\x18ftypisom\0\0\0\0isommp42'),
  webm: ascii('\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\xF7\x81\x01\x42\x82\x84webm'),
  gzip: ascii('\x1F\x8B\x08\0\0\0\0\0\0\x03'),
  oldOffice: ascii('\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1'.padEnd(512, '\0')),
  executable: ascii('\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0'),
} as const;
