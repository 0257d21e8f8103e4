import type { Reading } from '../reading.ts';

/** What stands around a piece of text within a line: `**`, `<sup>`, the address of a link. */
export interface Mark {
  readonly before: string;
  readonly after: string;
  /** Not opened again in the next block: an address is given once. */
  readonly isOnce?: boolean;
}

interface OpenMark extends Mark {
  isWritten: boolean;
}

/** A list's item or a quotation: what stands before its lines. */
interface Level {
  readonly parent: Level | null;
  /** Before its first line; null when that is written. */
  first: string | null;
  readonly rest: string;
}

/** White space of HTML, which a no-break space is not. Bounded, as V8's stack may be too small for a million blanks. */
const BLANKS = /[ \t\r\n\f]{1,1000}/g;
const SOFT_HYPHEN = '\u00AD';
/** Mails have rows of such characters, to keep the text behind them out of the preview. */
const FILLERS = /[\s\u034F\u200B-\u200D\u2060\uFEFF]{8,1000}/g;
const UNSEEN = /[\u034F\u200B-\u200D\u2060\uFEFF]/;

/** Writes Markdown: blocks of text below each other, white space as browsers show it. */
export class MarkdownWriter {
  readonly #reading: Reading;
  /** In a cell of a table: no empty lines. */
  readonly #isTight: boolean;
  readonly #lines: string[] = [];
  #marks: OpenMark[] = [];
  #level: Level = { parent: null, first: null, rest: '' };
  /** The level that the last line and the next one have in common. */
  #common = this.#level;
  /** The block that is being written. */
  #text = '';
  #hasSpace = false;
  #breaks = 0;
  /** The next block begins in a new line (1), or below an empty one (2). */
  #gap = 0;
  /** In a heading: its blocks and lines are one line. */
  #isOneLine = false;
  /** What was left out and is not yet told. */
  #left: { readonly kind: string; count: number; isEarlierBlock: boolean } | null = null;

  constructor(reading: Reading, isTight = false) {
    this.#reading = reading;
    this.#isTight = isTight;
  }

  /** Text with any white space in it. */
  text(raw: string): void {
    let text = withoutFillers(raw).replaceAll(BLANKS, ' ');
    while (text.includes('  ')) text = text.replaceAll(BLANKS, ' ');
    const start = text.startsWith(' ') ? 1 : 0;
    const end = text.length - (text.endsWith(' ') ? 1 : 0);
    if (start === 1) this.#hasSpace = true;
    if (end <= start) return;
    this.#begin();
    this.#text += text.slice(start, end);
    this.#hasSpace = end < text.length;
  }

  /** At least a blank between what is before and what comes. */
  space(): void {
    this.#hasSpace = true;
  }

