import { attribute, textOf, type XmlElement } from '../xml.ts';
import type { Mark } from './markdown-writer.ts';

const MARKS: ReadonlyMap<string, Mark> = new Map([
  ['b', { before: '**', after: '**' }],
  ['strong', { before: '**', after: '**' }],
  ['i', { before: '_', after: '_' }],
  ['em', { before: '_', after: '_' }],
  ['s', { before: '~~', after: '~~' }],
  ['strike', { before: '~~', after: '~~' }],
  ['del', { before: '~~', after: '~~' }],
  ['code', { before: '`', after: '`' }],
  ['sup', { before: '<sup>', after: '</sup>' }],
  ['sub', { before: '<sub>', after: '</sub>' }],
  ['q', { before: '“', after: '”' }],
  ['rt', { before: '(', after: ')' }],
]);

/** What stands around the text of an element within a line; undefined: nothing. */
export function markOf(name: string): Mark | undefined {
  return MARKS.get(name);
}

/** The address of a link; null if it leads nowhere from where the model is. `isXhtml`: a page of a book. */
export function linkMark(link: XmlElement, isXhtml: boolean): Mark | null {
  const address = (attribute(link, 'href') ?? '').trim().replaceAll(/\s/g, '%20');
  if (address === '' || address.startsWith('#') || /^(?:javascript|data|cid|blob|about):/i.test(address)) return null;
  if (isXhtml && /^[^?:]*\.x?html?(?:#|$)/i.test(address)) return null;
  if (bare(textOf(link)) === bare(address)) return null;
  return { before: '[', after: `](${/[()]/.test(address) ? `<${address}>` : address})`, isOnce: true };
}

/** Of an address that is its own text: what both have in common. */
function bare(address: string): string {
  return address
    .trim()
    .toLowerCase()
    .replace(/^(?:https?:\/\/|mailto:|tel:)/, '')
    .replace(/\/$/, '');
}

/** What refers to a note (EPUB, ARIA). */
export function isNoteReference(element: XmlElement): boolean {
  return /\bnoteref\b/.test(element.attributes['epub:type'] ?? '') || element.attributes['role'] === 'doc-noteref';
}

export function isNote(element: XmlElement): boolean {
  return (
    /\b(?:foot|end|rear)?note\b/.test(element.attributes['epub:type'] ?? '') ||
    /^doc-(?:foot|end)note$/.test(element.attributes['role'] ?? '')
  );
}
