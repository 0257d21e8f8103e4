/** What the codes of a header or footer stand for that is not written in the workbook: a page, a date, the file's name. */
const CODES = /&(?:"[^"]*"|K(?:[0-9A-F]{6}|\d\d[+-]\d{3})|\d{1,3}|[A-Z])/gi;
const PAGES = /&[PN](?:[+-]\d+)?/gi;

/** Lines for the headers and footers of printed pages, by the names under which they are stored. Each text stands once. */
export function marginLines(margins: ReadonlyMap<string, string>): {
  readonly headers: readonly string[];
  readonly footers: readonly string[];
} {
  const linesOf = (kind: string): readonly string[] => {
    const texts = [...margins].filter(([name]) => name.endsWith(kind)).map(([, stored]) => shownMargin(stored));
    return [...new Set(texts)].filter((text) => text !== '').map((text) => `${kind}: ${text}`);
  };
  return { headers: linesOf('Header'), footers: linesOf('Footer') };
}

/** Its left, middle and right part. One that has nothing but codes says nothing about the document. */
function shownMargin(stored: string): string {
  const parts = stored.replaceAll('&&', '\0').split(/&[LCR]/i);
  const shown = parts.map((part) => {
    const text = part.replaceAll(PAGES, '#').replaceAll(CODES, '').replaceAll('\0', '&');
    return text.replaceAll(/\s+/g, ' ').trim();
  });
  return shown.filter((text) => /[\p{L}\p{N}]/u.test(text)).join(' | ');
}
