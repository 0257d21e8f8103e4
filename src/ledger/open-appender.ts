import { type FileHandle, open } from 'node:fs/promises';

export interface Appender {
  /** Resolves when the line is written; rejects with the system's error, and the file is as it was. */
  append(line: string): Promise<void>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/**
 * Appends lines to a file, one write at a time: what comes in one turn of the event loop, or while a write is under way,
 * goes out together. Not synced: lines that a power cut takes are found again in the outbox.
 */
export async function openAppender(file: string): Promise<Appender> {
  const handle = await open(file, 'a', 0o644);
  let length = (await handle.stat()).size;
  let lines: string[] = [];
  let next: Promise<void> | null = null;
  let last: Promise<void> = Promise.resolve();

  async function writeNext(): Promise<void> {
    const text = lines.join('');
    lines = [];
    next = null;
    await appendWhole(handle, text, length);
    length += Buffer.byteLength(text);
  }

  return {
    append: (line) => {
      lines.push(line);
      next ??= last = last.catch(() => undefined).then(writeNext);
      return next;
    },
    close: async () => {
      await last.catch(() => undefined);
      await handle.close();
    },
  };
}

/** A write that failed half-way is taken back, for the next line would go on within it. */
async function appendWhole(handle: FileHandle, text: string, length: number): Promise<void> {
  try {
    await handle.appendFile(text);
  } catch (error) {
    await handle.truncate(length).catch(() => undefined);
    throw error;
  }
}
