import type { LeftOut, Provenance } from '../../domain/document.ts';
import { countEach } from '../../lib/collections.ts';
import { counted } from '../../lib/text.ts';
import { RefusalError } from './file-kind.ts';

/** A piece of what is read of a file, below a heading of ours; null: it has none. */
export interface Section {
  readonly heading: string | null;
  readonly text: string;
}

/**
 * The formats that readers of ours make text of, each with the revision of its reader. It goes up whenever the reader puts
 * out something else of the same file: answers to what an older one read then count as stale.
 */
export const READER_REVISIONS = { docx: 2, xlsx: 2, pptx: 2, odt: 2, ods: 2, odp: 2, epub: 2, eml: 2, pdf: 2 } as const;

export type Format = keyof typeof READER_REVISIONS;

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

  /** A text in which unreadable characters (U+FFFD) are named where they stand. */
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

const REVISIONS = new Map<string, number>(Object.entries(READER_REVISIONS));

/** Files of which readers made text before answers recorded which; pdf where the program itself read it. */
const FIRST_READERS: readonly { readonly format: Format; readonly ending: RegExp }[] = [
  { format: 'docx', ending: /\.(?:doc|dot)[xm]$/i },
  { format: 'xlsx', ending: /\.(?:xls|xlt)[xm]$/i },
  { format: 'pptx', ending: /\.(?:ppt|pps|pot)[xm]$/i },
  { format: 'odt', ending: /\.(?:odt|ott)$/i },
  { format: 'ods', ending: /\.(?:ods|ots)$/i },
  { format: 'odp', ending: /\.(?:odp|otp)$/i },
  { format: 'epub', ending: /\.epub$/i },
  { format: 'eml', ending: /\.eml$/i },
  { format: 'pdf', ending: /\.pdf$/i },
];

/**
 * The formats of which readers of another revision made the text of a document. `readers` null: none were recorded, and
 * those of its ending had revision 1. `readsPdf`: the program makes text of its PDFs itself.
 */
export function outdatedFormats(readers: Provenance['readers'], id: string, readsPdf: boolean): readonly string[] {
  if (readers === null) {
    const format = FIRST_READERS.find(({ ending }) => ending.test(id))?.format;
    if (format === undefined || (format === 'pdf' && !readsPdf)) return [];
    return outdatedFormats([`${format}/1`], id, readsPdf);
  }
  return readers.flatMap((reader) => {
    const [format = '', revision] = reader.split('/');
    return String(REVISIONS.get(format)) === revision ? [] : [format];
  });
}

const LEFT_OUT_LINES = /\[Left out: [^\]\n]*\]/g;

/** Whether nothing was read: white space, characters without width, and what says that something was left out, are no content. */
export function isBlankText(text: string): boolean {
  return !/[^\s\p{DI}]/u.test(text.includes('[Left out: ') ? text.replaceAll(LEFT_OUT_LINES, '') : text);
}

/**
 * What pages repeat (headers, footers, texts of their templates), each once: below "On each slide" what stands on all of them,
 * else below "On some slides". `pages`: of each its texts; `others`: texts that stand on none for certain.
 */
export function repeatedLines(
  pages: readonly ReadonlySet<string>[],
  one: string,
  many: string,
  others: readonly string[] = [],
): readonly string[] {
  const counts = new Map(countEach(pages.flatMap((page) => [...page])));
  for (const text of others) if (!counts.has(text)) counts.set(text, 0);
  const texts = (isOnAll: boolean): string =>
    [...counts].flatMap(([text, count]) => ((count === pages.length) === isOnAll ? [text] : [])).join('\n');
  const [all, some] = [texts(true), texts(false)];
  return [...(all === '' ? [] : [`On each ${one}: ${all}`]), ...(some === '' ? [] : [`On some ${many}: ${some}`])];
}

/** `[Picture: …]`, if what describes a picture is more than the name of its file, which programs put there. */
export function describedPicture(description: string): readonly string[] {
  const isName = /^[^\s/]+\.(?:png|jpe?g|gif|bmp|svg|webp|emf|wmf|tiff?|heic)$/i.test(description);
  return description === '' || isName ? [] : [`[Picture: ${description}]`];
}

/** A comment in a document. */
interface Comment {
  readonly kind?: 'Comment' | 'Reply';
  /** Empty: it is not known. */
  readonly author: string;
  /** What it is on, where that is not clear. */
  readonly on?: string;
  readonly text: string;
}

/** `[Comment by Ann on B7: …]`. */
export function commentLine({ kind = 'Comment', author, on = '', text }: Comment): string {
  return `[${kind}${author === '' ? '' : ` by ${author}`}${on === '' ? '' : ` on ${on}`}: ${text}]`;
}
