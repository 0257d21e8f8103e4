/** A reference to one input, never its contents: what flows through the stream. */
export interface DocumentRef {
  /** Path below the inbox, always with `/`: `q1/report.pdf`; of a folder taken as one document, the folder's. */
  readonly id: string;
  /** Bytes, from the stat that found the file standing still; of a folder, those of all its files. */
  readonly size: number;
  /** Milliseconds since the epoch, with the file system's fraction; of a folder, the latest of it and all that is in it. */
  readonly mtimeMs: number;
}

/** A document as it was read, whole and in one state. */
export interface DocumentContent {
  /** With size and mtime of the very bytes that were read. */
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
