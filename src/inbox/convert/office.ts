import { docxMarkdown } from '../../content/docx-markdown.ts';
import { epubMarkdown } from '../../content/epub-markdown.ts';
import { odfText } from './odf.ts';
import { pptxText } from './pptx.ts';
import { Refusal } from './refusal.ts';
import { xlsxText } from './xlsx.ts';
import { type Texts, unzipTexts } from './zip.ts';

/**
 * The text of a document that is a ZIP archive: Word, Excel, PowerPoint, OpenDocument, EPUB. What it is, its own table
 * of contents says. Rejects with a `Refusal`, or with whatever a library makes of a damaged one.
 */
export async function convertArchive(bytes: Buffer): Promise<string> {
  const texts = unzipTexts(bytes);
  const kind = fileText(texts, 'mimetype').trim();
  if (kind === 'application/epub+zip') return epubMarkdown(texts);
  if (kind.startsWith('application/vnd.oasis.opendocument.')) return openDocument(texts);
  return office(texts);
}

function openDocument(texts: Texts): string {
  if (fileText(texts, 'META-INF/manifest.xml').includes('encryption-data'))
    throw new Refusal('encrypted', 'It is locked with a password. Save it without one.');
  return odfText(texts);
}

const WORD = /wordprocessingml\.(?:document|template)\.main|ms-word\.(?:document|template)\.macroEnabled\.main/;
const EXCEL = /spreadsheetml\.(?:sheet|template)\.main|ms-excel\.(?:sheet|template)\.macroEnabled\.main/;
const POWERPOINT =
  /presentationml\.(?:presentation|slideshow|template)\.main|ms-powerpoint\.(?:presentation|slideshow|template)\.macroEnabled\.main/;

async function office(texts: Texts): Promise<string> {
  const contents = fileText(texts, '[Content_Types].xml');
  if (WORD.test(contents)) return docxMarkdown(texts);
  if (EXCEL.test(contents)) return xlsxText(texts);
  if (POWERPOINT.test(contents)) return pptxText(texts, 'ppt/presentation.xml');
  if (contents.includes('ms-excel.sheet.binary'))
    throw new Refusal('unsupported-type', 'It is a binary workbook (xlsb), which is not read. Save it as xlsx.');
  throw new Refusal('unsupported-type', 'It is a ZIP archive. Unpack it, and drop what is in it.');
}

function fileText(texts: Texts, path: string): string {
  return texts.get(path)?.toString('utf8') ?? '';
}
