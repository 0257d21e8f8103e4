/** A reference to one input, never its contents: what flows through the stream. */
export interface DocumentRef {
  /** Path below the inbox, always with `/`: `q1/report.pdf`. */
  readonly id: string;
  /** Bytes, from the stat that found the file standing still. */
  readonly size: number;
  /** Milliseconds since the epoch, with the fraction that the file system gives. */
  readonly mtimeMs: number;
}

/** A document as it was read, whole and in one state. */
export interface DocumentContent {
  /** With size and mtime of the very bytes that were read. */
  readonly document: DocumentRef;
  /** Hex SHA-256 of the file's bytes: the document's version. */
  readonly sha256: string;
  readonly text: string;
}

/** What became of reading a document. */
export type ReadOutcome =
  | { readonly kind: 'read'; readonly content: DocumentContent }
  /** It can never be sent as it is: empty, binary, too large. `code` is a stable word, `reason` a sentence. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string; readonly sha256: string | null }
  /** It changed while it was read, or the machine was short of something: a later scan brings it again. */
  | { readonly kind: 'overtaken'; readonly reason: string }
  /** It is no longer there. */
  | { readonly kind: 'gone' };