  lineBreak(): void {
    if (this.#isOneLine) this.#hasSpace = true;
    else if (this.#text === '') this.breakBlock(2);
    else this.#breaks += 1;
  }

  /** Ends the block that is being written. */
  breakBlock(gap: 1 | 2): void {
    if (this.#isOneLine) {
      this.#hasSpace = true;
      return;
    }
    if (this.#breaks > 1) gap = 2;
    this.#flush();
    this.#gap = Math.max(this.#gap, gap);
  }

  /** Lines that stand as they are. */
  block(lines: readonly string[]): void {
    this.breakBlock(2);
    this.#tellLeftOut();
    this.#write(lines);
    this.breakBlock(2);
  }

  open(mark: Mark): OpenMark {
    const open = { ...mark, isWritten: false };
    this.#marks.push(open);
    return open;
  }

  close(mark: OpenMark): void {
    const at = this.#marks.indexOf(mark);
    if (at < 0) return;
    this.#marks.splice(at, 1);
    if (mark.isWritten) this.#text += mark.after;
  }

  /** Whether text stands in such a mark. */
  isIn(before: string): boolean {
    return this.#marks.some((mark) => mark.before === before);
  }

  /** Begins blocks below each other that belong together; `pop` ends them. */
  push(first: string, rest: string): void {
    this.#flush();
    this.#tellLeftOut();
    const parent = this.#level;
    this.#level = { parent, first: (parent.first ?? parent.rest) + first, rest: parent.rest + rest };
  }

  pop(): void {
    this.#flush();
    this.#tellLeftOut();
    const { parent } = this.#level;
    if (parent === null) return;
    if (this.#common === this.#level) this.#common = parent;
    this.#level = parent;
  }

  /** A heading of one line. */
  heading(rank: number, write: () => void): void {
    this.push(this.#isTight ? '' : `${'#'.repeat(rank)} `, '');
    this.#isOneLine = true;
    write();
    this.#isOneLine = false;
    this.pop();
  }

  /** Says that something without text stands here; what follows each other at once is counted together. */
  leave(kind: string): void {
    if (this.#left?.kind !== kind) this.#settleLeftOut();
    this.#left ??= { kind, count: 0, isEarlierBlock: false };
    this.#left.count += 1;
  }

  finish(): string {
    this.#isOneLine = false;
    this.#flush();
    this.#tellLeftOut();
    return this.#lines.join('\n');
  }

  /** What waits before the next text of a block. */
  #begin(): void {
    this.#settleLeftOut();
    if (this.#breaks > 1 && !this.#isTight) {
      this.#flush();
      this.#gap = 2;
    } else if (this.#breaks > 0) this.#text += '\n';
    else if (this.#hasSpace && this.#text !== '') this.#text += ' ';
    this.#breaks = 0;
    this.#hasSpace = false;
    for (const mark of this.#marks) {
      if (!mark.isWritten) this.#text += mark.before;
      mark.isWritten = true;
    }
  }

  #settleLeftOut(): void {
    if (this.#left === null) return;
    if (this.#left.isEarlierBlock) {
      this.#tellLeftOut();
      return;
    }
    const { kind, count } = this.#left;
    this.#left = null;
    this.#text += `${this.#text === '' ? '' : ' '}${this.#reading.leave(kind, count)}`;
    this.#hasSpace = true;
  }

  /** On a line of its own. */
  #tellLeftOut(): void {
    if (this.#left === null) return;
    const { kind, count } = this.#left;
    this.#left = null;
    this.#write([this.#reading.leave(kind, count)]);
    this.#gap = Math.max(this.#gap, 1);
  }

  #flush(): void {
    if (this.#text === '') {
      if (this.#left !== null) this.#left.isEarlierBlock = true;
    } else {
      for (const mark of this.#marks.toReversed()) if (mark.isWritten) this.#text += mark.after;
      this.#marks = this.#marks.filter(({ isOnce, isWritten }) => isOnce !== true || !isWritten);
      for (const mark of this.#marks) mark.isWritten = false;
      this.#settleLeftOut();
      const text = this.#text;
      this.#text = '';
      if (/\S/.test(text)) this.#write(text.split('\n').map((line) => line.trimEnd()));
      else this.#gap = 2;
    }
    this.#breaks = 0;
    this.#hasSpace = false;
  }

  #write(lines: readonly string[]): void {
    if (this.#gap > 1 && this.#lines.length > 0 && !this.#isTight) this.#put(this.#common.rest.trimEnd());
    for (const line of lines) {
      const before = this.#level.first ?? this.#level.rest;
      this.#put(line === '' ? before.trimEnd() : `${before}${line}`);
      for (let level: Level | null = this.#level; level !== null && level.first !== null; level = level.parent)
        level.first = null;
    }
    this.#common = this.#level;
    this.#gap = 0;
  }

  #put(line: string): void {
    this.#lines.push(this.#reading.put(line));
  }
}

function withoutFillers(text: string): string {
  const plain = text.includes(SOFT_HYPHEN) ? text.replaceAll(SOFT_HYPHEN, '') : text;
  return UNSEEN.test(plain) ? plain.replaceAll(FILLERS, (filler) => (UNSEEN.test(filler) ? ' ' : filler)) : plain;
}
