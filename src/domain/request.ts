import type { JsonRecord } from '../lib/json.ts';

/** A piece of what a model takes. */
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

/** A text that is the same in the prompts of many documents: the provider's cache may keep the prompt up to its end. */
export interface FixedPart extends TextPart {
  readonly cacheable: true;
}

/** An image of the web, by its address: only a trusted recipe names one. */
export interface LinkedImage {
  readonly kind: 'linked image';
  readonly url: string;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly (Part | FixedPart | LinkedImage)[];
  /** What an API parsed out of files, as it gave it: sent back, it parses nothing again. */
  readonly annotations?: readonly unknown[];
}

/** What a recipe makes of a document: who is asked, and what. */
export interface Prompt {
  /** Model id as the API knows it. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** Further fields of the chat-completions body (`temperature`, `models`, `provider`, `response_format`); these win. */
  readonly fields?: JsonRecord;
  /** Names of those that are ours, and not the recipe's: the model may be asked without them. */
  readonly added?: readonly string[];
  /** The longest answer, in tokens. @default what the run says */
  readonly maxTokens?: number;
  /** False if the model takes no limit on how long it thinks. */
  readonly reasons?: boolean;
  /** True if its recipe limits what is spent: no provider may ask more than the price that was reserved. */
  readonly bounded?: boolean;
  /** True where its recipe has a document that is too long cut or split. */
  readonly divisible?: boolean;
}

/** Where a document's result belongs, below the outbox: nearly always under the document's own id. */
export interface ResultPlace {
  readonly name: string;
  /** `.md`, `.json`, or what the recipe says, with the dot. */
  readonly ending: string;
}

/** A reply that came to its end: what a model said, or as much of it as the limit of tokens allowed. */
export interface Reply {
  readonly text: string;
  /** It ran into the limit of tokens. */
  readonly cut: boolean;
  readonly extras: ReplyExtras;
}

/** What comes with the text of a reply; most have nothing of it. */
export interface ReplyExtras {
  readonly reasoning?: string;
  /** Tokens of reasoning, if the API states them. */
  readonly reasoningTokens?: number;
  readonly refusal?: string;
  /** As the API gave them: `file` (what it parsed out of PDFs), `url_citation`, others. */
  readonly annotations?: readonly unknown[];
  readonly images?: readonly ReplyImage[];
  /** The API gave the text as reasoning. */
  readonly misplaced?: true;
}

export interface ReplyImage {
  readonly mediaType: string;
  readonly base64: string;
}

/** An answer, made of one reply or of several. */
export interface Answer {
  /** What the result file holds. */
  readonly text: string;
  readonly extras: ReplyExtras;
  /** What was cut, joined or repaired, a sentence each. */
  readonly notes: readonly string[];
}
