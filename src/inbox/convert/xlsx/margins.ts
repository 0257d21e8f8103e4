import type { Reading } from '../reading.ts';

/** What the codes of a header or footer stand for that is not written in the workbook: a font, a date, the file's name. */
const CODES = /&(?:"[^"]*"|K(?:[0-9A-F]{6}|\d\d[+-]\d{3})|\d{1,3}|[A-Z])/gi;
const PAGES = /&[PN](?:[+-]\d+)?/gi;
const PICTURES = /&G/gi;
/** `Page # of #` is the number of a page. With more words it says something about the document. */
const WORDS_OF_PAGE = 2;

/** Lines for the headers and footers of printed pages, by the names under which they are stored. Each text stands once. */
export function marginLines(
  margins: ReadonlyMap<string, string>,
  reading: Reading,
): { readonly headers: readonly string[]; readonly footers: readonly string[] } {
  const linesOf = (kind: string): readonly string[] => {
    const stored = new Set([...margins].filter(([name]) => name.endsWith(kind)).map(([, text]) => text));
    const shown = new Set([...stored].map(shownMargin).filter((text) => text !== ''));
    const pictures = [...stored].reduce((sum, text) => sum + (text.match(PICTURES)?.length ?? 0), 0);
    const lines = [...shown].map((text) => `${kind}: ${text}`);
    return pictures === 0 ? lines : [...lines, reading.leave('picture', pictures)];
  };
  return { headers: linesOf('Header'), footers: linesOf('Footer') };
}

/** Its left, middle and right part. */
function shownMargin(stored: string): string {
  const parts = stored.replaceAll('&&', '\0').split(/&[LCR]/i);
  return parts.map(shownPart).filter(Boolean).join(' | ');
}

/** Empty if it has nothing but codes, which say nothing about the document. */
function shownPart(part: string): string {
  const numbered = part.replaceAll(PAGES, '#');
  const text = numbered.replaceAll(CODES, '').replaceAll('\0', '&').replaceAll(/\s+/g, ' ').trim();
  const words = text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  return words > (numbered === part ? 0 : WORDS_OF_PAGE) ? text : '';
}
