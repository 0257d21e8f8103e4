import { posix } from 'node:path';
import type { Element } from '@xmldom/xmldom';
import { decodeText } from './decode-text.ts';
import { RefusalError } from './file-kind.ts';
import { odfText } from './odf.ts';
import { pptxText } from './pptx.ts';
import { xlsxText } from './xlsx.ts';
import { attribute, elementsNamed, requireXml } from './xml.ts';
import { type ArchiveTexts, packAgain, unzipTexts } from './zip.ts';

/**
 * The text of a document that is a ZIP archive: Word, Excel, PowerPoint, OpenDocument, EPUB. What it is, its own table
 * of contents says. Rejects with a `RefusalError`, or with whatever a library makes of a damaged one.
 */
export async function convertArchive(bytes: Buffer): Promise<string> {
  const texts = unzipTexts(bytes);
  const kind = fileText(texts, 'mimetype').trim();
  if (kind === 'application/epub+zip') return epubMarkdown(texts);
  if (!kind.startsWith('application/vnd.oasis.opendocument.')) return office(texts);
  if (fileText(texts, 'META-INF/manifest.xml').includes('encryption-data'))
    throw new RefusalError('encrypted', 'It is locked with a password. Save it without one.');
  return odfText(texts);
}

const WORD = /wordprocessingml\.(?:document|template)\.main|ms-word\.(?:document|template)\.macroEnabled\.main/;
const EXCEL = /spreadsheetml\.(?:sheet|template)\.main|ms-excel\.(?:sheet|template)\.macroEnabled\.main/;
const POWERPOINT =
  /presentationml\.(?:presentation|slideshow|template)\.main|ms-powerpoint\.(?:presentation|slideshow|template)\.macroEnabled\.main/;

async function office(texts: ArchiveTexts): Promise<string> {
  const contents = fileText(texts, '[Content_Types].xml');
  if (WORD.test(contents)) return docxMarkdown(texts);
  if (EXCEL.test(contents)) return xlsxText(texts);
  if (POWERPOINT.test(contents)) return pptxText(texts, 'ppt/presentation.xml');
  if (contents.includes('ms-excel.sheet.binary'))
    throw new RefusalError('unsupported-type', 'It is a binary workbook (xlsb), which is not read. Save it as xlsx.');
  throw new RefusalError('unsupported-type', 'It is a ZIP archive. Unpack it, and drop what is in it.');
}

function fileText(texts: ArchiveTexts, path: string): string {
  return texts.get(path)?.toString('utf8') ?? '';
}

/** A Word document as Markdown: headings, lists, tables, notes; pictures by their description. */
async function docxMarkdown(texts: ArchiveTexts): Promise<string> {
  const [{ default: mammoth }, { htmlToMarkdown }] = await Promise.all([import('mammoth'), import('./html.ts')]);
  const noPicture = mammoth.images.imgElement(() => Promise.resolve({ src: '' }));
  const { value } = await mammoth.convertToHtml({ buffer: packAgain(texts) }, { convertImage: noPicture });
  return htmlToMarkdown(value);
}

/** A book as Markdown, chapter after chapter in the order of its spine. */
async function epubMarkdown(texts: ArchiveTexts): Promise<string> {
  // Fonts may be hidden by a simple rule and need no key: only rights do.
  if (texts.has('META-INF/rights.xml')) throw new RefusalError('encrypted', 'It is a book with copy protection.');
  const [rootFile] = elementsNamed(requireXml(texts, 'META-INF/container.xml'), 'rootfile');
  const path = rootFile === undefined ? '' : (attribute(rootFile, 'full-path') ?? '');
  const paths = spineOf(requireXml(texts, path), posix.dirname(path));
  const { htmlToMarkdown } = await import('./html.ts');
  const chapters = paths.map((chapter) => htmlToMarkdown(chapterText(texts, chapter)));
  return chapters.filter((chapter) => chapter !== '').join('\n\n');
}

/** Paths of the chapters. */
function spineOf(book: Element, folder: string): readonly string[] {
  const places = new Map(
    elementsNamed(book, 'item').map((item) => [attribute(item, 'id'), attribute(item, 'href') ?? '']),
  );
  return elementsNamed(book, 'itemref').map((reference) =>
    posix.join(folder, unescaped(places.get(attribute(reference, 'idref')) ?? '')),
  );
}

function unescaped(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

function chapterText(texts: ArchiveTexts, path: string): string {
  const bytes = texts.get(path);
  const decoded = bytes === undefined ? null : decodeText(bytes);
  if (decoded?.kind === 'text') return decoded.text;
  throw new RefusalError('broken-document', `Its chapter ${path} is missing or damaged.`);
}
