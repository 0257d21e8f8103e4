import { createLogUpdate } from 'log-update';
import { wrapped } from './words.ts';

/** The part of `process.stderr` that is used. */
export type TerminalStream = NodeJS.WritableStream & { readonly columns?: number; readonly isTTY?: boolean };

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

/** Without `live` only the lines are drawn, no block. A terminal that went away is no error. */
export function createScreen(stream: TerminalStream, live: boolean): Screen {
  // Never removed: a write may fail after `close`.
  stream.on('error', () => {});
  // With the cursor hidden, log-update would install signal handlers of its own.
  const update = createLogUpdate(stream, { showCursor: true });

  return {
    get width() {
      return columnsOf(stream);
    },
    draw(lines, block) {
      if (lines.length > 0 || block.length === 0) update.clear();
      // Not log-update's `persist`: it cuts what is higher than the terminal.
      if (lines.length > 0) stream.write(lines.map((line) => `${line}\n`).join(''));
      if (live && block.length > 0) update(block.join('\n'));
    },
    clear: () => update.clear(),
    leave: () => update.done(),
  };
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
