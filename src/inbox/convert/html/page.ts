import { attribute, isElement, type XmlElement } from '../xml.ts';
import type { MarkdownWriter } from './markdown-writer.ts';

/** A page while it is read. */
export interface Page {
  readonly out: MarkdownWriter;
  /** Writes what is in an element. */
  inside(element: XmlElement): void;
  /** Writes what a text says that is a page itself. */
  insideText(html: string): void;
  /** What is in an element, for a cell of a table. */
  cell(element: XmlElement): string;
}

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Nobody sees what is in these. */
export const UNSEEN = names('script style template title base meta link param source track col colgroup datalist rp');
/** Blocks with an empty line above and below, and blocks in lines of their own. */
export const APART = names(
  'p section article aside header footer nav main figure form fieldset details dl hgroup search',
);
export const LINES = names(
  'address body caption center dialog div dt figcaption frameset head html legend marquee optgroup option summary tbody td tfoot th thead tr',
);

/** Whether an element of one of these names is in another. */
export function holds({ children }: XmlElement, sought: ReadonlySet<string>): boolean {
  return children.some((child) => isElement(child) && (sought.has(child.name) || holds(child, sought)));
}

/** An attribute that is a number; null if it is none. */
export function numberAttribute(element: XmlElement, name: string): number | null {
  const number = Number.parseInt(attribute(element, name) ?? '', 10);
  return Number.isSafeInteger(number) ? number : null;
}
