import { type NumberStyle, numeral } from '../numerals.ts';
import { attribute, childElements, isElement, type XmlElement } from '../xml.ts';
import { markOf } from './marks.ts';
import { APART, LINES, numberAttribute, type Page, UNSEEN } from './page.ts';

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

/** A listing exactly as it stands, between fences; in a cell of a table, each line as code. No lines if it is empty. */
export function codeLines(element: XmlElement, isInCell: boolean): readonly string[] {
  const text = codeOf(element)
    .replace(/^\r?\n/, '')
    .trimEnd();
  if (text === '') return [];
  const lines = text.split(/\r\n|\r|\n/);
  if (isInCell) return lines.map(codeInLine);
  const longest = (text.match(/`{3,1000}/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${languageOf(element)}`, ...lines, fence];
}

function codeOf(element: XmlElement): string {
  let text = '';
  const collect = ({ children }: XmlElement): void => {
    for (const child of children) {
      if (!isElement(child)) text += child;
      else if (child.name === 'br') text += '\n';
      else if (!UNSEEN.has(child.name)) {
        const isBlock = APART.has(child.name) || LINES.has(child.name) || child.name === 'li';
        const mark = /^(?:su[bp]|rt)$/.test(child.name) ? markOf(child.name) : undefined;
        if (isBlock && text !== '' && !text.endsWith('\n')) text += '\n';
        text += mark?.before ?? '';
        collect(child);
        text += mark?.after ?? '';
        if (isBlock && !text.endsWith('\n')) text += '\n';
      }
    }
  };
  collect(element);
  return text;
}

function codeInLine(line: string): string {
  if (line.trim() === '') return '';
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``;
}

function languageOf(element: XmlElement): string {
  const classes = [element, ...childElements(element, 'code')].map((code) => attribute(code, 'class') ?? '').join(' ');
  return /\blang(?:uage)?-([\w+#-]+)/.exec(classes)?.[1] ?? '';
}
