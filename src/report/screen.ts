import { createLogUpdate } from 'log-update';

/** What is needed of `process.stderr`. */
export type TerminalStream = NodeJS.WritableStream & { readonly columns?: number; readonly isTTY?: boolean };

/** A terminal: lines that stay, and below them a block that is drawn over. */
export interface Screen {
  /** Columns. */
  readonly width: number;
  /** Prints `lines` for good and draws `block` below them. */
  draw(lines: readonly string[], block: readonly string[]): void;
  /** Leaves the block where it stands. */
  close(): void;
}

/** Without `live` no block is drawn, only the lines. A terminal that went away is no error. */
export function createScreen(stream: TerminalStream, live: boolean): Screen {
  // It stays to the end: a write may fail after `close`.
  stream.on('error', () => {});
  // With the cursor hidden, log-update would install signal handlers of its own.
  const update = createLogUpdate(stream, { showCursor: true });

  return {
    get width() {
      // Some pseudo-terminals say 0.
      return stream.columns || 80;
    },
    draw(lines, block) {
      if (lines.length > 0) {
        // Not `persist`: it cuts what is higher than the terminal.
        update.clear();
        stream.write(lines.map((line) => `${line}\n`).join(''));
      }
      if (live && block.length > 0) update(block.join('\n'));
    },
    close() {
      update.done();
    },
  };
}
