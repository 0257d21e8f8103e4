interface FoundValue {
  readonly value: unknown;
  /** Indented, with the digits and escapes of the reply. */
  readonly pretty: string;
}

/** `reason` holds nothing of the text. */
type FoundJson =
  | { readonly kind: 'found'; readonly values: readonly FoundValue[] }
  | { readonly kind: 'broken'; readonly reason: string };

/**
 * The JSON of a reply: all of it; else what its code blocks and its prose hold. A sound piece of what is broken is never
 * taken for the whole: a stray `{` makes the reply broken, unless a block holds JSON. Numbers in brackets in a sentence are
 * citations.
 */
export function findJson(reply: string): FoundJson {
  const text = reply.trim();
  if (text === '') return { kind: 'broken', reason: 'it is empty' };
  const whole = scanWhole(text);
  if (whole.kind === 'value') return { kind: 'found', values: [found(text, 0, whole)] };
  const { blocks, prose } = splitFences(text);
  const fenced = inBlocks(blocks);
  if (fenced?.kind !== 'found') return fenced ?? inProse(text);
  const beside = inProse(prose);
  return beside.kind === 'found' ? { kind: 'found', values: [...beside.values, ...fenced.values] } : fenced;
}

/** A value and nothing behind it. */
function scanWhole(text: string): JsonScan {
  const scan = scanJson(text);
  return scan.kind === 'value' && scan.end < text.length
    ? { kind: 'broken', at: scan.end, reason: 'something follows on the value' }
    : scan;
}

/** Null if no code block is meant to be JSON. */
function inBlocks(blocks: readonly FencedBlock[]): FoundJson | null {
  const values: FoundValue[] = [];
  for (const { content } of blocks) {
    const block = content.trim();
    const scan = scanWhole(block);
    if (scan.kind === 'value') values.push(found(block, 0, scan));
    else if (/^[[{]/.test(block)) return broken(block, scan);
  }
  return values.length === 0 ? null : { kind: 'found', values };
}

function inProse(text: string): FoundJson {
  const values: FoundValue[] = [];
  const opening = /[[{]/g;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const scan = scanJson(text, match.index);
    if (scan.kind === 'broken') {
      if (isMeant(text, match.index)) return broken(text, scan);
    } else {
      opening.lastIndex = scan.end;
      if (!isCitation(text, match.index, scan.end)) values.push(found(text, match.index, scan));
    }
  }
  return values.length === 0 ? { kind: 'broken', reason: 'it holds no JSON' } : { kind: 'found', values };
}

/** Whether a bracket that opens no sound value was meant to open one. Links and notes of Markdown are in brackets too. */
function isMeant(text: string, at: number): boolean {
  return text[at] === '{' || /^\[\s*["[{]/.test(text.slice(at, at + 1000));
}

function isCitation(text: string, start: number, end: number): boolean {
  return /^\[[\d\s,]*\]$/.test(text.slice(start, end)) && !opensLine(text, start);
}

/** Whether nothing but blanks stands before a place in its line. Goes back no further than these do. */
function opensLine(text: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && text[before] !== '\n' && text.charAt(before).trim() === '') before -= 1;
  return before < 0 || text[before] === '\n';
}

function found(text: string, start: number, { end, pretty }: Extract<JsonScan, { kind: 'value' }>): FoundValue {
  return { value: JSON.parse(text.slice(start, end)), pretty };
}

function broken(text: string, { at, reason }: Extract<JsonScan, { kind: 'broken' }>): FoundJson {
  const lines = text.slice(0, at).split('\n');
  return { kind: 'broken', reason: `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${reason}` };
}

/**
 * A JSON value in a text, or why there is none. `pretty` is indented, and keeps the characters of every string and number;
 * `reason` holds nothing of the text.
 */
type JsonScan =
  | { readonly kind: 'value'; readonly end: number; readonly pretty: string }
  | { readonly kind: 'broken'; readonly at: number; readonly reason: string };

/** More is never meant, and recursion through the value stays safe. */
export const DEEPEST = 100;

/** Reads one JSON value (RFC 8259) from a place on. A name twice in an object is refused: readers see either value. */
export function scanJson(text: string, start = 0): JsonScan {
  const scanner = new Scanner(text, start);
  try {
    scanner.value(0);
    return { kind: 'value', end: scanner.at, pretty: scanner.written.join('') };
  } catch (error) {
    if (error instanceof BrokenJsonError) return { kind: 'broken', at: scanner.at, reason: error.message };
    throw error;
  }
}

class BrokenJsonError extends Error {}

const BLANKS = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- control characters are what JSON forbids in strings
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

class Scanner {
  at: number;
  /** The value so far, indented. */
  readonly written: string[] = [];
  readonly #text: string;

  constructor(text: string, start: number) {
    this.#text = text;
    this.at = start;
  }

  value(depth: number): void {
    if (depth > DEEPEST) throw new BrokenJsonError(`is nested deeper than ${DEEPEST} levels`);
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
        this.written.push(line);
        this.#blanks();
        item();
        this.#blanks();
      }
      this.written.push(`\n${'  '.repeat(depth)}`);
    }
    this.#sign(closing);
  }

  #members(depth: number): () => void {
    const names = new Set<unknown>();
    return () => {
      const name: unknown = JSON.parse(this.#string());
      if (names.has(name)) throw new BrokenJsonError('a name stands twice in one object');
      names.add(name);
      this.#blanks();
      this.#sign(':');
      this.written.push(' ');
      this.#blanks();
      this.value(depth);
    };
  }

  #string(): string {
    return this.#token(STRING, 'a string in double quotes is missing, or one is not well-formed');
  }

  #sign(sign: string): void {
    if (this.#text[this.at] !== sign) throw new BrokenJsonError(`"${sign}" is missing`);
    this.written.push(sign);
    this.at += 1;
  }

  #token(pattern: RegExp, missing: string): string {
    const token = this.#match(pattern);
    if (token === undefined) throw new BrokenJsonError(missing);
    this.written.push(token);
    return token;
  }

  #blanks(): void {
    this.#match(BLANKS);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const matched = pattern.exec(this.#text)?.[0];
    this.at += matched?.length ?? 0;
    return matched;
  }
}

