import { attribute, childElements, isElement, textOf, type XmlElement } from './xml.ts';

/**
 * A formula of MathML on one line, between `$`: the TeX that stands beside it, else its description, else what its
 * elements say (`(a+b)/2`, `x^2`). Empty if there is nothing in it.
 */
export function mathText(math: XmlElement): string {
  const texts = [texBeside(math), attribute(math, 'alttext') ?? '', linear(math)];
  const bare = texts.map((text) => text.replaceAll(/[\s$]+/g, ' ').trim());
  const text = bare.find((candidate) => candidate !== '');
  return text === undefined ? '' : `$${text}$`;
}

function texBeside(math: XmlElement): string {
  const semantics = childElements(math, 'semantics')[0] ?? math;
  const annotation = childElements(semantics, 'annotation').find((candidate) =>
    /tex/i.test((attribute(candidate, 'encoding') ?? '').replace(/^text\//i, '')),
  );
  return textOf(annotation);
}

/** U+2061 to U+2064 are invisible operators: the first stands between a function and what it is of. */
const UNSEEN_OPERATORS = /[\u2062-\u2064]/g;
const OF = '\u2061';

function linear(element: XmlElement): string {
  const parts = childElements(element);
  const part = (index: number): string => {
    const found = parts[index];
    return found === undefined ? '' : linear(found);
  };
  const group = (index: number): string => grouped(part(index));
  switch (element.name) {
    case 'mfrac':
      return `${group(0)}/${group(1)}`;
    case 'msup':
    case 'mover':
      return `${group(0)}^${group(1)}`;
    case 'msub':
    case 'munder':
      return `${group(0)}_${group(1)}`;
    case 'msubsup':
    case 'munderover':
      return `${group(0)}_${group(1)}^${group(2)}`;
    case 'mmultiscripts':
      return scripts(parts);
    case 'msqrt':
      return `√(${row(element)})`;
    case 'mroot':
      return `√[${part(1)}](${part(0)})`;
    case 'mfenced':
      return fenced(element);
    case 'mtable':
      return `[${parts.map(linear).join('; ')}]`;
    case 'mtr':
    case 'mlabeledtr':
      return parts.map(linear).join(', ');
    case 'semantics':
      return part(0);
    case 'annotation':
    case 'annotation-xml':
    case 'mphantom':
    case 'none':
      return '';
    case 'mspace':
      return ' ';
    default:
      return row(element);
  }
}

/** What stands beside each other; names and numbers that would run into each other are kept apart. */
function row({ children }: XmlElement): string {
  let text = '';
  let isWord = false;
  for (const child of children) {
    const piece = isElement(child) ? linear(child) : seen(child);
    if (piece === '') continue;
    const isNextWord = piece.trim().length > 1;
    if ((isWord || isNextWord) && /[\p{L}\p{N}]$/u.test(text) && /^[\p{L}\p{N}]/u.test(piece)) text += ' ';
    text += piece;
    isWord = isNextWord;
  }
  return text;
}

function seen(text: string): string {
  return text.trim().replaceAll(OF, ' ').replaceAll(UNSEEN_OPERATORS, '');
}

function grouped(text: string): string {
  return /^(?:[\d.,]+|.)?$/u.test(text) ? text : `(${text})`;
}

function fenced(element: XmlElement): string {
  const separators = Array.from((attribute(element, 'separators') ?? ',').replaceAll(/\s/g, ''));
  const parts = childElements(element).map(linear);
  const inside = parts.map((part, index) =>
    index === 0 ? part : `${separators[Math.min(index, separators.length) - 1] ?? ''}${part}`,
  );
  return `${attribute(element, 'open') ?? '('}${inside.join('')}${attribute(element, 'close') ?? ')'}`;
}

/** Scripts below and above by turns, those before the base behind `mprescripts`. */
function scripts([base, ...rest]: readonly XmlElement[]): string {
  const turn = rest.findIndex(({ name }) => name === 'mprescripts');
  const after = turn < 0 ? rest : rest.slice(0, turn);
  const before = turn < 0 ? [] : rest.slice(turn + 1);
  const written = (elements: readonly XmlElement[]): string =>
    elements
      .map((script, index) => ({ text: linear(script), sign: index % 2 === 0 ? '_' : '^' }))
      .filter(({ text }) => text !== '')
      .map(({ text, sign }) => `${sign}${grouped(text)}`)
      .join('');
  return `${written(before)}${base === undefined ? '' : grouped(linear(base))}${written(after)}`;
}
