import { posix } from 'node:path';
import { decodeText } from '../decode-text.ts';
import { RefusalError } from '../file-kind.ts';
import { isBlankText, type Reading, type Section } from '../reading.ts';
import { attribute, elementsNamed, parseXml, requireXml, type XmlElement } from '../xml.ts';
import type { Archive } from '../zip.ts';
import { htmlMarkdown } from './html.ts';

/** A file that a book names. */
interface Item {
  readonly href: string;
  /** In the archive; null if it is not there. */
  readonly path: string | null;
  readonly type: string;
  /** The id of an item that says the same in another type. */
  readonly fallback: string | undefined;
  readonly isContents: boolean;
}

/** A book as Markdown: its pages in the order of its spine, then those that are nowhere in it, as notes may be. */
export function epubText(archive: Archive, reading: Reading): readonly Section[] {
  reading.uses('epub');
  const isLocked = lockedFiles(archive);
  const [packagePath, ...otherVersions] = packagesOf(archive);
  const book = requireXml(archive, packagePath);
  const items = itemsOf(book, archive, posix.dirname(packagePath));
  const css = [...items.values()]
    .filter(({ type, path }) => type === 'text/css' && path !== null)
    .map(({ path }) => decoded(archive, path ?? '')?.text ?? '')
    .join('\n');
  const read = new Set<string>();
  const texts: string[] = [];
  if (otherVersions.length > 0) texts.push(reading.leave('other version of the book', otherVersions.length));
  const readPage = (item: Item | undefined): void => {
    if (item === undefined || item.path === null) texts.push(reading.leave('missing chapter'));
    else if (isLocked(item.path)) throw locked();
    else if (!read.has(item.path)) {
      read.add(item.path);
      texts.push(pageText(archive, item.path, item.type, reading, css));
    }
  };
  for (const reference of elementsNamed(book, 'itemref')) readPage(shown(attribute(reference, 'idref') ?? '', items));
  const substitutes = new Set([...items.values()].map(({ fallback }) => fallback));
  for (const [id, item] of items)
    if (isPage(item.type) && item.path !== null && !item.isContents && !substitutes.has(id)) readPage(item);
  return texts.filter((text) => text !== '').map((text) => ({ heading: null, text }));
}

/** Ways to obfuscate fonts: they need no key. */
const FONT_RULES = new Set(['http://www.idpf.org/2008/embedding', 'http://ns.adobe.com/pdf/enc#RC']);
/** What files with the rights of a reader are called: of Adobe, Apple, Readium. */
const RIGHTS = ['META-INF/rights.xml', 'META-INF/sinf.xml', 'META-INF/license.lcpl'];

function lockedFiles(archive: Archive): (path: string) => boolean {
  if (RIGHTS.some((path) => archive.has(path))) throw locked();
  const data = elementsNamed(parseXml(archive, 'META-INF/encryption.xml'), 'EncryptedData');
  const paths = data.flatMap((file) => {
    const [method] = elementsNamed(file, 'EncryptionMethod');
    if (method !== undefined && FONT_RULES.has(attribute(method, 'Algorithm') ?? '')) return [];
    return elementsNamed(file, 'CipherReference').map((reference) => unescaped(attribute(reference, 'URI') ?? ''));
  });
  const names = new Set(paths.map((path) => path.toLowerCase()));
  return (path) => names.has(path.toLowerCase());
}

function locked(): RefusalError {
  return new RefusalError('encrypted', 'It is a book with copy protection.');
}

/** The paths of the files that describe the book. It may be there in several versions: the first counts. */
function packagesOf(archive: Archive): readonly [string, ...string[]] {
  const roots = elementsNamed(requireXml(archive, 'META-INF/container.xml'), 'rootfile');
  const described = roots.filter((root) => attribute(root, 'media-type') === 'application/oebps-package+xml');
  const [first = '', ...others] = (described.length > 0 ? described : roots).map((root) => {
    const path = attribute(root, 'full-path') ?? '';
    return pathOf(archive, '', path) ?? path;
  });
  return [first, ...others];
}

