import type { MarkdownWriter } from './markdown-writer.ts';
import { attribute, isElement, type XmlElement } from './xml.ts';

/** A page while it is read. */
export interface Page {
  readonly out: MarkdownWriter;
  /** Writes what is in an element. */
  inside(element: XmlElement): void;
  /** What is in an element, for a cell of a table. */
  cell(element: XmlElement): string;
}

/** Whether an element of one of these names is in another. */
export function holds({ children }: XmlElement, names: ReadonlySet<string>): boolean {
  return children.some((child) => isElement(child) && (names.has(child.name) || holds(child, names)));
}

/** An attribute that is a number; null if it is none. */
export function numberAttribute(element: XmlElement, name: string): number | null {
  const number = Number.parseInt(attribute(element, name) ?? '', 10);
  return Number.isSafeInteger(number) ? number : null;
}
