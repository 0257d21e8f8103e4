import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 100;

/** Writes a file line by line, as a slow copy does, with a pause after each, until it is told to finish. */
export class SlowWriter {
  readonly #path: string;
  readonly #written: Promise<void>;
  #lines = 0;
  #finishing = false;

  constructor(path: string) {
    this.#path = path;
    this.#written = this.#write();
  }

  get lines(): number {
    return this.#lines;
  }

  /** Resolves to the whole text, when its last line is written. */
  async finish(): Promise<string> {
    this.#finishing = true;
    await this.#written;
    return Array.from({ length: this.#lines }, (_, index) => lineOf(index)).join('');
  }

  async #write(): Promise<void> {
    while (!this.#finishing) {
      await appendFile(this.#path, lineOf(this.#lines));
      this.#lines += 1;
      await sleep(PAUSE_MS);
    }
  }
}

function lineOf(index: number): string {
  return `This is line ${index} of a document that is copied slowly.\n`;
}
