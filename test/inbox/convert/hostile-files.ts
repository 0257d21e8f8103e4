import { constants, crc32, deflateRawSync } from 'node:zlib';
import * as office from './office-files.ts';

const MEGABYTE = 1024 * 1024;
const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

type Parts = Readonly<Record<string, string>>;

/** As `office.archive`, for large parts: fast, not small. */
function packed(files: Parts): Buffer {
  return archive(
    Object.entries(files).map(([path, content]) => {
      const bytes = Buffer.from(content);
      return { path, stream: deflateRawSync(bytes, { level: 1 }), declared: bytes.length, crc: crc32(bytes) };
    }),
  );
}

/** A Word document of this body, with parts beside it, which it names. */
function word(body: string, parts: Parts = {}): Buffer {
  const named = Object.keys(parts).map((path) => {
    const [, name = ''] = /^word\/(\w+)\.xml$/.exec(path) ?? [];
    return `<Relationship Id="${name}" Type="x/${name}" Target="${name}.xml"/>`;
  });
  return packed({
    'word/_rels/document.xml.rels': `<?xml version="1.0"?><Relationships>${named.join('')}</Relationships>`,
    'word/document.xml': `<w:document ${W}><w:body>${body}</w:body></w:document>`,
    ...parts,
  });
}

const nested = (element: string, depth: number, inside = ''): string =>
  `<${element}>`.repeat(depth) + inside + `</${element.split(' ')[0]}>`.repeat(depth);

