import { bareAddress, linkTarget } from '../line.ts';
import { isSymbolFont } from '../symbols.ts';
import { attribute, elementsNamed, textOf, type XmlElement } from '../xml.ts';
import type { Mark } from './markdown-writer.ts';

const MARKS: ReadonlyMap<string, Mark> = new Map([
  ['b', { before: '**', after: '**' }],
  ['strong', { before: '**', after: '**' }],
  ['i', { before: '_', after: '_' }],
  ['em', { before: '_', after: '_' }],
  ['s', { before: '~~', after: '~~' }],
  ['strike', { before: '~~', after: '~~' }],
  ['del', { before: '~~', after: '~~' }],
  ['code', { before: '`', after: '`' }],
  ['sup', { before: '<sup>', after: '</sup>' }],
  ['sub', { before: '<sub>', after: '</sub>' }],
  ['q', { before: '“', after: '”' }],
  ['rt', { before: '(', after: ')' }],
]);

/** What stands around the text of an element within a line; undefined: nothing. */
export function markOf(name: string): Mark | undefined {
  return MARKS.get(name);
}

/** The address of a link; null if it leads nowhere from where the model is. `isXhtml`: a page of a book. */
export function linkMark(link: XmlElement, isXhtml: boolean): Mark | null {
  const address = (attribute(link, 'href') ?? '').trim();
  if (address === '' || address.startsWith('#') || /^(?:javascript|data|cid|blob|about):/i.test(address)) return null;
  if (isXhtml && /^[^?:]*\.x?html?(?:#|$)/i.test(address)) return null;
  if (bareAddress(textOf(link).trim().toLowerCase()) === bareAddress(address.toLowerCase())) return null;
  return { before: '[', after: `](${linkTarget(address)})`, isOnce: true };
}

/** What refers to a note (EPUB, ARIA). */
export function isNoteReference(element: XmlElement): boolean {
  return /\bnoteref\b/.test(element.attributes['epub:type'] ?? '') || element.attributes['role'] === 'doc-noteref';
}

export function isNote(element: XmlElement): boolean {
  return (
    /\b(?:foot|end|rear)?note\b/.test(element.attributes['epub:type'] ?? '') ||
    /^doc-(?:foot|end)note$/.test(element.attributes['role'] ?? '')
  );
}

/** By the names of notes, what refers to them: `1`, `*`. */
export function noteLabels(root: XmlElement): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const link of elementsNamed(root, 'a')) {
    const name = isNoteReference(link) ? /#(.+)$/.exec(attribute(link, 'href') ?? '')?.[1] : undefined;
    if (name !== undefined) labels.set(name, textOf(link).trim());
  }
  return labels;
}

/** What a style changes of the meaning of a text. */
export interface TextStyle {
  readonly mark?: 'sup' | 'sub' | 'del';
  /** A line of its own. */
  readonly isBlock?: boolean;
  /** The ends of its lines are kept. */
  readonly keepsLines?: boolean;
  /** A font whose signs are no letters; empty: another. */
  readonly symbolFont?: string;
}

/** Styles by the names of classes. */
export type PageStyles = ReadonlyMap<string, TextStyle>;

/**
 * What style sheets say of classes: rules with a class and nothing else than perhaps an element, as writers of books
 * make them. The one that comes last counts.
 */
export function pageStyles(css: string): PageStyles {
  const styles = new Map<string, TextStyle>();
  for (const rule of withoutComments(css).split('}')) {
    const at = rule.lastIndexOf('{');
    const style = at < 0 ? null : declared(rule.slice(at + 1));
    if (style === null) continue;
    const selectors = rule.slice(0, at).split(/[{;]/).at(-1) ?? '';
    for (const selector of selectors.split(',')) {
      const name = /^[a-z0-9]*\.([\w-]+)$/i.exec(selector.trim())?.[1];
      if (name !== undefined) styles.set(name, { ...styles.get(name), ...style });
    }
  }
  return styles;
}

/** The style of an element by its classes and its own declarations. */
export function styleOf(element: XmlElement, styles: PageStyles): TextStyle {
  const face = element.name === 'font' ? attribute(element, 'face') : undefined;
  const own =
    face === undefined ? attribute(element, 'style') : `font-family:${face};${attribute(element, 'style') ?? ''}`;
  const classes = styles.size === 0 ? undefined : attribute(element, 'class');
  if (own === undefined && classes === undefined) return {};
  const named = (classes ?? '').split(/\s+/).map((name) => styles.get(name));
  return Object.assign({}, ...named, own === undefined ? null : declared(own));
}

function declared(declarations: string): TextStyle | null {
  const align = /vertical-align\s*:\s*(super|sub)\b/i.exec(declarations)?.[1];
  const isStruck = /text-decoration(?:-line)?\s*:[^;]{0,100}line-through/i.test(declarations);
  const isBlock = /(?:^|[;\s])display\s*:\s*block\b/i.test(declarations);
  const keepsLines = /white-space\s*:\s*(?:pre\b|break-spaces)/i.test(declarations);
  const font = /(?:^|[;\s])font-family\s*:\s*["']?\s*([\w ]+)/i.exec(declarations)?.[1]?.trim();
  if (align === undefined && !isStruck && !isBlock && !keepsLines && font === undefined) return null;
  const mark = align === undefined ? 'del' : align.toLowerCase() === 'sub' ? 'sub' : 'sup';
  return {
    ...(align === undefined && !isStruck ? {} : { mark }),
    ...(font === undefined ? {} : { symbolFont: isSymbolFont(font) ? font : '' }),
    isBlock,
    keepsLines,
  };
}

function withoutComments(css: string): string {
  const [before, ...pieces] = css.split('/*');
  const after = pieces.map((piece) => {
    const end = piece.indexOf('*/');
    return end < 0 ? '' : piece.slice(end + 2);
  });
  return [before, ...after].join(' ').replaceAll('<!--', ' ');
}
