import { spawnSync } from 'node:child_process';
import { extname } from 'node:path';
import { openArchive } from './archive.mjs';
import { emailTexts } from './email.mjs';
import { officeTexts } from './office.mjs';
import { openDocumentTexts } from './open-document.mjs';
import { bookTexts } from './pages.mjs';

/**
 * What stands in a file, found without the program's own code: `texts`, of which every word counts; `once`, of which each word
 * is needed once; `either`, lists of texts of which the model gets one. Null if nobody can tell. Throws if it is damaged.
 */
export function rawTexts(name, bytes) {
  if (bytes.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) return archiveTexts(openArchive(bytes));
  if (/\.eml$/i.test(name)) return emailTexts(bytes, textsOrNone);
  if (bytes.subarray(0, 1024).includes('%PDF-')) return pdfTexts(bytes);
  return null;
}

function archiveTexts(archive) {
  const kind = (archive.text('mimetype') ?? '').trim();
  if (kind === 'application/epub+zip' || archive.has('META-INF/container.xml')) return bookTexts(archive);
  if (archive.has('content.xml')) return openDocumentTexts(archive);
  return officeTexts(archive);
}

/** Of an attached file; a damaged one has none. */
function textsOrNone(name, bytes) {
  try {
    return rawTexts(name, bytes);
  } catch {
    return null;
  }
}

/** By `pdftotext` of poppler, where it is installed. */
function pdfTexts(bytes) {
  const { status, stdout } = spawnSync('pdftotext', ['-enc', 'UTF-8', '-', '-'], { input: bytes, maxBuffer: 2 ** 28 });
  if (status !== 0) return null;
  return { format: 'pdf', texts: [stdout.toString('utf8')], once: [] };
}

const ENDINGS = {
  dotx: 'docx',
  docm: 'docx',
  xlsm: 'xlsx',
  xltx: 'xlsx',
  pptm: 'pptx',
  potx: 'pptx',
  ppsx: 'pptx',
  htm: 'html',
};

/** What a file of which nothing is known is counted under. */
export function formatByName(name) {
  const ending = extname(name).slice(1).toLowerCase();
  return ENDINGS[ending] ?? (ending || 'other');
}
