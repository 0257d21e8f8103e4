import { likelyPromptTokens } from '../../domain/likely-tokens.ts';
import type { ChatMessage } from '../../domain/request.ts';
import { pagesTold } from '../pages-told.ts';

export interface PromptSize {
  readonly promptTokensAtMost: number;
  readonly likelyPromptTokens: number;
}

type ContentPart = Exclude<ChatMessage['content'], string>[number];
type Binary = Extract<ContentPart, { readonly bytes: Buffer }>;

interface Tokens {
  readonly atMost: number;
  readonly likely: number;
}

/** Of any size: 12 megapixels are 1,100 tokens (Gemini), 4,000 (Claude) or 14,400 (GPT); Qwen goes up to 16,384. */
const IMAGE: Tokens = { atMost: 20_000, likely: 1500 };

/** Bytes a token: 50 of them a second, as models have it that hear every frame of Whisper, of speech at 6 kbit/s. */
const SPARSEST_SOUND = 15;

/** Bytes a token: 32 of them a second (Gemini; GPT has 10), of music at 128 kbit/s. */
const USUAL_SOUND = 500;

/** Claude gets each page as an image and as text: up to 4,800 and 3,000 tokens. */
const PAGE: Tokens = { atMost: 8000, likely: 2500 };

/** Bytes a token: 2,500 of them a page, of 50 kB. That pages of text alone have one for each is the bound. */
const USUAL_PAGES = 20;

/** Of the price of a token, for one that goes into a provider's cache for five minutes (Anthropic, by OpenRouter). */
const CACHE_WRITE_SURCHARGE = 0.25;

/** Models that take files have shorter ones: they refuse what is longer, and that costs nothing. */
const LONGEST_CONTEXT = 2_000_000;

/**
 * The tokens of a request, told without a look into its images, sound and files. Of all else in its body no byte is more
 * than a token: tokenizers work on bytes.
 */
export function promptSize(messages: readonly ChatMessage[], bodyBytes: number): PromptSize {
  let text = bodyBytes;
  let atMost = 0;
  let likely = 0;
  for (const part of messages.flatMap(partsOf)) {
    if (part.kind === 'text') {
      if ('cacheable' in part) atMost += Math.ceil(Buffer.byteLength(part.text) * CACHE_WRITE_SURCHARGE);
      continue;
    }
    const tokens = part.kind === 'linked image' ? IMAGE : tokensOf(part);
    atMost += tokens.atMost;
    likely += tokens.likely;
    if ('bytes' in part) text -= base64Length(part.bytes);
  }
  return { promptTokensAtMost: text + atMost, likelyPromptTokens: likelyPromptTokens({ bytes: text }) + likely };
}

/** As of a request that holds nothing but what is no text. */
export function mediaSize(messages: readonly ChatMessage[]): PromptSize {
  const content = messages.flatMap((message) => partsOf(message).filter(({ kind }) => kind !== 'text'));
  const base64 = content.reduce((sum, part) => sum + ('bytes' in part ? base64Length(part.bytes) : 0), 0);
  return promptSize([{ role: 'user', content }], base64);
}

function partsOf({ content }: ChatMessage): readonly ContentPart[] {
  return typeof content === 'string' ? [] : content;
}

function tokensOf({ kind, bytes }: Binary): Tokens {
  const { length } = bytes;
  switch (kind) {
    case 'image':
      return IMAGE;
    case 'audio':
      return { atMost: Math.ceil(length / SPARSEST_SOUND), likely: Math.ceil(length / USUAL_SOUND) };
    case 'file':
      return {
        atMost: Math.min(PAGE.atMost * Math.max(1, pagesTold(bytes)) + length, LONGEST_CONTEXT),
        likely: Math.min(PAGE.likely + Math.ceil(length / USUAL_PAGES), LONGEST_CONTEXT),
      };
  }
}

function base64Length({ length }: Buffer): number {
  return Math.ceil(length / 3) * 4;
}
