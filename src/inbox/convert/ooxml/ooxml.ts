import { childElement, elementsNamed, isElement, type XmlElement } from '../xml.ts';

/** What a part that only draws becomes: a chart, SmartArt. */
export interface DrawnPart {
  readonly blocks: readonly string[];
  readonly leftOut: Readonly<Record<string, number>>;
}

/** What newer versions show, else what older ones show instead; both say the same. */
export function alternativeOf(element: XmlElement): XmlElement {
  const choice = childElement(element, 'Choice');
  if (choice !== undefined && choice.children.some(isElement)) return choice;
  return childElement(element, 'Fallback') ?? element;
}

/** A text without its line breaks. No pattern does this: one for blanks takes too long, or too much of V8's stack, for millions. */
export function inOneLine(text: string): string {
  if (!text.includes('\n')) return text.trim();
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** The text of each paragraph (`a:p`) without its looks. */
export function drawnLines(body: XmlElement): readonly string[] {
  return elementsNamed(body, 'p').map((paragraph) => textIn(paragraph).trim());
}

function textIn(element: XmlElement): string {
  const pieces = element.children.map((child) => {
    if (!isElement(child)) return element.name === 't' ? child : '';
    if (child.name === 'AlternateContent') return textIn(alternativeOf(child));
    return child.name === 'br' ? '\n' : textIn(child);
  });
  return pieces.join('');
}
