import type { TextItem } from './tables.ts';

/** What fonts give that do not say which characters they have: numbers of shapes, that no text has as characters. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const NO_CHARACTER = /[\0-\x08\x0B\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFD\uFFFF]/g;
/** Of its characters. With more of them, nothing in a font can be believed; with fewer, one shape has no character. */
const MOST_WITHOUT = 0.05;

interface Readable {
  readonly items: readonly TextItem[];
  /** Characters of fonts that nobody can read. */
  readonly lost: number;
}

/** The texts of a page without those of fonts that cannot be read. A single shape without a character is U+FFFD. */
export function readableItems(items: readonly TextItem[]): Readable {
  const fonts = new Map<string, { all: number; without: number }>();
  for (const { str, fontName } of items) {
    const counts = fonts.get(fontName) ?? { all: 0, without: 0 };
    fonts.set(fontName, counts);
    counts.all += lengthOf(str);
    counts.without += str.match(NO_CHARACTER)?.length ?? 0;
  }
  let lost = 0;
  const readable = items.map((item) => {
    const { all, without } = fonts.get(item.fontName) ?? { all: 0, without: 0 };
    if (without === 0) return item;
    if (without <= all * MOST_WITHOUT) return { ...item, str: item.str.replaceAll(NO_CHARACTER, '\u{FFFD}') };
    lost += lengthOf(item.str);
    return { ...item, str: '' };
  });
  return { items: readable, lost };
}

/** Without blanks. */
export function lengthOf(text: string): number {
  return text.replaceAll(/\s+/g, '').length;
}
