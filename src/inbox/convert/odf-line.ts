/** The text of a paragraph while it is read. */
export class Line {
  /** Blocks that come after it. */
  readonly after: string[] = [];
  readonly #pieces: string[] = [];
  #isAfterBlank = true;

  get text(): string {
    return this.#pieces.join('');
  }

  /** At the start, or after a blank. */
  get isAfterBlank(): boolean {
    return this.#isAfterBlank;
  }

  /** Adds text as it stands in the file: its white space is one blank, and none at the start. */
  read(text: string): void {
    const plain = text.replaceAll(/[ \t\r\n]+/g, ' ');
    this.put(this.#isAfterBlank && plain.startsWith(' ') ? plain.slice(1) : plain);
    if (plain.endsWith(' ')) this.#isAfterBlank = true;
  }

  /** Adds text as it is. */
  put(piece: string): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    this.#isAfterBlank = false;
  }

  /** Puts marks around what is added meanwhile: none around nothing, and one pair where two would touch. */
  mark(start: string, end: string, add: () => void): void {
    const before = this.#pieces.length;
    const isJoined = before > 0 && this.#pieces[before - 1] === end;
    if (isJoined) this.#pieces.pop();
    else this.#pieces.push(start);
    const count = this.#pieces.length;
    add();
    if (this.#pieces.length > count || isJoined) this.#pieces.push(end);
    else this.#pieces.pop();
  }
}
