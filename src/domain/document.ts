import { counted } from '../lib/text.ts';

/** By what a file is seen to have changed, without reading it. */
export interface FileState {
  /** Bytes; of a folder, those of all its files. */
  readonly size: number;
  /** Milliseconds since the epoch, with the file system's fraction; of a folder, the latest of it and all that is in it. */
  readonly mtimeMs: number;
  /** The same of the last change to bytes, name, owner or rights, which no program sets back. Null or absent: not known. */
  readonly ctimeMs?: number | null;
  /** Another one for another file under the same name; of a folder, its own. Null or absent: not known. */
  readonly inode?: number | null;
}

/** Whether nothing shows that a file changed. What one of the two does not know is left out. */
export function isSameState(one: FileState, other: FileState): boolean {
  return one.size === other.size && one.mtimeMs === other.mtimeMs && isUntouched(one, other);
}

/** The same of what is changed without any change to the bytes, too: when a file is renamed, linked or copied. */
export function isUntouched(one: FileState, other: FileState): boolean {
  return isSameIfKnown(one.ctimeMs, other.ctimeMs) && isSameIfKnown(one.inode, other.inode);
}

function isSameIfKnown(one: number | null | undefined, other: number | null | undefined): boolean {
  return (one ?? null) === null || (other ?? null) === null || one === other;
}

/** A reference to one input, never its contents: what flows through the stream. Its state is that in which it stood still. */
export interface DocumentRef extends FileState {
  /** Path below the inbox, always with `/`: `q1/report.pdf`; of a folder taken as one document, the folder's. */
  readonly id: string;
}

/** A document as it was read, whole and in one state. */
export interface DocumentContent {
  /** As it was found, with size and mtime of the very bytes that were read. */
  readonly document: DocumentRef;
  /** Hex SHA-256 of the file's bytes, or of the names and bytes of a folder's files: the document's version. */
  readonly sha256: string;
  /** One; of a folder taken as one document, all in the order of their names. */
  readonly files: readonly SourceFile[];
}

/** A file of a document. */
export interface SourceFile {
  /** In a folder taken as one document, its path below that. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** What of a document the model is not given: how many of each kind, which is in the singular ("chart"). */
export type LeftOut = Readonly<Record<string, number>>;

/** What a model was given of a document. */
export interface Provenance {
  readonly leftOut: LeftOut;
  /** The readers that made text of it, with their revisions: `docx/2`; null: an older version did not record them. */
  readonly readers: readonly string[] | null;
}

/** Whether nothing of it was left out. */
export function isWhole({ leftOut }: Pick<Provenance, 'leftOut'>): boolean {
  return Object.keys(leftOut).length === 0;
}

/** How many documents the model was not given all of, and what that was of all of them. */
export interface LeftOutTotals {
  readonly documents: number;
  readonly kinds: LeftOut;
}

export const NOTHING_LEFT_OUT: LeftOutTotals = { documents: 0, kinds: {} };

/** With one more document. */
export function withLeftOut({ documents, kinds }: LeftOutTotals, leftOut: LeftOut): LeftOutTotals {
  const sum: Record<string, number> = { ...kinds };
  for (const [kind, count] of Object.entries(leftOut)) sum[kind] = (sum[kind] ?? 0) + count;
  return { documents: documents + 1, kinds: sum };
}

/** `2 charts, 1 picture`. */
export function leftOutInWords(leftOut: LeftOut): string {
  return Object.entries(leftOut)
    .map(([kind, count]) => counted(count, kind))
    .join(', ');
}

/** What became of reading a document. */
export type ReadOutcome =
  | { readonly kind: 'read'; readonly content: DocumentContent }
  /** It can never be sent as it is: empty, too large, no file. `code` is a stable word, `reason` a sentence. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string; readonly sha256: string | null }
  /** Too many files are open: it can be read in a moment. */
  | { readonly kind: 'busy'; readonly reason: string }
  /** It changed while it was read, or could not be read at the moment: a later scan brings it again. */
  | { readonly kind: 'overtaken'; readonly reason: string }
  /** It is no longer there. */
  | { readonly kind: 'gone' };
