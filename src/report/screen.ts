import stringWidth from 'string-width';
import { wrapped } from './words.ts';

/** The part of `process.stderr` that is used. */
export type TerminalStream = NodeJS.WritableStream & {
  readonly columns?: number;
  readonly rows?: number;
  readonly isTTY?: boolean;
};

/** A terminal: lines that stay, and below them a block that is drawn over. */
export interface Screen {
  /** Columns. */
  readonly width: number;
  /** Prints `lines` for good and draws `block` below them, in place of the one before; an empty one takes that away. */
  draw(lines: readonly string[], block: readonly string[]): void;
  /** Takes the block away, for others that write to the same terminal; the next `draw` brings it back. */
  clear(): void;
  /** Leaves the block as it was drawn last; the next one is drawn below whatever was written since. */
  leave(): void;
}

/** A terminal that knows these shows what is between them at once. */
const AT_ONCE = { begin: '\u001B[?2026h', end: '\u001B[?2026l' };

/** Without `live` only the lines are drawn, no block. A terminal that went away is no error. */
export function createScreen(stream: TerminalStream, live: boolean): Screen {
  // Never removed: a write may fail after `close`.
  stream.on('error', () => {});
  /** What stands above the cursor. */
  let drawn: readonly string[] = [];
  let drawnWidth = 0;

  const draw = (lines: readonly string[], block: readonly string[]): void => {
    const width = columnsOf(stream);
    // A block as high as the terminal would scroll, and could not be taken away.
    const shown = live ? block.slice(-Math.max(1, (stream.rows || 24) - 1)) : [];
    if (lines.length === 0 && width === drawnWidth && isSame(shown, drawn)) return;
    const text = [...lines, ...shown].map((line) => `${line}\n`).join('');
    const whole = `${erasing(drawn, width)}${text}`;
    if (whole !== '') stream.write(live ? `${AT_ONCE.begin}${whole}${AT_ONCE.end}` : whole);
    drawn = shown;
    drawnWidth = width;
  };
  return {
    get width() {
      return columnsOf(stream);
    },
    draw,
    clear: () => draw([], []),
    leave: () => (drawn = []),
  };
}

/** Takes lines away, from the cursor up. A terminal that was made narrower has broken those that are too wide for it. */
function erasing(lines: readonly string[], width: number): string {
  if (lines.length === 0) return '';
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / width)), 0);
  return `\r\u001B[${rows}A\u001B[J`;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}

/** Writes a text for people: on a terminal, its lines are broken between words, as deep as they begin. */
export function writeText(stream: TerminalStream, text: string): void {
  const width = stream.isTTY === true ? columnsOf(stream) : Number.POSITIVE_INFINITY;
  const lines = text.split('\n').flatMap((line) => {
    const start = line.search(/\S|$/);
    return wrapped(line.slice(start), width - start).map((part) => line.slice(0, start) + part);
  });
  stream.write(`${lines.join('\n')}\n`);
}

/** Some pseudo-terminals report 0. */
export function columnsOf({ columns }: { readonly columns?: number }): number {
  return columns || 80;
}

/** What a text means to a person: how it is painted. */
export type Tone = 'failure' | 'warning' | 'success' | 'aside' | 'plain';

export type Paint = (text: string, meaning: Tone) => string;

/** Red, yellow, green, dim. */
const CODES: Readonly<Record<Exclude<Tone, 'plain'>, readonly [on: number, off: number]>> = {
  failure: [31, 39],
  warning: [33, 39],
  success: [32, 39],
  aside: [2, 22],
};

/** For a stream. `NO_COLOR` and `FORCE_COLOR` win over what it is; of the two, `NO_COLOR`. */
export function paintFor(isTerminal: boolean, environment: NodeJS.ProcessEnv): Paint {
  return isColored(isTerminal, environment) ? painted : (text) => text;
}

function isColored(isTerminal: boolean, { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  if ((NO_COLOR ?? '') !== '') return false;
  if ((FORCE_COLOR ?? '') !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}

/** By hand: node's `styleText` asks whether stdout is a terminal, and most of this goes to stderr. */
function painted(text: string, meaning: Tone): string {
  if (meaning === 'plain' || text === '') return text;
  const [on, off] = CODES[meaning];
  return `\u001B[${on}m${text}\u001B[${off}m`;
}