function itemsOf(book: XmlElement, archive: Archive, folder: string): ReadonlyMap<string, Item> {
  return new Map(
    elementsNamed(book, 'item').map((item) => {
      const href = attribute(item, 'href') ?? '';
      const found: Item = {
        href,
        path: pathOf(archive, folder, href),
        type: (attribute(item, 'media-type') ?? '').trim().toLowerCase(),
        fallback: attribute(item, 'fallback'),
        isContents: (attribute(item, 'properties') ?? '').split(/\s+/).includes('nav'),
      };
      return [attribute(item, 'id') ?? '', found];
    }),
  );
}

/** Where a file lies: as its name is written or as it is meant, composed or not. Null if it is not there. */
function pathOf(archive: Archive, folder: string, href: string): string | null {
  const meant = unescaped(href.replace(/[#?].*$/, ''));
  const names = [href, meant, meant.normalize('NFC'), meant.normalize('NFD')];
  const paths = names.map((name) => posix.resolve('/', folder, name.replaceAll('\\', '/')).slice(1));
  return paths.find((path) => archive.has(path)) ?? null;
}

function unescaped(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

/** What a reader would show for an item: what replaces it if it is no page. */
function shown(id: string, items: ReadonlyMap<string, Item>): Item | undefined {
  const seen = new Set<Item>();
  let item = items.get(id);
  while (item !== undefined && !isPage(item.type) && !seen.has(item)) {
    seen.add(item);
    const next = items.get(item.fallback ?? '');
    if (next?.path === undefined || next.path === null) break;
    item = next;
  }
  return item;
}

function isPage(type: string): boolean {
  return /^(?:application\/xhtml\+xml|text\/html|image\/svg\+xml|text\/x-oeb1-document|application\/x-dtbook\+xml)$/.test(
    type,
  );
}

function pageText(archive: Archive, path: string, type: string, reading: Reading, css: string): string {
  if (type.startsWith('image/') && type !== 'image/svg+xml') return reading.leave('picture');
  const page = decoded(archive, path);
  if (page === null) return reading.leave(isPage(type) ? 'unreadable chapter' : 'page that is no text');
  const { text, unreadable } = page;
  const told = [
    ...(unreadable > 0 ? [reading.leave('unreadable character', unreadable)] : []),
    ...(isCutOff(text) ? [reading.leave('end of a chapter')] : []),
  ];
  if (!text.trimStart().startsWith('<')) return [reading.put(text.trim()), ...told].join('\n\n');
  const markdown = htmlMarkdown(text, reading, true, css);
  if (isBlankText(markdown) && hasText(text)) told.push(reading.leave('unreadable chapter'));
  return [markdown, ...told].filter((piece) => piece !== '').join('\n\n');
}

/** Of a text, at most this share may be characters that cannot be read. */
const MOST_UNREADABLE = 0.05;

/** The text of a file; null if it is none. What does not say otherwise is UTF-8; single bytes of it may be damaged. */
function decoded(archive: Archive, path: string): { readonly text: string; readonly unreadable: number } | null {
  const bytes = archive.bytes(path);
  if (bytes === null) return null;
  const result = decodeText(bytes);
  if (result.kind === 'text') return { text: result.text, unreadable: 0 };
  if (result.code !== 'wrong-encoding') return null;
  const text = bytes.toString('utf8');
  const unreadable = text.split('\uFFFD').length - 1;
  return unreadable > text.length * MOST_UNREADABLE ? null : { text, unreadable };
}

/** XHTML closes what it opens. */
function isCutOff(text: string): boolean {
  if (!/<html[^>]*\sxmlns\s*=/.test(text.slice(0, 5000))) return false;
  return !/<\/(?:\w+:)?html\s*>/i.test(text.slice(-5000)) || text.lastIndexOf('<!--') > text.lastIndexOf('-->');
}

/** Whether there is text in a page that nothing was read of: a tag that is not closed may have swallowed it. */
function hasText(page: string): boolean {
  return /<(?:p|div|span|h[1-6]|td|li)\b[^<>]{0,1000}>[^<>]{0,1000}[\p{L}\p{N}]/u.test(page);
}
