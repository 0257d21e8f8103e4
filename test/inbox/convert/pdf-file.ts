import { createHash } from 'node:crypto';

/** A PDF with a page for each text; an empty one makes a page with nothing on it. `trailer` goes into its trailer. */
export function pdfFile(pages: readonly string[], trailer = ''): Buffer {
  return pdfOfContents(
    pages.map((text) => (text === '' ? '' : textAt(72, 720, text))),
    { trailer },
  );
}

/** What a page's content says to write a text at a place, in points from the bottom left. */
export function textAt(x: number, y: number, text: string): string {
  return `BT /F1 12 Tf ${x} ${y} Td (${text}) Tj ET\n`;
}

interface Extras {
  readonly trailer?: string;
  /** What lies on the first page: dictionaries. */
  readonly annotations?: readonly string[];
  /** Of the catalog. */
  readonly catalog?: string;
  /** By which the contents are packed: `/Filter/FlateDecode`. */
  readonly filter?: string;
  /** Encrypts what an object's stream holds. */
  readonly encrypt?: (content: string, object: number) => string;
}

/** A PDF of pages with this content. */
export function pdfOfContents(contents: readonly string[], extras: Extras = {}): Buffer {
  const { trailer = '', annotations = [], catalog = '', filter = '', encrypt = (content) => content } = extras;
  const kids = contents.map((_, index) => `${4 + 2 * index} 0 R`);
  const objects = [
    `<</Type/Catalog/Pages 2 0 R${catalog}>>`,
    `<</Type/Pages/Count ${contents.length}/Kids[${kids.join(' ')}]>>`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>',
    ...contents.flatMap((plain, index) => {
      const content = encrypt(plain, 5 + 2 * index);
      const lying = index === 0 && annotations.length > 0 ? `/Annots[${annotations.join('')}]` : '';
      return [
        `<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents ${5 + 2 * index} 0 R${lying}>>`,
        `<<${filter}/Length ${content.length}>>stream\n${content}\nendstream`,
      ];
    }),
  ];
  return written(objects, trailer);
}

/** A PDF of a few hundred bytes that has a thousand million pages: nodes that name the same node, eight times. */
export function manyPages(): Buffer {
  const levels = 10;
  const nodes = Array.from({ length: levels }, (_, level) => {
    const kids = Array.from({ length: 8 }, () => `${level + 3} 0 R`);
    return `<</Type/Pages/Count ${8 ** (levels - level)}/Kids[${kids.join(' ')}]>>`;
  });
  return written(['<</Type/Catalog/Pages 2 0 R>>', ...nodes, '<</Type/Page/MediaBox[0 0 612 792]>>'], '');
}

function written(objects: readonly string[], trailer: string): Buffer {
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj${object}endobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}`;
  return Buffer.from(
    `${body}${table}trailer<</Size ${size}/Root 1 0 R${trailer}>>\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  );
}

/** What a PDF's trailer says of a password that no one knows. */
export const LOCKED = `/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${'ab'.repeat(32)}>/U<${'cd'.repeat(32)}>>>/ID[<00><00>]`;

const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');

/** A PDF that is encrypted, but opens without a password: only who wants to change it needs one (ISO 32000-1, 7.6.3). */
export function pdfForReading(text: string): Buffer {
  const owner = rc4(md5(PADDING).subarray(0, 5), PADDING);
  const key = md5(Buffer.concat([PADDING, owner, Buffer.from('fcffffff', 'hex'), Buffer.from([0])])).subarray(0, 5);
  const user = rc4(key, PADDING);
  const trailer = `/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${owner.toString('hex')}>/U<${user.toString('hex')}>>>/ID[<00><00>]`;
  const encrypt = (content: string, object: number): string =>
    rc4(md5(Buffer.concat([key, Buffer.from([object, 0, 0, 0, 0])])).subarray(0, 10), Buffer.from(content)).toString(
      'latin1',
    );
  return pdfOfContents([textAt(72, 720, text)], { trailer, encrypt });
}

function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest();
}

function rc4(key: Buffer, bytes: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const swap = (a: number, b: number): void => void ([state[a], state[b]] = [state[b] ?? 0, state[a] ?? 0]);
  for (let at = 0, other = 0; at < 256; at += 1) {
    other = (other + (state[at] ?? 0) + (key[at % key.length] ?? 0)) % 256;
    swap(at, other);
  }
  let a = 0;
  let b = 0;
  return Buffer.from(
    bytes.map((byte) => {
      a = (a + 1) % 256;
      b = (b + (state[a] ?? 0)) % 256;
      swap(a, b);
      return byte ^ (state[((state[a] ?? 0) + (state[b] ?? 0)) % 256] ?? 0);
    }),
  );
}