/** A workbook of one sheet. */
function workbook(rows: string, strings = ''): Buffer {
  return packed({
    'xl/workbook.xml': '<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="s"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="s" Type="x/worksheet" Target="sheet.xml"/><Relationship Id="t" Type="x/sharedStrings" Target="strings.xml"/></Relationships>',
    'xl/sheet.xml': `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
    'xl/strings.xml': `<sst>${strings}</sst>`,
  });
}

function rowsOf(count: number, cells: (row: number) => string): string {
  return Array.from({ length: count }, (_, row) => `<row r="${row + 1}">${cells(row + 1)}</row>`).join('');
}

interface Entry {
  readonly path: string;
  readonly stream: Buffer;
  /** What the table of contents says it unpacks to. */
  readonly declared: number;
  readonly crc: number;
}

/** A ZIP archive of these compressed files. */
function archive(entries: readonly Entry[]): Buffer {
  const files: Buffer[] = [];
  const contents: Buffer[] = [];
  let offset = 0;
  for (const { path, stream, declared, crc } of entries) {
    const name = Buffer.from(path);
    const head = Buffer.alloc(30);
    head.write('PK\u0003\u0004', 'latin1');
    head.writeUInt16LE(8, 8);
    head.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.write('PK\u0001\u0002', 'latin1');
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(crc, 16);
    entry.writeUInt32LE(stream.length, 20);
    entry.writeUInt32LE(declared, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    files.push(head, name, stream);
    contents.push(entry, name);
    offset += head.length + name.length + stream.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(contents).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...contents, end]);
}

/** An archive in which one file unpacks to a gigabyte, of which its table of contents says so many bytes. */
function bomb(path: string, declared: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(MEGABYTE, ' '), { finishFlush: constants.Z_FULL_FLUSH });
  const stream = Buffer.concat([...Array.from({ length: 1024 }, () => block), Buffer.from([3, 0])]);
  return archive([{ path, stream, declared, crc: 0 }]);
}

/** Pages of a book; the spine names them so often. */
function book(page: string, times = 1): Buffer {
  return packed({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>',
    'b.opf': `<package><manifest><item id="p" href="p.xhtml" media-type="application/xhtml+xml"/></manifest><spine>${'<itemref idref="p"/>'.repeat(times)}</spine></package>`,
    'p.xhtml': page,
  });
}

const page = (body: string): string => `<html xmlns="http://www.w3.org/1999/xhtml"><body>${body}</body></html>`;

const slidePart = (name: string, inside: string): string =>
  `<p:${name} xmlns:p="p" xmlns:a="a" xmlns:r="r">${inside}</p:${name}>`;

function deck(ids: string, slide: string): Buffer {
  return packed({
    'ppt/presentation.xml': slidePart('presentation', `<p:sldIdLst>${ids}</p:sldIdLst>`),
    'ppt/_rels/presentation.xml.rels':
      '<Relationships><Relationship Id="s" Type="x/slide" Target="slide.xml"/></Relationships>',
    'ppt/slide.xml': slidePart('sld', `<p:cSld><p:spTree>${slide}</p:spTree></p:cSld>`),
  });
}

const mail = (head: string, body: string): Buffer =>
  Buffer.from(`From: a@b\nSubject: s\nMIME-Version: 1.0\n${head}\n\n${body}`);

function mailInMails(depth: number): Buffer {
  let text = 'From: a@b\n\nin';
  for (let level = 0; level < depth; level += 1) text = `From: a@b\nContent-Type: message/rfc822\n\n${text}`;
  return Buffer.from(text);
}

const attached = (count: number): string =>
  Array.from({ length: count }, (_, n) => `--p\nContent-Type: text/plain; name="${n}.txt"\n\nx\n`).join('');

/** A PDF whose tree of pages leads back to itself. */
const CYCLIC_PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>endobj\ntrailer<</Size 3/Root 1 0 R>>\n%%EOF\n',
);

/** Files, each with what of its text must be read; null: it must be refused. */
export const HOSTILE: readonly (readonly [what: string, name: string, file: () => Buffer, text: string | null])[] = [
  ['a text of a gigabyte', 'a.docx', () => bomb('word/document.xml', 1024 * MEGABYTE), null],
  ['a text of a gigabyte that says that it is small', 'a.docx', () => bomb('word/document.xml', 1000), null],
  [
    'a sheet of a gigabyte that says that it is just small enough',
    'a.xlsx',
    () => bomb('xl/workbook.xml', 99 * MEGABYTE),
    null,
  ],
  ['controls in controls, 100,000 deep', 'a.docx', () => word(nested('w:sdt', 100_000)), null],
  ['tables in tables, 50,000 deep', 'a.docx', () => word(nested('w:tbl', 50_000)), null],
  [
    '300,000 paragraphs',
    'a.docx',
    () => word(`${office.docxParagraph('some words in it').repeat(300_000)}${office.docxParagraph('end')}`),
    'end',
  ],
  ['a million empty paragraphs', 'a.docx', () => word('<w:p/>'.repeat(1_000_000) + office.docxParagraph('end')), 'end'],
  ['as many elements as fit into the limit', 'a.docx', () => word('<w:p/>'.repeat(17_000_000)), null],
  [
    '100,000 attributes',
    'a.docx',
    () => word(`<w:p ${Array.from({ length: 100_000 }, (_, n) => `a${n}=""`).join(' ')}/>`),
    null,
  ],
  ['a paragraph of five million blanks', 'a.docx', () => word(office.docxParagraph(`x${' '.repeat(5_000_000)}y`)), 'y'],
  [
    'a paragraph of a million signs that Markdown knows',
    'a.docx',
    () => word(office.docxParagraph('[*_'.repeat(300_000))),
    '*',
  ],
  [
    'a note that is named 200,000 times',
    'a.docx',
    () =>
      word(`<w:p>${'<w:r><w:footnoteReference w:id="2"/></w:r>'.repeat(200_000)}</w:p>`, {
        'word/footnotes.xml': `<w:footnotes ${W}><w:footnote w:id="2">${office.docxParagraph('x'.repeat(1000))}</w:footnote></w:footnotes>`,
      }),
    'xxxx',
  ],
  [
    'a comment that is named 200,000 times',
    'a.docx',
    () =>
      word(`<w:p>${'<w:r><w:commentReference w:id="2"/></w:r>'.repeat(200_000)}</w:p>`, {
        'word/comments.xml': `<w:comments ${W}><w:comment w:id="2">${office.docxParagraph('x'.repeat(1000))}</w:comment></w:comments>`,
      }),
    'xxxx',
  ],
  [
    'numbers of 100,000 characters',
    'a.docx',
    () =>
      word(
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>'.repeat(
          10_000,
        ),
        {
          'word/numbering.xml': `<w:numbering ${W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="${'%1'.repeat(50_000)}"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`,
        },
      ),
    null,
  ],
  [
    'a style that is based on itself',
    'a.docx',
    () =>
      word(office.docxParagraph('end', 'A'), {
        'word/styles.xml': `<w:styles ${W}><w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="B"/></w:style><w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>`,
      }),
    'end',
  ],
  [
    '100,000 styles, each based on the one before',
    'a.docx',
    () =>
      word(office.docxParagraph('x', 's99999').repeat(1000) + office.docxParagraph('end'), {
        'word/styles.xml': `<w:styles ${W}>${Array.from({ length: 100_000 }, (_, n) => `<w:style w:type="paragraph" w:styleId="s${n}"><w:basedOn w:val="s${n - 1}"/></w:style>`).join('')}</w:styles>`,
      }),
    'end',
  ],
  [
    'a sheet of ten megabytes',
    'a.xlsx',
    () =>
      workbook(
        rowsOf(
          120_000,
          (row) => `<c r="A${row}"><v>${row}</v></c><c r="B${row}"><v>1.5</v></c><c r="C${row}" t="str"><v>end</v></c>`,
        ),
      ),
    'end',
  ],
  ['a sheet of a hundred megabytes', 'a.xlsx', () => workbook('<row><c><v>1</v></c></row>'.repeat(4_000_000)), null],
  ['two million cells that are only begun', 'a.xlsx', () => workbook('<c '.repeat(2_000_000)), null],
  [
    'one string a million times',
    'a.xlsx',
    () =>
      workbook(
        rowsOf(1_000_000, () => '<c t="s"><v>0</v></c>'),
        `<si><t>${'x'.repeat(30_000)}</t></si>`,
      ),
    null,
  ],
  [
    'merged cells that cover all of the sheet',
    'a.xlsx',
    () =>
      workbook(
        `${rowsOf(1, () => '<c r="A1" t="str"><v>end</v></c>')}</sheetData><mergeCells>${'<mergeCell ref="A1:XFD1048576"/>'.repeat(10_000)}</mergeCells><sheetData>`,
      ),
    'end',
  ],
  [
    'a slide that is named 200,000 times',
    'a.pptx',
    () =>
      deck(
        '<p:sldId id="1" r:id="s"/>'.repeat(200_000),
        `<p:sp><p:txBody><a:p><a:r><a:t>${'x'.repeat(1000)}</a:t></a:r></a:p></p:txBody></p:sp>`,
      ),
    null,
  ],
  [
    'groups in groups, 100,000 deep',
    'a.pptx',
    () => deck('<p:sldId id="1" r:id="s"/>', nested('p:grpSp', 100_000)),
    null,
  ],
  [
    '50,000 cells in a table of a slide, each as wide as a table can be',
    'a.pptx',
    () =>
      deck(
        '<p:sldId id="1" r:id="s"/>',
        `<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr>${'<a:tc gridSpan="100000" rowSpan="100000"><a:txBody><a:p/></a:txBody></a:tc>'.repeat(50_000)}</a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>`,
      ),
    null,
  ],
  [
    'cells that are repeated 10^12 times',
    'a.ods',
    () =>
      office.openDocument(
        'spreadsheet',
        `<table:table><table:table-row table:number-rows-repeated="${10 ** 12}"><table:table-cell table:number-columns-repeated="${10 ** 12}"><text:p>x</text:p></table:table-cell></table:table-row></table:table>`,
      ),
    null,
  ],
  [
    'blanks that are repeated 10^12 times',
    'a.odt',
    () => office.openDocument('text', `<text:p>${`x<text:s text:c="${10 ** 12}"/>`.repeat(1000)}end</text:p>`),
    'end',
  ],
  [
    'cells in tables of texts that are repeated 10^12 times',
    'a.odt',
    () =>
      office.openDocument(
        'text',
        `<table:table><table:table-row><table:table-cell table:number-columns-repeated="${10 ** 12}"><text:p>x</text:p></table:table-cell></table:table-row></table:table>`,
      ),
    null,
  ],
  ['lists in lists, 100,000 deep', 'a.odt', () => office.openDocument('text', nested('text:list', 100_000)), null],
  ['60,000 parts of a page in each other', 'a.epub', () => book(page(nested('div', 60_000, 'end'))), null],
  [
    '9,000 parts of a page in each other, in a book that is read as HTML',
    'a.epub',
    () => book(page(`${nested('div', 9000, 'end')}<p>`)),
    'end',
  ],
  [
    'a million tags that nobody closes',
    'a.epub',
    () => book(`<html><body>${'<b>'.repeat(9000)}${'<p>x'.repeat(1_000_000)}end`),
    'end',
  ],
  ['a page that is named 200,000 times', 'a.epub', () => book(page(`<p>${'x'.repeat(1000)}</p>`), 200_000), 'xxxx'],
  [
    'cells of pages that span all',
    'a.epub',
    () =>
      book(page(`<table border="1">${'<tr><td colspan="1000" rowspan="65534">x</td></tr>'.repeat(20_000)}</table>`)),
    'x',
  ],
  [
    'tables of pages in tables, 400 deep, twice each',
    'a.epub',
    () => book(page(`${'<table border="1"><tr><th>a</th><td>'.repeat(400)}end${'</td></tr></table>'.repeat(400)}`)),
    'end',
  ],
  ['two million ampersands', 'a.epub', () => book(`<html><body>${'&amp'.repeat(2_000_000)}`), '&'],
  [
    'two million blanks in a page',
    'a.epub',
    () => book(page(`<pre>x${' \n'.repeat(500_000)}y</pre><p>${' \n'.repeat(500_000)}</p>`)),
    'y',
  ],
  ['mails in mails, 5,000 deep', 'a.eml', () => mailInMails(5000), null],
  [
    '20,000 attachments',
    'a.eml',
    () => mail('Content-Type: multipart/mixed; boundary="p"', `--p\n\nend\n${attached(20_000)}--p--\n`),
    null,
  ],
  [
    'parts in parts, 5,000 deep',
    'a.eml',
    () =>
      mail(
        'Content-Type: multipart/mixed; boundary="p0"',
        Array.from({ length: 5000 }, (_, n) => `--p${n}\nContent-Type: multipart/mixed; boundary="p${n + 1}"\n\n`).join(
          '',
        ),
      ),
    null,
  ],
  ['a head of two megabytes', 'a.eml', () => mail(`To: ${'"x" <a@b>, '.repeat(200_000)}`, 'end'), 'end'],
  [
    'a page in a mail with 100,000 parts in each other',
    'a.eml',
    () => mail('Content-Type: text/html', nested('div', 100_000, 'end')),
    null,
  ],
  ['pages that lead back to themselves', 'a.pdf', () => CYCLIC_PDF, null],
];
