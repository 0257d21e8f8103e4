import { strToU8, zipSync } from 'fflate';

/** A ZIP archive of files with text in them, by their paths. */
export function archive(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const entries = Object.entries(files).map(([path, content]) => [
    path,
    typeof content === 'string' ? strToU8(content) : content,
  ]);
  return Buffer.from(zipSync(Object.fromEntries(entries)));
}

const OFFICE = 'http://schemas.openxmlformats.org';
const MAIN = 'application/vnd.openxmlformats-officedocument';

function contentTypes(parts: Readonly<Record<string, string>>): string {
  const overrides = Object.entries(parts).map(
    ([path, type]) => `<Override PartName="/${path}" ContentType="${type}"/>`,
  );
  return `<?xml version="1.0"?><Types xmlns="${OFFICE}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`;
}

export function relationships(targets: readonly (readonly [id: string, type: string, target: string])[]): string {
  const lines = targets.map(
    ([id, type, target]) =>
      `<Relationship Id="${id}" Type="${OFFICE}/officeDocument/2006/relationships/${type}" Target="${target}"/>`,
  );
  return `<?xml version="1.0"?><Relationships xmlns="${OFFICE}/package/2006/relationships">${lines.join('')}</Relationships>`;
}

export const docxParagraph = (text: string, style?: string): string =>
  `<w:p>${style === undefined ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

export function docxTable(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => `<w:tr>${row.map((cell) => `<w:tc>${docxParagraph(cell)}</w:tc>`).join('')}</w:tr>`);
  return `<w:tbl>${lines.join('')}</w:tbl>`;
}

/** A Word document with this body. */
export function docx(body: string, extra: Readonly<Record<string, string>> = {}): Buffer {
  return archive({
    '[Content_Types].xml': contentTypes({ 'word/document.xml': `${MAIN}.wordprocessingml.document.main+xml` }),
    '_rels/.rels': relationships([['r1', 'officeDocument', 'word/document.xml']]),
    'word/document.xml': `<?xml version="1.0"?><w:document xmlns:w="${OFFICE}/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
    'word/styles.xml': `<?xml version="1.0"?><w:styles xmlns:w="${OFFICE}/wordprocessingml/2006/main"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`,
    ...extra,
  });
}

