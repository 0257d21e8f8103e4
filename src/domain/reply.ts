/** A reply that came to its end: what a model said, or as much of it as it was allowed. */
export interface Reply {
  readonly text: string;
  /** It ran into the limit of tokens. */
  readonly cut: boolean;
  readonly extras: ReplyExtras;
}

/** What comes with the text of a reply. Nothing of it is in most. */
export interface ReplyExtras {
  readonly reasoning?: string;
  /** Tokens that the model thought, where the API tells them. */
  readonly reasoningTokens?: number;
  readonly refusal?: string;
  /** As the API told them: `file` (what it parsed out of PDFs), `url_citation`, others. */
  readonly annotations?: readonly unknown[];
  readonly images?: readonly ReplyImage[];
}

export interface ReplyImage {
  readonly mediaType: string;
  readonly base64: string;
}

/** An answer that is filed: made of one reply, or of several. */
export interface Answer {
  /** What the result file holds. */
  readonly text: string;
  readonly extras: ReplyExtras;
  /** What a person should know of how it came about, a sentence each: what was cut, joined or mended. */
  readonly notes: readonly string[];
}
