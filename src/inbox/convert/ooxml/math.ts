import { attribute, childElement, childElements, type MaybeElement, textOf, type XmlElement } from '../xml.ts';
import { alternativeOf } from './ooxml.ts';

/** A formula of Office (`m:oMath`) on one line, as LaTeX writes it, its signs as they are: `$F=\frac{a+b}{2}$`; empty if it is. */
export function formulaOf(math: XmlElement): string {
  const text = within(math).trim();
  return text === '' ? '' : `$${text}$`;
}

function within(element: MaybeElement): string {
  let text = '';
  let isRun = true;
  for (const child of childElements(element)) {
    const next = piece(child);
    // Between runs there is none: a number may be in pieces.
    if (!(isRun && child.name === 'r') && /[\p{L}}]$/u.test(text) && /^\p{L}/u.test(next)) text += ' ';
    text += next;
    if (next !== '') isRun = child.name === 'r';
  }
  return text;
}

/** What stands in a place of a formula: `num`, `sup`. */
function part(element: XmlElement, name: string): string {
  return within(childElement(element, name)).trim();
}

function parts(element: XmlElement, name: string): readonly string[] {
  return childElements(element, name).map((found) => within(found).trim());
}

/** A value that a formula's properties give: `begChr` of `dPr`; undefined if they do not. */
function property(element: XmlElement, name: string): string | undefined {
  const found = childElement(childElement(element, `${element.name}Pr`), name);
  return found === undefined ? undefined : (attribute(found, 'val') ?? '');
}

function piece(element: XmlElement): string {
  switch (element.name) {
    case 't':
      return textOf(element).replaceAll('\n', ' ');
    case 'f':
      return fraction(element);
    case 'sSup':
      return base(element) + script('^', part(element, 'sup'));
    case 'sSub':
      return base(element) + script('_', part(element, 'sub'));
    case 'sSubSup':
      return base(element) + script('_', part(element, 'sub')) + script('^', part(element, 'sup'));
    case 'sPre':
      return `{}${script('_', part(element, 'sub'))}${script('^', part(element, 'sup'))}${part(element, 'e')}`;
    case 'limLow':
      return base(element) + script('_', part(element, 'lim'));
    case 'limUpp':
      return base(element) + script('^', part(element, 'lim'));
    case 'rad':
      return root(element);
    case 'nary':
      return nary(element);
    case 'd':
      return delimited(element);
    case 'func':
      return `${part(element, 'fName')} ${part(element, 'e')}`;
    case 'm':
      return rows(
        'matrix',
        childElements(element, 'mr').map((row) => parts(row, 'e').join(' & ')),
      );
    case 'eqArr':
      return equations(parts(element, 'e'));
    case 'acc':
      return accented(element);
    case 'bar':
      return `\\${property(element, 'pos') === 'top' ? 'overline' : 'underline'}{${part(element, 'e')}}`;
    case 'groupChr':
      return grouped(element);
    case 'AlternateContent':
      return within(alternativeOf(element));
    case 'del':
    case 'moveFrom':
    case 'instrText':
      return '';
    default:
      return within(element);
  }
}

/** What has a script: the script belongs to all of it. */
function base(element: XmlElement): string {
  const text = part(element, 'e');
  return /^(?:[\p{L}\p{M}\p{N}.,]*|.|\([^()]*\)|\[[^[\]]*\])$/u.test(text) ? text : `{${text}}`;
}

function script(sign: '^' | '_', text: string): string {
  if (text === '') return '';
  return text.length === 1 ? sign + text : `${sign}{${text}}`;
}

function fraction(element: XmlElement): string {
  const [above, below] = [part(element, 'num'), part(element, 'den')];
  const type = property(element, 'type');
  if (type === 'noBar') return `{${above} \\atop ${below}}`;
  return type === 'lin' || type === 'skw' ? `{${above}}/{${below}}` : `\\frac{${above}}{${below}}`;
}

function root(element: XmlElement): string {
  const degree = part(element, 'deg');
  return `\\sqrt${degree === '' ? '' : `[${degree}]`}{${part(element, 'e')}}`;
}

/** A sum, a product, an integral. */
function nary(element: XmlElement): string {
  const limits = script('_', part(element, 'sub')) + script('^', part(element, 'sup'));
  return `${property(element, 'chr') ?? '∫'}${limits} ${part(element, 'e')}`;
}

function delimited(element: XmlElement): string {
  const inner = parts(element, 'e').join(property(element, 'sepChr') ?? '|');
  const sign = (name: string, usual: string): string => (property(element, name) ?? usual).replace(/[{}]/, '\\$&');
  return sign('begChr', '(') + inner + sign('endChr', ')');
}

function rows(environment: string, lines: readonly string[]): string {
  return `\\begin{${environment}}${lines.join(' \\\\ ')}\\end{${environment}}`;
}

/** Below each other. */
function equations(lines: readonly string[]): string {
  return lines.length === 1 ? (lines[0] ?? '') : rows('aligned', lines);
}

const ACCENTS: ReadonlyMap<string, string> = new Map([
  ['\u0300', 'grave'],
  ['\u0301', 'acute'],
  ['\u0302', 'hat'],
  ['\u0303', 'tilde'],
  ['\u0304', 'bar'],
  ['\u0305', 'bar'],
  ['\u0306', 'breve'],
  ['\u0307', 'dot'],
  ['\u0308', 'ddot'],
  ['\u030C', 'check'],
  ['\u20D7', 'vec'],
]);

function accented(element: XmlElement): string {
  const sign = property(element, 'chr') ?? '\u0302';
  const name = ACCENTS.get(sign);
  const below = part(element, 'e');
  return name === undefined ? below + sign : `\\${name}{${below}}`;
}

function grouped(element: XmlElement): string {
  const sign = property(element, 'chr') ?? '⏟';
  const inner = part(element, 'e');
  if (sign === '⏟') return `\\underbrace{${inner}}`;
  if (sign === '⏞') return `\\overbrace{${inner}}`;
  return property(element, 'pos') === 'top' ? `\\overset{${sign}}{${inner}}` : `\\underset{${sign}}{${inner}}`;
}
