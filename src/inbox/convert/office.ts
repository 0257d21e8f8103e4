import { RefusalError } from './file-kind.ts';
import { type Relation, relationsOf, targetsOf } from './ooxml/ooxml.ts';
import type { Reading, Section } from './reading.ts';
import { requireXml } from './xml.ts';
import { Archive } from './zip.ts';

/** Where the main part lies in nearly all files: the one that names it may be damaged or missing. */
const USUAL_PARTS = ['word/document.xml', 'xl/workbook.xml', 'ppt/presentation.xml', 'xl/workbook.bin'];
/** One of them is in every file of Pages, Numbers and Keynote. */
const APPLE_PARTS = [
  'Index/Document.iwa',
  'Index.zip',
  'Metadata/BuildVersionHistory.plist',
  'buildVersionHistory.plist',
];
const BINARY_WORKBOOK = 'It is a binary workbook (xlsb), which is not read. Save it as xlsx.';
const OTHER_OFFICE = 'It is an Office file of a kind that is not read. Save it as PDF.';
const ZIP = 'It is a ZIP archive. Unpack it, and drop what is in it.';
const APPLE =
  'It is a file of Pages, Numbers or Keynote, which is not read. Export it as docx, xlsx or pptx, or as PDF.';

/**
 * The text of a document that is a ZIP archive: Word, Excel, PowerPoint, OpenDocument, EPUB. Rejects with a
 * `RefusalError`, or with whatever happens to code that reads a damaged one.
 */
export async function convertArchive(bytes: Buffer, reading: Reading): Promise<readonly Section[]> {
  const archive = new Archive(bytes);
  const kind = (archive.text('mimetype') ?? '').trim();
  // Readers are loaded when they are needed: a run rarely needs all.
  if (kind === 'application/epub+zip' || archive.has('META-INF/container.xml'))
    return (await import('./html/epub.ts')).epubText(archive, reading);
  if (kind.startsWith('application/vnd.oasis.opendocument.') || isOpenDocument(archive))
    return openDocument(archive, reading);
  const path = mainPart(archive);
  if (path === null)
    throw new RefusalError('unsupported-type', APPLE_PARTS.some((part) => archive.has(part)) ? APPLE : ZIP);
  if (/\.bin$/i.test(path)) throw new RefusalError('unsupported-type', BINARY_WORKBOOK);
  const main = requireXml(archive, path);
  switch (main.name) {
    case 'document':
      return (await import('./docx/docx.ts')).docxText(archive, path, main, reading);
    case 'workbook':
      return (await import('./xlsx/xlsx.ts')).xlsxText(archive, path, main, reading);
    case 'presentation':
      return (await import('./pptx/pptx.ts')).pptxText(archive, path, main, reading);
    default:
      throw new RefusalError('unsupported-type', OTHER_OFFICE);
  }
}

async function openDocument(archive: Archive, reading: Reading): Promise<readonly Section[]> {
  if (archive.text('META-INF/manifest.xml')?.includes('encryption-data') === true)
    throw new RefusalError('encrypted', 'It is locked with a password. Save it without one.');
  return (await import('./odf/odf.ts')).odfText(archive, reading);
}

function isOpenDocument(archive: Archive): boolean {
  return archive.has('content.xml') && archive.has('META-INF/manifest.xml');
}

function mainPart(archive: Archive): string | null {
  const [named] = targetsOf(relationsOrNone(archive), 'officeDocument');
  if (named !== undefined && archive.has(named)) return named;
  return USUAL_PARTS.find((path) => archive.has(path)) ?? null;
}

/** What the archive as a whole refers to: it is not needed where parts lie where they usually do. */
function relationsOrNone(archive: Archive): readonly Relation[] {
  try {
    return relationsOf(archive, '');
  } catch (error) {
    if (error instanceof RefusalError) return [];
    throw error;
  }
}
