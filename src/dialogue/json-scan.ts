/** A JSON value in a text, or why there is none. */
export type JsonScan =
  | {
      readonly kind: 'value';
      readonly end: number;
      /** As it stands in the text, indented anew: every string and number keeps its own characters. */
      readonly pretty: string;
    }
  | {
      readonly kind: 'broken';
      readonly at: number;
      /** What is wrong there. Holds nothing of the text. */
      readonly reason: string;
    };

/** Nobody means more, and whoever walks through the value is spared. */
export const DEEPEST = 100;

/**
 * Reads one JSON value (RFC 8259, nothing beside it) from a place on. More than JSON.parse, it refuses a name that stands
 * twice in an object, of which readers see either.
 */
export function scanJson(text: string, start = 0): JsonScan {
  const scanner = new Scanner(text, start);
  try {
    scanner.value(0);
    return { kind: 'value', end: scanner.at, pretty: scanner.pretty() };
  } catch (error) {
    if (error instanceof Broken) return { kind: 'broken', at: scanner.at, reason: error.message };
    throw error;
  }
}

class Broken extends Error {}

const BLANKS = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- control characters are what JSON forbids in strings
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

class Scanner {
  at: number;
  readonly #text: string;
  readonly #written: string[] = [];

  constructor(text: string, start: number) {
    this.#text = text;
    this.at = start;
  }

  pretty(): string {
    return this.#written.join('');
  }

  value(depth: number): void {
    if (depth > DEEPEST) throw new Broken(`is nested deeper than ${DEEPEST} levels`);
    const sign = this.#text[this.at];
    if (sign === '{') this.#list('}', depth, this.#members(depth + 1));
    else if (sign === '[') this.#list(']', depth, () => this.value(depth + 1));
    else if (sign === '"') this.#string();
    else this.#token(SCALAR, 'a JSON value is missing');
  }

  /** What stands between brackets, with commas. */
  #list(closing: string, depth: number, item: () => void): void {
    this.#sign(this.#text.charAt(this.at));
    this.#blanks();
    if (this.#text[this.at] !== closing) {
      const line = `\n${'  '.repeat(depth + 1)}`;
      for (let first = true; first || this.#text[this.at] === ','; first = false) {
        if (!first) this.#sign(',');
        this.#written.push(line);
        this.#blanks();
        item();
        this.#blanks();
      }
      this.#written.push(`\n${'  '.repeat(depth)}`);
    }
    this.#sign(closing);
  }

  #members(depth: number): () => void {
    const names = new Set<unknown>();
    return () => {
      const name: unknown = JSON.parse(this.#string());
      if (names.has(name)) throw new Broken('a name stands twice in one object');
      names.add(name);
      this.#blanks();
      this.#sign(':');
      this.#written.push(' ');
      this.#blanks();
      this.value(depth);
    };
  }

  #string(): string {
    return this.#token(STRING, 'a string in double quotes is missing, or one is not well-formed');
  }

  #sign(sign: string): void {
    if (this.#text[this.at] !== sign) throw new Broken(`"${sign}" is missing`);
    this.#written.push(sign);
    this.at += 1;
  }

  #token(pattern: RegExp, missing: string): string {
    const token = this.#match(pattern);
    if (token === undefined) throw new Broken(missing);
    this.#written.push(token);
    return token;
  }

  #blanks(): void {
    this.#match(BLANKS);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }
}
