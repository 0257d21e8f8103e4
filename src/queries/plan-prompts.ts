import { concatMap, from, lastValueFrom, reduce } from 'rxjs';
import type { DocumentRef } from '../domain/document.ts';
import type { Recipes } from '../domain/ports.ts';
import type { Prompt } from '../domain/request.ts';
import { readDocument } from '../inbox/read-document.ts';
import { spreadOverSizes } from './spread-over-sizes.ts';

export interface PromptSettings {
  readonly inbox: string;
  readonly maxBytes: number;
  readonly recipes: Recipes;
  readonly countTokens: (text: string) => number;
  /** Of documents that are counted, and of their bytes, as far as there are more. @default MOST_COUNTED */
  readonly most?: { readonly documents: number; readonly bytes: number };
}

/** Takes a second or two. */
const MOST_COUNTED = { documents: 200, bytes: 4_000_000 };

/** What chat models add for the role of a message, and for the beginning of an answer. */
const TOKENS_OF = { message: 4, answer: 3 };

export interface PromptTokens {
  readonly tokens: number;
  readonly counted: { readonly documents: number; readonly bytes: number };
}

/** Tokens of all prompts: counted for a sample spread over the sizes, and from there on by bytes. */
export async function countPrompts(documents: readonly DocumentRef[], settings: PromptSettings): Promise<PromptTokens> {
  const { most = MOST_COUNTED } = settings;
  const sample = spreadOverSizes(documents, most.documents);
  const share = bytesOf(sample) <= most.bytes ? Number.POSITIVE_INFINITY : most.bytes / sample.length;
  const counts = from(sample).pipe(
    concatMap((document) => countDocument(document, share, settings)),
    reduce(add, { fixed: 0, tokens: 0, bytes: 0 }),
  );
  const { fixed, tokens, bytes } = await lastValueFrom(counts);
  const perByte = bytes === 0 ? 0 : tokens / bytes;
  const fixedEach = sample.length === 0 ? 0 : fixed / sample.length;
  return {
    tokens: Math.round(fixedEach * documents.length + perByte * bytesOf(documents)),
    counted: { documents: sample.length, bytes: Math.round(bytes) },
  };
}

interface Count {
  /** What the recipe adds to the document. */
  readonly fixed: number;
  readonly tokens: number;
  /** Those that were counted. */
  readonly bytes: number;
}

/** At most `share` bytes of it, from its beginning on. What cannot be sent costs nothing. */
async function countDocument(document: DocumentRef, share: number, settings: PromptSettings): Promise<Count> {
  const { inbox, maxBytes, recipes, countTokens } = settings;
  const read = await readDocument({ root: inbox, maxBytes }, document);
  if (read.kind !== 'read') return { fixed: 0, tokens: 0, bytes: document.size };
  const recipe = recipes.choose(document);
  const { text } = read.content;
  const part = text.slice(0, Math.ceil(text.length * Math.min(1, share / document.size)));
  const count = (of: string): number => tokensOf(recipe.render({ ...read.content, text: of }), countTokens);
  const fixed = count('');
  return { fixed, tokens: count(part) - fixed, bytes: document.size * (part.length / text.length) };
}

function tokensOf({ messages }: Prompt, countTokens: PromptSettings['countTokens']): number {
  return messages.reduce((tokens, { content }) => tokens + countTokens(content) + TOKENS_OF.message, TOKENS_OF.answer);
}

function add(one: Count, other: Count): Count {
  return { fixed: one.fixed + other.fixed, tokens: one.tokens + other.tokens, bytes: one.bytes + other.bytes };
}

function bytesOf(documents: readonly DocumentRef[]): number {
  return documents.reduce((bytes, { size }) => bytes + size, 0);
}
