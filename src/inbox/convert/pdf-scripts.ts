import type { TextItem } from './pdf-tables.ts';

/** In heights of the letters beside which a text stands: how much smaller it is, how far above or below, and how near. */
const SMALLEST = 0.45;
const LARGEST = 0.87;
const LEAST_ABOVE = 0.2;
const MOST_ABOVE = 0.7;
const LEAST_BELOW = 0.08;
const MOST_BELOW = 0.4;
const NEAR = 0.35;
/** Powers, indexes, charges, marks of notes, endings of ordinals: others may be the beginning of a text beside a large letter. */
const SCRIPT = /^(?:[+\-−–]?[\d.,;/–-]{1,8}[+\-−]?|[+\-−–*†‡§#]{1,3}|\(?\p{L}\)?|st|nd|rd|th)$/u;

/** Numbers of notes and powers are marked, and stand on the line: `10<sup>6</sup>` would else read 106. */
export function withScripts(items: readonly TextItem[]): readonly TextItem[] {
  let base: TextItem | null = null;
  let right = 0;
  return items.map((item) => {
    let marked = item;
    if (item.str.trim() !== '') {
      const mark = base === null ? null : scriptOf(item, base, right);
      if (base === null || mark === null) base = item;
      else marked = onLine(item, mark, base);
      right = (item.transform[4] ?? 0) + item.width;
    }
    if (item.hasEOL) base = null;
    return marked;
  });
}

/** The pieces of one that was written in several, as one. */
export function joinScripts(text: string): string {
  return text.replaceAll(/<\/(su[bp])><\1>/g, '');
}

type Mark = 'sup' | 'sub';

function scriptOf(item: TextItem, base: TextItem, right: number): Mark | null {
  const [height, baseHeight] = [heightOf(item), heightOf(base)];
  if (!(isUpright(item) && isUpright(base) && SCRIPT.test(item.str.trim()))) return null;
  if (height < SMALLEST * baseHeight || height > LARGEST * baseHeight) return null;
  if (Math.abs((item.transform[4] ?? 0) - right) > NEAR * baseHeight) return null;
  const rise = ((item.transform[5] ?? 0) - (base.transform[5] ?? 0)) / baseHeight;
  if (rise >= LEAST_ABOVE && rise <= MOST_ABOVE) return 'sup';
  return rise <= -LEAST_BELOW && rise >= -MOST_BELOW ? 'sub' : null;
}

function onLine(item: TextItem, mark: Mark, base: TextItem): TextItem {
  const transform = item.transform.with(5, base.transform[5] ?? 0);
  return { ...item, transform, str: item.str.replace(/\S+/, `<${mark}>$&</${mark}>`) };
}

function heightOf({ height, transform: [a = 0] }: TextItem): number {
  return height || Math.abs(a);
}

function isUpright({ transform: [a = 0, b = 0] }: TextItem): boolean {
  return a > 0 && Math.abs(b) < a / 100;
}
