import { type NumberStyle, numeral } from '../numerals.ts';
import { attribute, childElements, type XmlElement } from '../xml.ts';
import { numberAttribute, type Page } from './page.ts';

/** A list while its items are read. */
export interface List {
  /** Null: its items have no numbers. */
  readonly style: NumberStyle | null;
  next: number;
  readonly step: 1 | -1;
}

const STYLES: Readonly<Record<string, NumberStyle>> = {
  '1': 'decimal',
  a: 'letters',
  A: 'LETTERS',
  i: 'roman',
  I: 'ROMAN',
  decimal: 'decimal',
  'decimal-leading-zero': 'padded',
  'lower-alpha': 'letters',
  'lower-latin': 'letters',
  'upper-alpha': 'LETTERS',
  'upper-latin': 'LETTERS',
  'lower-roman': 'roman',
  'upper-roman': 'ROMAN',
};
const NO_NUMBER = new Set(['none', 'disc', 'circle', 'square']);

export function listOf(element: XmlElement): List {
  if (element.name !== 'ol') return { style: null, next: 1, step: 1 };
  const isReversed = attribute(element, 'reversed') !== undefined;
  const first = isReversed ? childElements(element, 'li').length : 1;
  return {
    style: styleOfNumbers(element, 'decimal'),
    next: numberAttribute(element, 'start') ?? first,
    step: isReversed ? -1 : 1,
  };
}

function styleOfNumbers(element: XmlElement, unsaid: NumberStyle | null): NumberStyle | null {
  const declared =
    /list-style(?:-type)?\s*:[^;]*?\b(none|disc|circle|square|decimal(?:-leading-zero)?|(?:lower|upper)-(?:alpha|latin|roman))\b/i;
  const name = declared.exec(attribute(element, 'style') ?? '')?.[1]?.toLowerCase() ?? attribute(element, 'type') ?? '';
  return NO_NUMBER.has(name) ? null : (STYLES[name] ?? unsaid);
}

/** An item with its number, or with a dash. */
export function writeItem(item: XmlElement, list: List | null, page: Page): void {
  const { out } = page;
  let marker = '- ';
  if (list !== null) {
    const number = numberAttribute(item, 'value') ?? list.next;
    list.next = number + list.step;
    const style = list.style === null ? null : styleOfNumbers(item, list.style);
    if (style !== null) marker = `${numeral(style, number)}. `;
  }
  out.breakBlock(1);
  out.push(marker, ' '.repeat(marker.length));
  page.inside(item);
  out.pop();
  out.breakBlock(1);
}
