/** The text of a paragraph while it is read. */
export class Line {
  /** Blocks that come after it. */
  readonly after: string[] = [];
  readonly #pieces: string[] = [];
  /** Marks that were opened, and not closed yet. */
  readonly #open = new Set<string>();
  /** The first piece that marks may join with. */
  #start = 0;
  #isAfterBlank = true;

  get text(): string {
    return this.#pieces.join('');
  }

  /** At the start, or after a blank. */
  get isAfterBlank(): boolean {
    return this.#isAfterBlank;
  }

  /** Adds text in which white space is one blank, and none at the start. */
  read(text: string): void {
    const spaced = text.replaceAll(/[ \t\r\n]+/g, ' ');
    this.put(this.#isAfterBlank && spaced.startsWith(' ') ? spaced.slice(1) : spaced);
    if (spaced.endsWith(' ')) this.#isAfterBlank = true;
  }

  /** Adds text as it is. */
  put(text: string): void {
    if (text === '') return;
    this.#pieces.push(text);
    this.#isAfterBlank = false;
  }

  /** Puts marks around what is added meanwhile: none around nothing, and one pair where two would touch or lie in each other. */
  mark(start: string, end: string, add: () => void): void {
    if (this.#open.has(start)) {
      add();
      return;
    }
    const isJoined = this.#pieces.length > this.#start && this.#pieces.at(-1) === end;
    if (isJoined) this.#pieces.pop();
    else this.#pieces.push(start);
    const count = this.#pieces.length;
    this.#open.add(start);
    this.#apart(add);
    this.#open.delete(start);
    if (this.#pieces.length > count || isJoined) this.#pieces.push(end);
    else this.#pieces.pop();
  }

  /** Puts marks of each of some kinds (`~~`, `<sup>`) around what is added meanwhile, the first innermost. */
  markAll(starts: readonly string[], add: () => void): void {
    const marked = starts.reduce((inner, start) => () => this.mark(start, start.replace('<', '</'), inner), add);
    marked();
  }

  /** Makes a link of what is added meanwhile, unless that is the address already, or there is no address outside. */
  link(address: string, add: () => void): void {
    const place = this.#pieces.length;
    this.#apart(add);
    const text = this.#pieces.slice(place).join('');
    if (!isOutside(address) || text.trim() === '' || bareAddress(text.trim()) === bareAddress(address.trim())) return;
    this.#pieces.length = place;
    this.#pieces.push(`[${text}](${linkTarget(address)})`);
  }

  /** What is added meanwhile does not join with what was there. */
  #apart(add: () => void): void {
    const before = this.#start;
    this.#start = this.#pieces.length;
    add();
    this.#start = before;
  }
}

/** Whether an address leads out of a document, to where a reader can follow. */
export function isOutside(address: string): boolean {
  return /^(?:https?|mailto|ftp|tel):/i.test(address);
}

/** An address without what people leave out of it: a text that says as much as that needs no link. */
export function bareAddress(address: string): string {
  return address.replace(/^(?:mailto:|tel:|https?:\/\/)/i, '').replace(/\/$/, '');
}

const ENCODED: Readonly<Record<string, string>> = { '(': '%28', ')': '%29', '<': '%3C', '>': '%3E' };

/** An address as it stands in a link of Markdown: blanks and brackets would end it. */
export function linkTarget(address: string): string {
  return address.trim().replaceAll(/[\s()<>]/g, (sign) => ENCODED[sign] ?? '%20');
}
