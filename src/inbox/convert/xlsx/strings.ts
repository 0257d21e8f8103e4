import { isSymbolFont, textInSymbols } from '../symbols.ts';
import { type Attributes, scanXml } from '../xml.ts';
import type { Archive } from '../zip.ts';

/** Collects the text of a string of a workbook (`si`, `is`, or `text` of a comment) as its XML is read. */
export class StringText {
  #text = '';
  #isInText = false;
  /** Elements of a guide to the pronunciation that are open. */
  #inGuide = 0;
  #raised: 'sup' | 'sub' | null = null;
  /** Of a run; null: the cell's. */
  #font: string | null = null;
  #run = '';
  /** A part of it has looks of its own. */
  isRich = false;

  open(name: string, attributes: Attributes): void {
    switch (name) {
      case 'rPh':
        this.#inGuide += 1;
        break;
      case 'r':
        this.#raised = null;
        this.#font = null;
        this.isRich = true;
        break;
      case 'rFont':
        this.#font = attributes['val'] ?? '';
        break;
      case 'vertAlign':
        this.#raised = raisedBy(attributes['val']);
        break;
      case 't':
        this.#isInText = this.#inGuide === 0;
        break;
      default:
    }
  }

  text(piece: string): void {
    if (this.#isInText) this.#run += piece;
  }

  close(name: string): void {
    if (name === 'rPh') this.#inGuide -= 1;
    if (name !== 't' || !this.#isInText) return;
    this.#isInText = false;
    const plain = unescaped(this.#run);
    const run = isSymbolFont(this.#font ?? '') ? textInSymbols(this.#font ?? '', plain) : plain;
    this.#run = '';
    this.#text += this.#raised === null || run.trim() === '' ? run : `<${this.#raised}>${run}</${this.#raised}>`;
  }

  /** What was collected; then it is empty again. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    this.#raised = null;
    this.#font = null;
    this.isRich = false;
    return text;
  }
}

function raisedBy(value: string | undefined): 'sup' | 'sub' | null {
  if (value === 'superscript') return 'sup';
  return value === 'subscript' ? 'sub' : null;
}

/** The strings of a workbook, which its cells name by their place. */
export interface SharedStrings {
  readonly texts: readonly string[];
  /** The places of those of which a part has looks of its own. */
  readonly rich: ReadonlySet<number>;
}

/** None if the file is not there. */
export function sharedStrings(archive: Archive, path: string): SharedStrings {
  const texts: string[] = [];
  const rich = new Set<number>();
  const text = new StringText();
  scanXml(archive, path, {
    open: (name, attributes) => text.open(name, attributes),
    text: (piece) => text.text(piece),
    close: (name) => {
      if (name === 'si') {
        if (text.isRich) rich.add(texts.length);
        texts.push(text.take());
      } else text.close(name);
    },
  });
  return { texts, rich };
}

const ESCAPES = /_x(?<code>[0-9A-Fa-f]{4})_/g;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\0-\x08\x0B\x0C\x0E-\x1F]/g;

/** Characters that XML does not have are written `_x000B_`. */
export function unescaped(text: string): string {
  const plain = text.includes('_x')
    ? text
        .replaceAll(ESCAPES, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
        .replaceAll(CONTROLS, '')
    : text;
  return plain.includes('\r') ? plain.replaceAll(/\r\n?/g, '\n') : plain;
}
