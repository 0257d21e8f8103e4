import { deflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { isCutPdf, isPlainPdf } from '../../../src/inbox/convert/pdf-damage.ts';
import { converted, textOf } from './converted-in.ts';
import { LOCKED, pdfFile, pdfForReading, pdfOfContents, textAt } from './pdf-file.ts';

const HEADING = '--- Page 1 of 1 ---\n\n';

function textIn(bytes: Buffer): Promise<string> {
  return textOf('a.pdf', bytes, 'text');
}

describe('a PDF, whatever engine reads it', () => {
  const whole = pdfFile(['x']);

  test.each([
    ['that opens with a password only', pdfFile(['x'], LOCKED), 'encrypted'],
    ['that is cut', whole.subarray(0, whole.length - 60), 'broken-document'],
    ['of which a later version is cut', Buffer.concat([whole, Buffer.from('4 0 obj <</Type/Pa')]), 'broken-document'],
    ['that nobody opens', Buffer.from('%PDF-1.4\n%\xE2\xE3\nabc startxref\n9\n%%EOF', 'latin1'), 'broken-document'],
  ])('%s is refused', async (_, bytes, code) => {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (const engine of [null, 'native', 'mistral-ocr', 'text'] as const)
      expect(await converted({ 'a.pdf': bytes }, engine)).toMatchObject({ kind: 'refused', code });
  });

  test.each([
    ['that opens without a password', pdfForReading('x')],
    [
      'with something above it',
      Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nX: \xE2\xE3\r\n\r\n', 'latin1'), whole]),
    ],
    ['with something below it', Buffer.concat([whole, Buffer.alloc(5000)])],
    [
      'that says a wrong place',
      Buffer.from(whole.toString('latin1').replace(/startxref\n\d+/, 'startxref\n7'), 'latin1'),
    ],
    ['whose last mark is cut', whole.subarray(0, whole.length - 4)],
  ])('%s is taken', async (_, bytes) => {
    expect(await converted({ 'a.pdf': bytes })).toMatchObject({ kind: 'converted', parts: [{ kind: 'file', bytes }] });
    expect(await textIn(bytes)).toBe(`${HEADING}x`);
  });

  test('is looked at closely only if its end is odd', () => {
    expect(isPlainPdf(whole)).toBe(true);
    expect(isPlainPdf(pdfForReading('x'))).toBe(false);
  });

  test('that is cut at any byte before its last table is found out', () => {
    const end = whole.lastIndexOf('startxref');
    for (let at = 5; at < end; at += 1) expect(isCutPdf(whole.subarray(0, at))).toBe(true);
  });
});

const row = (y: number, ...cells: readonly string[]): string =>
  cells.map((cell, index) => textAt(72 + 120 * index, y, cell)).join('');

/** A page in a font of which the file has the shapes only. */
const inShapes = (content: string): Buffer => {
  const descriptor = '/FontDescriptor<</Type/FontDescriptor/FontName/X/Flags 4>>';
  const descendant = `<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>${descriptor}>>`;
  const font = `/F2<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[${descendant}]>>/F1`;
  const shapes = content + textAt(72, 700, String.raw`\000\003\000\004\000\005\000\006`).replace('/F1', '/F2');
  return Buffer.from(pdfOfContents([shapes]).toString('latin1').replace('/F1', font), 'latin1');
};

const small = (x: number, y: number, text: string): string => textAt(x, y, text).replace('12 Tf', '7 Tf');

describe('the text of a PDF', () => {
  test('is a table where its places say so', async () => {
    const content =
      textAt(72, 720, 'Prices of this year') +
      row(690, 'Item', 'Pieces', 'Price') +
      row(675, 'Nuts', '100', '5.00') +
      row(660, 'Bolts', '', '7.50') +
      row(645, 'Screws', '12', '1.25') +
      textAt(72, 600, 'All prices with tax.');
    expect(await textIn(pdfOfContents([content]))).toBe(
      `${HEADING}Prices of this year\n\n| Item | Pieces | Price |\n| --- | --- | --- |\n| Nuts | 100 | 5.00 |\n| Bolts |  | 7.50 |\n| Screws | 12 | 1.25 |\n\nAll prices with tax.`,
    );
  });

  test('of a cell that goes on stays in its row', async () => {
    const content =
      row(690, 'Name', 'Street') +
      row(670, 'Ann', 'Long') +
      textAt(192, 657, 'Lane') +
      row(640, 'Bob', 'Way') +
      row(620, 'Eve', 'Hill');
    expect(await textIn(pdfOfContents([content]))).toContain('| Ann | Long<br>Lane |\n| Bob | Way |');
  });

  test('keeps small letters above and below the line apart', async () => {
    const content =
      `${textAt(72, 720, 'Count 10')}${small(120, 725, '-')}${small(122.5, 725, '6')}${textAt(127, 720, 'g of H')}` +
      `${small(160, 717, '2')}${textAt(164, 720, 'O')}\n` +
      'BT /F1 12 Tf 72 700 Td (Cells 3 x 10) Tj 5 Ts /F1 7 Tf (9) Tj 0 Ts /F1 12 Tf (/L) Tj ET\n' +
      `${textAt(72, 680, 'Total 12')}${small(117, 680, '34')}${textAt(72, 660, 'A').replace('12 Tf', '30 Tf')}${textAt(92, 672, 'a')}`;
    const text = await textIn(pdfOfContents([content]));
    expect(text).toContain('Count 10<sup>-6</sup>g of H<sub>2</sub>');
    expect(text).toContain('Cells 3 x 10<sup>9</sup>/L');
    // Small letters on the line, and a large one that begins a text, are nothing of the kind.
    expect(text).toMatch(/Total 12 ?34\n/);
    expect(text).not.toContain('<sup>a');
  });

  test('has a raised mark in a cell of a table', async () => {
    const marked = textAt(72, 675, 'A') + small(80, 680, '1') + textAt(192, 675, 'Way');
    const content = row(690, 'Name', 'Street') + marked + row(660, 'Bob', 'Lane');
    expect(await textIn(pdfOfContents([content]))).toContain('| A<sup>1</sup> | Way |');
  });

  const prose = 'A sentence that fills a whole column of it';

  test.each([
    ['prose in columns', [690, 675, 660, 645].map((y) => textAt(40, y, prose) + textAt(330, y, prose)).join('')],
    ['a list', [690, 675, 660].map((y, index) => textAt(72, y, `${index + 1}.`) + textAt(110, y, 'An item')).join('')],
    ['contents', [690, 675, 660].map((y) => textAt(72, y, 'Chapter . . . . . .') + textAt(300, y, '12')).join('')],
    ['a program', [690, 675, 660].map((y) => textAt(72, y, 'a = b') + textAt(200, y, '// because')).join('')],
    ['two rows', row(690, 'a', 'b') + row(675, 'c', 'd')],
  ])('is no table, if it is %s', async (_, content) => {
    expect(await textIn(pdfOfContents([content]))).not.toContain('|');
  });

  test('has what lies on the page below it', async () => {
    const annotations = [
      '<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(JANE)/Rect[72 600 200 620]>>',
      '<</Type/Annot/Subtype/Widget/FT/Tx/T(empty)/Rect[72 600 200 620]>>',
      '<</Type/Annot/Subtype/Widget/FT/Tx/T(hidden)/V(x)/F 2/Rect[72 600 200 620]>>',
      '<</Type/Annot/Subtype/Widget/FT/Btn/T(agree)/V/Yes/AS/Yes/AP<</N<</Yes null/Off null>>>>/Rect[72 600 90 620]>>',
      '<</Type/Annot/Subtype/Widget/FT/Btn/T(news)/TU(Send me news)/V/Off/Rect[72 600 90 620]>>',
      '<</Type/Annot/Subtype/Widget/FT/Ch/T(size)/V(l)/Opt[[(s)(Small)][(l)(Large)]]/Ff 131072/Rect[72 600 90 620]>>',
      '<</Type/Annot/Subtype/FreeText/Contents(approved)/DA(/F1 12 Tf)/Rect[72 500 200 520]>>',
      '<</Type/Annot/Subtype/Text/Contents(why?)/T(Ann)/Rect[300 500 320 520]>>',
      '<</Type/Annot/Subtype/StrikeOut/QuadPoints[72 732 102 732 72 718 102 718]/Rect[70 716 104 734]>>',
      '<</Type/Annot/Subtype/Link/A<</S/URI/URI(https://x.test/1)>>/Rect[72 400 200 420]>>',
      '<</Type/Annot/Subtype/FileAttachment/FS<</Type/Filespec/F(a.txt)>>/Rect[72 400 90 420]>>',
    ];
    const outcome = await converted({ 'a.pdf': pdfOfContents([textAt(72, 720, 'Text')], { annotations }) }, 'text');
    expect(outcome).toMatchObject({
      parts: [
        {
          text: `${HEADING}Text\n\n[Struck out: Text]\nname: JANE\n☒ agree\n☐ Send me news\nsize: Large\napproved\n[Comment by Ann: why?]\nLink: <https://x.test/1>\n[Left out: 1 attachment] a.txt`,
        },
      ],
      leftOut: { attachment: 1 },
    });
  });

  const rectangle = '10 10 100 100 re f\n'.repeat(10);

  test('names pages that are pictures by their numbers', async () => {
    const outcome = await converted({ 'a.pdf': pdfOfContents([textAt(72, 720, 'x'), rectangle, '']) }, 'text');
    expect(outcome).toMatchObject({
      parts: [
        {
          text: '--- Page 1 of 3 ---\n\nx\n\n--- Page 2 of 3 ---\n\n[Left out: page 2, as it is a picture]\n\n--- Page 3 of 3 ---',
        },
      ],
      leftOut: { page: 1 },
    });
  });

  test('names pages that are damaged', async () => {
    const file = pdfFile(['x', 'y']).toString('latin1').replace('[4 0 R 6 0 R]', '[4 0 R 2 0 R]');
    const outcome = await converted({ 'a.pdf': Buffer.from(file, 'latin1') }, 'text');
    expect(outcome).toMatchObject({
      parts: [{ text: expect.stringContaining('x\n\n--- Page 2 of 2 ---\n\n[Left out: page 2, as it is damaged]') }],
      leftOut: { page: 1 },
    });
  });

  test('of a damaged page is read as far as it goes, and told', async () => {
    const outcome = await converted(
      { 'a.pdf': pdfOfContents([`BT 72 740 Td (no font) Tj ET ${textAt(72, 720, 'x')}`]) },
      'text',
    );
    expect(outcome).toMatchObject({
      parts: [{ text: expect.stringMatching(/x[^]*\[Left out: 1 damaged part\]$/) }],
      leftOut: { 'damaged part': 1 },
    });
  });

  test.each([
    ['near its end', -60],
    ['in the sum at its end', -1],
  ])('of a packed page that is damaged %s is told', async (_, place) => {
    const lines = Array.from({ length: 40 }, (__, index) => textAt(72, 750 - 15 * index, `Line ${index * 7919}`));
    const packed = deflateSync(lines.join(''));
    const filter = '/Filter/FlateDecode';
    expect(await textIn(pdfOfContents([packed.toString('latin1')], { filter }))).toMatch(/Line 308841$/);
    const at = packed.length + place;
    packed.writeUInt8(packed.readUInt8(at) ^ 0xff, at);
    const outcome = await converted({ 'a.pdf': pdfOfContents([packed.toString('latin1')], { filter }) }, 'text');
    expect(outcome).toMatchObject({
      parts: [{ text: expect.stringMatching(/Line[^]*\[Left out: 1 damaged part\]$/) }],
      leftOut: { 'damaged part': 1 },
    });
    const file = pdfOfContents([packed.toString('latin1')], { filter });
    expect(await converted({ 'a.pdf': file, 'b.pdf': file }, 'text')).toMatchObject({ leftOut: { 'damaged part': 2 } });
  });

  test('of packed pages of which none can be unpacked is refused', async () => {
    const bytes = pdfOfContents(['not packed at all'], { filter: '/Filter/FlateDecode' });
    expect(await converted({ 'a.pdf': bytes }, 'text')).toMatchObject({ code: 'broken-document' });
  });

  test('names attached files', async () => {
    const catalog = '/Names<</EmbeddedFiles<</Names[(a.csv)<</Type/Filespec/F(a.csv)/EF<</F 5 0 R>>>>]>>>>';
    expect(await textIn(pdfOfContents([textAt(72, 720, 'x')], { catalog }))).toBe(
      `${HEADING}x\n\n[Left out: 1 attachment] a.csv`,
    );
  });

  test('that nobody can read is told, or refused if there is hardly anything else', async () => {
    expect(await converted({ 'a.pdf': inShapes('') }, 'text')).toMatchObject({ code: 'no-text-in-pdf' });
    expect(await converted({ 'a.pdf': inShapes(textAt(72, 720, 'Some words')) }, 'text')).toMatchObject({
      parts: [{ text: `${HEADING}Some words\n\n[Left out: 4 unreadable characters]` }],
      leftOut: { 'unreadable character': 4 },
    });
  });

  test('in a font whose table of characters is not there is told', async () => {
    const descendant =
      '<</Type/Font/Subtype/CIDFontType0/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor<</Type/FontDescriptor/FontName/X/Flags 4>>>>';
    const font = `/F2<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/90ms-RKSJ-H/DescendantFonts[${descendant}]>>/F1`;
    const content = textAt(72, 720, 'x') + textAt(72, 700, 'y').replace('/F1', '/F2');
    const file = pdfOfContents([content]).toString('latin1').replace('/F1', font);
    const outcome = await converted({ 'a.pdf': Buffer.from(file, 'latin1') }, 'text');
    expect(outcome).toMatchObject({ leftOut: { 'unreadable font': 1 } });
  });

  test('of a form that only Adobe shows is refused', async () => {
    const catalog = '/AcroForm<</XFA[(template)5 0 R]/Fields[]>>';
    const file = pdfOfContents([textAt(72, 720, 'Please wait...')], { catalog });
    expect(await converted({ 'a.pdf': file }, 'text')).toMatchObject({
      code: 'no-text-in-pdf',
      reason: expect.stringMatching(/XFA/),
    });
  });
});