interface FencedBlock {
  /** What stands behind the opening fence: the language, mostly. */
  readonly info: string;
  readonly content: string;
  /** Whether a closing fence ends it; a block without one goes to the end of the text. */
  readonly closed: boolean;
}

const OPENING = /^[ \t]*(`{3,}(?=[^`]*$)|~{3,})(.*)$/;

/** The fenced code blocks of a Markdown text. A fence is closed by one of the same sign that is at least as long. */
export function fencedBlocks(text: string): readonly FencedBlock[] {
  return splitFences(text).blocks;
}

/** The code blocks of a text, and the lines beside them. */
function splitFences(text: string): { readonly blocks: readonly FencedBlock[]; readonly prose: string } {
  const lines = text.split(/\r?\n/);
  const blocks: FencedBlock[] = [];
  const prose: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const [, fence, info] = OPENING.exec(line) ?? [];
    if (fence === undefined || info === undefined) {
      prose.push(line);
      continue;
    }
    const end = closingLine(lines, index + 1, fence);
    blocks.push({ info: info.trim(), content: lines.slice(index + 1, end).join('\n'), closed: end < lines.length });
    index = end;
  }
  return { blocks, prose: prose.join('\n') };
}

function closingLine(lines: readonly string[], from: number, fence: string): number {
  for (let at = from; at < lines.length; at += 1) {
    const line = (lines[at] ?? '').trim();
    if (line.length >= fence.length && line === fence.charAt(0).repeat(line.length)) return at;
  }
  return lines.length;
}
