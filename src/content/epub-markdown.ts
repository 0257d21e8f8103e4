import { posix } from 'node:path';
import type { Element } from '@xmldom/xmldom';
import { decodeText } from '../inbox/convert/decode-text.ts';
import { Refusal } from '../inbox/convert/refusal.ts';
import { requireXml } from '../inbox/convert/xml.ts';
import type { Texts } from '../inbox/convert/zip.ts';
import { attribute, elementsNamed } from './xml-elements.ts';

/** A book as Markdown, chapter after chapter in the order of its spine. */
export async function epubMarkdown(texts: Texts): Promise<string> {
  // Fonts may be hidden by a simple rule and need no key: only rights do.
  if (texts.has('META-INF/rights.xml')) throw new Refusal('encrypted', 'It is a book with copy protection.');
  const [rootFile] = elementsNamed(requireXml(texts, 'META-INF/container.xml'), 'rootfile');
  const path = rootFile === undefined ? '' : (attribute(rootFile, 'full-path') ?? '');
  const paths = spineOf(requireXml(texts, path), posix.dirname(path));
  const { htmlToMarkdown } = await import('../inbox/convert/html.ts');
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

function chapterText(texts: Texts, path: string): string {
  const bytes = texts.get(path);
  const decoded = bytes === undefined ? null : decodeText(bytes);
  if (decoded?.kind === 'text') return decoded.text;
  throw new Refusal('broken-document', `Its chapter ${path} is missing or damaged.`);
}