/** A workbook; each sheet is its rows of `<c>` elements. Style 1 is a date. */
export function xlsx(
  sheets: Readonly<Record<string, readonly string[]>>,
  extra: Readonly<Record<string, string>> = {},
): Buffer {
  const names = Object.keys(sheets);
  const files = Object.values(sheets).map((rows, index) => [
    `xl/worksheets/sheet${index + 1}.xml`,
    `<?xml version="1.0"?><worksheet xmlns="${OFFICE}/spreadsheetml/2006/main"><sheetData>${rows.map((row, at) => `<row r="${at + 1}">${row}</row>`).join('')}</sheetData></worksheet>`,
  ]);
  return archive({
    '[Content_Types].xml': contentTypes({ 'xl/workbook.xml': `${MAIN}.spreadsheetml.sheet.main+xml` }),
    '_rels/.rels': relationships([['r1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `<?xml version="1.0"?><workbook xmlns="${OFFICE}/spreadsheetml/2006/main" xmlns:r="${OFFICE}/officeDocument/2006/relationships"><sheets>${names.map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="s${index + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationships([
      ...names.map((_, index) => [`s${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`] as const),
      ['styles', 'styles', 'styles.xml'] as const,
      ['strings', 'sharedStrings', 'sharedStrings.xml'] as const,
    ]),
    'xl/styles.xml': `<?xml version="1.0"?><styleSheet xmlns="${OFFICE}/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    ...Object.fromEntries(files),
    ...extra,
  });
}

export const textCell = (at: string, text: string): string => `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`;
export const numberCell = (at: string, value: string): string => `<c r="${at}"><v>${value}</v></c>`;
export const dateCell = (at: string, serial: string): string => `<c r="${at}" s="1"><v>${serial}</v></c>`;

const slideShape = (text: string, placeholder?: string): string =>
  `<p:sp><p:nvSpPr><p:nvPr>${placeholder === undefined ? '' : `<p:ph type="${placeholder}"/>`}</p:nvPr></p:nvSpPr><p:txBody>${text
    .split('\n')
    .map((line) => `<a:p><a:r><a:t>${line}</a:t></a:r></a:p>`)
    .join('')}</p:txBody></p:sp>`;

export interface Slide {
  readonly title: string;
  readonly text: string;
  readonly table?: readonly (readonly string[])[];
  readonly notes?: string;
}

/** A presentation; its slides lie in the archive in the reverse of their order. */
export function pptx(slides: readonly Slide[]): Buffer {
  const namespaces = `xmlns:p="${OFFICE}/presentationml/2006/main" xmlns:a="${OFFICE}/drawingml/2006/main" xmlns:r="${OFFICE}/officeDocument/2006/relationships"`;
  const place = (index: number): number => slides.length - index;
  const files: [string, string][] = slides.flatMap(({ title, text, table, notes }, index) => {
    const rows = (table ?? []).map(
      (row) =>
        `<a:tr>${row.map((cell) => `<a:tc><a:txBody><a:p><a:r><a:t>${cell}</a:t></a:r></a:p></a:txBody></a:tc>`).join('')}</a:tr>`,
    );
    const frame =
      table === undefined
        ? ''
        : `<p:graphicFrame><a:graphic><a:graphicData><a:tbl>${rows.join('')}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
    const slide = `<?xml version="1.0"?><p:sld ${namespaces}><p:cSld><p:spTree>${slideShape(title, 'title')}<p:grpSp>${slideShape(text)}</p:grpSp>${frame}</p:spTree></p:cSld></p:sld>`;
    const written: [string, string][] = [[`ppt/slides/slide${place(index)}.xml`, slide]];
    if (notes === undefined) return written;
    return [
      ...written,
      [
        `ppt/slides/_rels/slide${place(index)}.xml.rels`,
        relationships([['n', 'notesSlide', `../notesSlides/notesSlide${place(index)}.xml`]]),
      ],
      [
        `ppt/notesSlides/notesSlide${place(index)}.xml`,
        `<?xml version="1.0"?><p:notes ${namespaces}><p:cSld><p:spTree>${slideShape('7', 'sldNum')}${slideShape(notes, 'body')}</p:spTree></p:cSld></p:notes>`,
      ],
    ];
  });
  const ids = slides.map((_, index) => `<p:sldId id="${256 + index}" r:id="s${place(index)}"/>`);
  return archive({
    '[Content_Types].xml': contentTypes({ 'ppt/presentation.xml': `${MAIN}.presentationml.presentation.main+xml` }),
    'ppt/presentation.xml': `<?xml version="1.0"?><p:presentation ${namespaces}><p:sldIdLst>${ids.join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relationships(
      slides.map((_, index) => [`s${place(index)}`, 'slide', `slides/slide${place(index)}.xml`]),
    ),
    ...Object.fromEntries(files),
  });
}

const ODF = 'urn:oasis:names:tc:opendocument:xmlns';
const ODF_NAMESPACES = [
  ...['office', 'text', 'table', 'style', 'form', 'chart', 'presentation'].map(
    (name) => `xmlns:${name}="${ODF}:${name}:1.0"`,
  ),
  `xmlns:draw="${ODF}:drawing:1.0" xmlns:svg="${ODF}:svg-compatible:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"`,
  'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"',
].join(' ');

/** An XML file of an OpenDocument file: `name` is `content` or `styles`, and `inside` what is in its root. */
export const odfPart = (name: string, inside: string): string =>
  `<?xml version="1.0"?><office:document-${name} ${ODF_NAMESPACES}>${inside}</office:document-${name}>`;

/** The content of an OpenDocument file; `kind` is `text`, `spreadsheet`, `presentation`, `chart`. */
export const odfContent = (kind: string, body: string, styles = ''): string =>
  odfPart(
    'content',
    `<office:automatic-styles>${styles}</office:automatic-styles><office:body><office:${kind}>${body}</office:${kind}></office:body>`,
  );

/** An OpenDocument file: `kind` is `text`, `spreadsheet` or `presentation`, `body` what is in it, `styles` how that looks. */
export function openDocument(
  kind: string,
  body: string,
  styles = '',
  extra: Readonly<Record<string, string>> = {},
): Buffer {
  return archive({
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    'META-INF/manifest.xml': '<?xml version="1.0"?><manifest/>',
    'content.xml': odfContent(kind, body, styles),
    ...extra,
  });
}

/** A book; its chapters lie in the archive in the reverse of their order. */
export function epub(chapters: readonly string[]): Buffer {
  const items = chapters.map(
    (_, index) => `<item id="c${index}" href="text/chapter%20${index}.xhtml" media-type="application/xhtml+xml"/>`,
  );
  const spine = chapters.map((_, index) => `<itemref idref="c${index}"/>`);
  const files = chapters.map((chapter, index) => [
    `OEBPS/text/chapter ${index}.xhtml`,
    `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Left out</title><style>p{}</style></head><body>${chapter}</body></html>`,
  ]);
  return archive({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml':
      '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    'OEBPS/book.opf': `<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf"><manifest>${items.toReversed().join('')}</manifest><spine>${spine.join('')}</spine></package>`,
    ...Object.fromEntries(files.toReversed()),
  });
}
