import type { JsonRecord } from '../lib/json.ts';

/** What a model takes, in one piece. */
export type Part = TextPart | ImagePart | AudioPart | FilePart;

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
}

interface ImagePart {
  readonly kind: 'image';
  /** `image/png`, `image/jpeg`, `image/webp` or `image/gif`. */
  readonly mediaType: string;
  readonly bytes: Buffer;
}

interface AudioPart {
  readonly kind: 'audio';
  /** As `input_audio` names it: `wav`, `mp3`, `flac`, `ogg`, `m4a`, `aac`, `aiff`. */
  readonly format: string;
  readonly bytes: Buffer;
}

interface FilePart {
  readonly kind: 'file';
  readonly name: string;
  /** `application/pdf`. */
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** What a model may take or not, in the words of `input_modalities`. */
export type Modality = Part['kind'];

/** A text that is the same in the prompts of many documents: what stands up to here may be kept by the provider's cache. */
export interface FixedPart extends TextPart {
  readonly cacheable: true;
}

/** An image of the web, by its address: only a recipe that is trusted names one. */
export interface LinkedImage {
  readonly kind: 'linked image';
  readonly url: string;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly (Part | FixedPart | LinkedImage)[];
  /** What an API parsed out of files, as it gave it: sent back, it need not parse them again. */
  readonly annotations?: readonly unknown[];
}

/** What a recipe makes of a document: who is asked, and what. */
export interface Prompt {
  /** Model id as the API knows it. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** Further fields of the chat-completions body (`temperature`, `models`, `provider`, `response_format`); these win. */
  readonly fields?: JsonRecord;
  /** The longest answer, in tokens; where it is absent, what the run says. */
  readonly maxTokens?: number;
  /** False where the model takes no limit on how long it thinks. */
  readonly reasons?: boolean;
  /** True where its recipe limits what is spent: no provider may ask more than the price that is reckoned with. */
  readonly bounded?: boolean;
}

/** Where a document's result belongs, below the outbox: nearly always under the document's own id. */
export interface ResultPlace {
  readonly name: string;
  /** `.md`, `.json`, or what the recipe says, with the dot. */
  readonly ending: string;
}

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
  /** Tokens that the model thought, where the API states them. */
  readonly reasoningTokens?: number;
  readonly refusal?: string;
  /** As the API gave them: `file` (what it parsed out of PDFs), `url_citation`, others. */
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
  /** What a person should know of how it came about, a sentence each: what was cut, joined or repaired. */
  readonly notes: readonly string[];
}
