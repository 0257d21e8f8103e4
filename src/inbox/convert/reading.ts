import type { LeftOut } from '../../domain/document.ts';
import { counted } from '../../lib/text.ts';
import { RefusalError } from './file-kind.ts';

/**
 * The formats that readers of ours make text of, each with the revision of its reader. It goes up whenever the reader puts
 * out something else of the same file: answers to what an older one read then count as stale.
 */
export const READER_REVISIONS = { docx: 2, xlsx: 2, pptx: 2, odt: 2, ods: 2, odp: 2, epub: 2, eml: 2, pdf: 2 } as const;

export type Format = keyof typeof READER_REVISIONS;

/** A piece of what is read of a file, below a heading of ours; null: it has none. */
export interface Section {
  readonly heading: string | null;
  readonly text: string;
}

/** Of one document. A text that stands once in a file may be used in it a million times. */
const MOST_CHARACTERS = 50_000_000;

/** The reading of one document: what of it the model is not given, and how much it may still become. */
export class Reading {
  readonly #leftOut: Record<string, number> = {};
  readonly #formats = new Set<Format>();
  #characters = 0;

  /** What was left out so far. */
  get leftOut(): LeftOut {
    return { ...this.#leftOut };
  }

  /** The readers that were used, with their revisions, in the order of the alphabet: `docx/2`. */
  get readers(): readonly string[] {
    return [...this.#formats].map((format) => `${format}/${READER_REVISIONS[format]}`).toSorted();
  }

  /** Says that the reader of this format is at work. */
  uses(format: Format): void {
    this.#formats.add(format);
  }

  /**
   * Counts something that has no text, and gives the line that stands in its place.
   *
   * @param kind in the singular: "chart", "embedded object"
   */
  leave(kind: string, count = 1): string {
    this.#leftOut[kind] = (this.#leftOut[kind] ?? 0) + count;
    return `[Left out: ${counted(count, kind)}]`;
  }

  /** A text in which characters that nobody can read (U+FFFD) are named where they stand. */
  nameUnreadable(text: string): string {
    return text.replaceAll(/\uFFFD+/g, (run) => this.leave('unreadable character', run.length));
  }

  /** Gives back a text that is put out. Throws a `RefusalError` if all of them together are too long. */
  put(text: string): string {
    this.#characters += text.length;
    if (this.#characters > MOST_CHARACTERS)
      throw new RefusalError('too-complex', `It becomes more than ${MOST_CHARACTERS} characters. Split it.`);
    return text;
  }
}

const LEFT_OUT_LINES = /\[Left out: [^\]\n]*\]/g;

/** Whether nothing was read: white space, and what says that something was left out, are no content. */
export function isBlankText(text: string): boolean {
  return !/\S/.test(text.includes('[Left out: ') ? text.replaceAll(LEFT_OUT_LINES, '') : text);
}

/** Whether what should describe a picture is only the name of its file, which programs put there. */
export function isPictureName(text: string): boolean {
  return /^[^\s/]+\.(?:png|jpe?g|gif|bmp|svg|webp|emf|wmf|tiff?|heic)$/i.test(text);
}
