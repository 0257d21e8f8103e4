import { describe, expect, test } from '@jest/globals';
import { converted, textOf } from './converted-in.ts';
import * as office from './office-files.ts';

const BROKEN = { kind: 'refused', code: 'broken-document', reason: expect.any(String) };

/** An archive whose table of contents says that its entries are so large, and whatever they are. */
function lying(bytes: Buffer, size: number): Buffer {
  const changed = Buffer.from(bytes);
  for (
    let at = changed.indexOf('PK\x01\x02', 0, 'latin1');
    at >= 0;
    at = changed.indexOf('PK\x01\x02', at + 4, 'latin1')
  )
    changed.writeUInt32LE(size, at + 24);
  return changed;
}

const LAUGHS = `<!DOCTYPE x [<!ENTITY a "${'ha'.repeat(50)}">${Array.from({ length: 20 }, (_, level) => `<!ENTITY ${String.fromCharCode(98 + level)} "${`&${String.fromCharCode(97 + level)};`.repeat(10)}">`).join('')}]>`;
const HTML_EMAIL =
  'From: a@b\nSubject: s\nContent-Type: text/html\n\n<table><tr><td>x</td><td>y</td></tr><tr><td rowspan=9 COLSPAN = 999999999>q</td></tr></table>';

describe('hostile documents', () => {
  test.each<[string, () => Buffer]>([
    ['cut in the middle', () => office.docx(office.docxParagraph('x'.repeat(5000))).subarray(0, 700)],
    ['nothing but the mark of a ZIP', () => Buffer.from('PK\u0003\u0004')],
    ['entries that are too large together', () => lying(office.docx(''), 60 * 1024 * 1024)],
    ['entries that say they are huge', () => lying(office.docx(''), 0xff_ff_ff_ff)],
    ['entries that say they are tiny', () => lying(office.docx(office.docxParagraph('x'.repeat(5000))), 3)],
    [
      'more files than anybody packs',
      () => office.archive(Object.fromEntries(Array.from({ length: 20_001 }, (_, n) => [`${n}`, 'x']))),
    ],
    ['a Word document without its text', () => office.docx('', { 'word/document.xml': 'no XML at all' })],
    [
      'an OpenDocument text that is no XML',
      () => office.archive({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': '<a><b></a>' }),
    ],
  ])('%s is refused as broken', async (_name, bytes) => {
    expect(await converted({ 'a.docx': bytes() })).toEqual(BROKEN);
  });

  test.each<[string, () => Buffer]>([
    [
      'a spreadsheet of a thousand million cells',
      () =>
        office.openDocument(
          'spreadsheet',
          '<table:table><table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="1000"><text:p>x</text:p></table:table-cell></table:table-row></table:table>',
        ),
    ],
    [
      'elements in elements in elements',
      () => office.openDocument('text', `${'<text:section>'.repeat(10_000)}${'</text:section>'.repeat(10_000)}`),
    ],
  ])('%s is refused as too much', async (_name, bytes) => {
    expect(await converted({ 'a.odt': bytes() })).toMatchObject({ kind: 'refused', code: 'too-complex' });
  });

  test('entities in entities of an OpenDocument text are not expanded', async () => {
    const body = '<office:body><office:text><text:p>&u;</text:p></office:text></office:body>';
    const content = `${LAUGHS}<office:document xmlns:office="o" xmlns:text="t">${body}</office:document>`;
    const bytes = office.archive({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': content });
    expect(await textOf('a.odt', bytes)).toBe('&u;');
  });

  test('cells of an e-mail span no columns that nothing stands in', async () => {
    const [row] = /^\| [aq] .*$/m.exec(await textOf('a.eml', Buffer.from(HTML_EMAIL))) ?? [];
    expect(row?.match(/\|/g)).toHaveLength(3);
  });

  test('entities of a Word document are not expanded', async () => {
    const bytes = office.docx('', {
      'word/document.xml': `${LAUGHS}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${office.docxParagraph('safe &u;')}</w:body></w:document>`,
    });
    const outcome = await converted({ 'a.docx': bytes });
    expect(JSON.stringify(outcome).length).toBeLessThan(1000);
  });

  test.each([
    ['two', ['one', 'two'], { ...BROKEN, reason: expect.stringContaining('word/document.xml is in it twice') }],
    ['three, the first and the last the same', ['one', 'two', 'one'], BROKEN],
    ['two that are the same', ['one', 'one'], { kind: 'converted', parts: [{ kind: 'text', text: 'one' }] }],
  ])('%s files of one name in an archive', async (_name, [first = '', ...texts], outcome) => {
    const others = texts.map((text, index) => {
      const main = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
      const body = office.docxParagraph(text);
      return [
        `word/documen${index}.xml`,
        `<?xml version="1.0"?><w:document xmlns:w="${main}"><w:body>${body}</w:body></w:document>`,
      ];
    });
    const bytes = office.docx(office.docxParagraph(first), Object.fromEntries(others));
    const renamed = bytes.toString('latin1').replaceAll(/word\/documen\d\.xml/g, 'word/document.xml');
    expect(await converted({ 'a.docx': Buffer.from(renamed, 'latin1') })).toMatchObject(outcome);
  });

  test('a plain ZIP, and a binary workbook, say what helps', async () => {
    expect(await converted({ 'a.zip': office.archive({ 'a.txt': 'x' }) })).toEqual({
      kind: 'refused',
      code: 'unsupported-type',
      reason: expect.stringContaining('Unpack it'),
    });
    expect(await converted({ 'a.xlsb': office.archive({ 'xl/workbook.bin': '' }) })).toEqual({
      kind: 'refused',
      code: 'unsupported-type',
      reason: expect.stringContaining('Save it as xlsx'),
    });
    expect(await converted({ 'a.pages': office.archive({ 'Index/Document.iwa': '' }) })).toMatchObject({
      code: 'unsupported-type',
      reason: expect.stringContaining('Export it as docx'),
    });
    const drawing = {
      '_rels/.rels': '<r><Relationship Type="x/officeDocument" Target="v.xml"/></r>',
      'v.xml': '<VisioDocument/>',
    };
    expect(await converted({ 'a.vsdx': office.archive(drawing) })).toMatchObject({
      code: 'unsupported-type',
      reason: expect.stringContaining('Save it as PDF'),
    });
  });

  test.each(['META-INF/rights.xml', 'META-INF/manifest.xml'])('what is locked is refused: %s', async (path) => {
    const mimetype = path.endsWith('rights.xml') ? 'application/epub+zip' : 'application/vnd.oasis.opendocument.text';
    const outcome = await converted({ 'a.odt': office.archive({ mimetype, [path]: '<encryption-data/>' }) });
    expect(outcome).toEqual({ kind: 'refused', code: 'encrypted', reason: expect.any(String) });
  });

  test('a name of JavaScript does no harm', async () => {
    const bytes = office.docx(office.docxParagraph('x'), { '__proto__.xml': '<a/>', 'constructor.xml': '<a/>' });
    expect(await textOf('a.docx', bytes)).toBe('x');
  });
});
