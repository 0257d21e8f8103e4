import { describe, expect, test } from '@jest/globals';
import type { Converted } from '../../../src/domain/ports.ts';
import type { PdfEngine } from '../../../src/domain/recipe.ts';
import { freshSeeds, seeded } from '../../support/seeded.ts';
import { converted } from './converted-in.ts';
import { email } from './email-file.ts';
import { docx, docxParagraph, epub, numberCell, openDocument, pptx, xlsx } from './office-files.ts';
import { pdfFile } from './pdf-file.ts';

type Read = Converted & { readonly kind: 'converted' };

const WORDS = Array.from({ length: 40 }, (_, index) => `word${index}`);
const CUTS = 40;
/** Where the end of a file stands, in all formats. */
const LAST_BYTES = 30;

const FILES: readonly (readonly [name: string, bytes: Buffer, pdf: PdfEngine | null])[] = [
  ['a.docx', docx(WORDS.map((word) => docxParagraph(word)).join('')), null],
  ['a.xlsx', xlsx({ S: WORDS.map((_, row) => numberCell(`A${row + 1}`, `${row}`)) }), null],
  ['a.pptx', pptx(WORDS.map((word) => ({ title: word, text: 'x', notes: 'y' }))), null],
  ['a.odt', openDocument('text', WORDS.map((word) => `<text:p>${word}</text:p>`).join('')), null],
  ['a.epub', epub(WORDS.map((word) => `<p>${word}</p>`)), null],
  [
    'a.eml',
    email(WORDS.join('\r\n'), [{ name: 'b.txt', type: 'text/plain', bytes: Buffer.from(WORDS.join('\n')) }]),
    null,
  ],
  ['a.pdf', pdfFile(WORDS), 'text'],
  ['b.pdf', pdfFile(WORDS), null],
];

describe('a document that is cut is refused, or its loss is told', () => {
  test.each(FILES)('%s, near its end', async (name, bytes, pdf) => {
    const ends = Array.from({ length: LAST_BYTES }, (_, index) => bytes.length - 1 - index);
    await expect(silentlyShort(name, bytes, pdf, ends)).resolves.toEqual([]);
  });

  describe.each(FILES)('%s', (name, bytes, pdf) => {
    test.each(freshSeeds(1))('seed %d', async (seed) => {
      const random = seeded(seed);
      const ends = Array.from({ length: CUTS }, () => 1 + Math.floor(random() * (bytes.length - 1)));
      await expect(silentlyShort(name, bytes, pdf, ends)).resolves.toEqual([]);
    });
  });
});

/** The ends at which a file is taken, but something else is read of it than of the whole, and nothing is said of that. */
async function silentlyShort(
  name: string,
  bytes: Buffer,
  pdf: PdfEngine | null,
  ends: readonly number[],
): Promise<readonly number[]> {
  const whole = await converted({ [name]: bytes }, 'text');
  if (whole.kind === 'refused') throw new Error(whole.reason);
  const silent: number[] = [];
  for (const end of ends) {
    const files = { [name]: bytes.subarray(0, end) };
    const taken = await converted(files, pdf);
    // What is sent as it is has not been read.
    const cut = taken.kind === 'converted' && pdf === null ? await converted(files, 'text') : taken;
    if (cut.kind === 'refused' ? taken.kind === 'converted' : isShort(cut, whole)) silent.push(end);
  }
  return silent;
}

function isShort(cut: Read, whole: Read): boolean {
  // What is only begun may pass for a text: a model is then shown all of it, as it is.
  const isText = cut.readers.length === 0;
  return !isText && Object.keys(cut.leftOut).length === 0 && JSON.stringify(cut.parts) !== JSON.stringify(whole.parts);
}
