import { Parser } from 'htmlparser2';
import { attribute, isElement, localName, TreeBuilder, tooDeep, type XmlElement, type XmlNode } from '../xml.ts';
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

/** What is in these is not shown. */
export const UNSEEN = names('script style template title base meta link param source track col colgroup datalist rp');
/** Blocks with an empty line above and below, and blocks in lines of their own. */
export const APART = names(
  'p section article aside header footer nav main figure form fieldset details dl hgroup search',
);
export const LINES = names(
  'address body caption center dialog div dt figcaption frameset head html legend marquee optgroup option summary tbody td tfoot th thead tr',
);

/** What may stand in the middle of a word. */
export const INLINE = names(
  'a abbr acronym b basefont bdi bdo big blink cite code data del dfn em font i ins kbd label map mark nobr noscript output picture q rb rt rtc ruby s samp slot small span strike strong sub sup time tt u var wbr',
);
export const LISTS = names('ul ol menu dir');
export const CODE = names('pre listing xmp plaintext');
/** What does not fit into one line, and what does not fit into a listing. */
export const BLOCKS = names('table ul ol dl pre blockquote hr h1 h2 h3 h4 h5 h6');
export const NO_CODE = names(
  'table ul ol dl pre blockquote hr h1 h2 h3 h4 h5 h6 img input select textarea math svg object video audio',
);
export const SUP = names('sup');

/** Whether an element of one of these names is in another. */
export function holds({ children }: XmlElement, sought: ReadonlySet<string>): boolean {
  return children.some((child) => isElement(child) && (sought.has(child.name) || holds(child, sought)));
}

/** An attribute that is a number; null if it is none. */
export function numberAttribute(element: XmlElement, name: string): number | null {
  const number = Number.parseInt(attribute(element, name) ?? '', 10);
  return Number.isSafeInteger(number) ? number : null;
}

/** Many pages leave tags open; none leaves so many. */
const DEEPEST_HTML = 10_000;
/** A part of a table closes all that is open up to one of these: few pages close their cells and rows. */
const CLOSED_IN: Readonly<Record<string, readonly string[] | undefined>> = {
  caption: ['table'],
  thead: ['table'],
  tbody: ['table'],
  tfoot: ['table'],
  tr: ['table', 'thead', 'tbody', 'tfoot'],
  td: ['table', 'thead', 'tbody', 'tfoot', 'tr'],
  th: ['table', 'thead', 'tbody', 'tfoot', 'tr'],
};

/** What stands in a page, as browsers read it. `isXhtml`: `<script/>` is an element without content. */
export function parseHtml(text: string, isXhtml = false): readonly XmlNode[] {
  const tree = new TreeBuilder();
  // What the parser takes for open, and what of it is open in the tree.
  const parsed: { readonly name: string; isOpen: boolean }[] = [];
  const open: { readonly name: string; isOpen: boolean }[] = [];
  let tables = 0;
  const close = (): void => {
    const closed = open.pop();
    if (closed === undefined) return;
    closed.isOpen = false;
    if (closed.name === 'table') tables -= 1;
    tree.close();
  };
  const parser = new Parser(
    {
      onopentag: (written, attributes) => {
        const name = isXhtml && !written.startsWith('o:') ? localName(written) : written;
        if (parsed.length >= DEEPEST_HTML) throw tooDeep(DEEPEST_HTML);
        const scope = tables === 0 || !Object.hasOwn(CLOSED_IN, name) ? undefined : CLOSED_IN[name];
        if (scope !== undefined) while (!scope.includes(open.at(-1)?.name ?? '')) close();
        const element = { name, isOpen: true };
        parsed.push(element);
        open.push(element);
        if (name === 'table') tables += 1;
        tree.open(name, attributes);
      },
      ontext: (piece) => tree.text(piece),
      onclosetag: () => {
        if (parsed.pop()?.isOpen === true) close();
      },
    },
    { recognizeSelfClosing: isXhtml, recognizeCDATA: isXhtml },
  );
  parser.end(text);
  return tree.children;
}
