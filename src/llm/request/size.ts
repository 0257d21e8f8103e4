import { likelyPromptTokens } from '../../domain/models.ts';
import type { PreparedRequest } from '../../domain/ports.ts';
import type { ChatMessage, Prompt } from '../../domain/request.ts';
import { asObject, isRecord, type JsonRecord } from '../../lib/json.ts';
import { pluginsOf } from '../conversation/prompt.ts';

type PromptSize = Pick<PreparedRequest, 'promptTokensAtMost' | 'likelyPromptTokens'>;

type ContentPart = Exclude<ChatMessage['content'], string>[number];

interface Tokens {
  readonly atMost: number;
  readonly likely: number;
}

/** Of any size: 12 megapixels are 1,100 tokens (Gemini), 4,000 (Claude) or 14,400 (GPT); Qwen goes up to 16,384. */
const IMAGE: Tokens = { atMost: 20_000, likely: 1500 };

/** Bytes a token: 50 tokens a second (models that take every frame of Whisper) of speech at 6 kbit/s. */
const SPARSEST_SOUND = 15;

/** Bytes a token: 32 tokens a second (Gemini; GPT has 10) of music at 128 kbit/s. */
const USUAL_SOUND = 500;

/** Claude gets each page as an image and as text: up to 4,800 and 3,000 tokens. */
const PAGE: Tokens = { atMost: 8000, likely: 2500 };

/** Bytes a token: 2,500 tokens a page of 50 kB. */
const USUAL_PAGES = 20;

/** Of the price of a token: what is written into a provider's cache costs so much (Anthropic, by OpenRouter). */
const CACHE_WRITE = { fiveMinutes: 1.25, hour: 2 };

/** Models that take files have shorter ones: they refuse what is longer, and that costs nothing. */
const LONGEST_CONTEXT = 2_000_000;

/** Images, sound and files count by their size. All else has no more tokens than bytes: tokenizers work on bytes. */
export function promptSize(messages: readonly ChatMessage[], bodyBytes: number): PromptSize {
  let text = bodyBytes;
  let atMost = 0;
  let likely = 0;
  for (const message of messages) {
    for (const part of partsOf(message)) {
      if (part.kind === 'text') {
        if ('cacheable' in part) atMost += Math.ceil(Buffer.byteLength(part.text) * (CACHE_WRITE.fiveMinutes - 1));
        continue;
      }
      const tokens = part.kind === 'linked image' ? IMAGE : tokensOf(part);
      atMost += tokens.atMost;
      likely += tokens.likely;
      if ('bytes' in part) text -= base64Length(part.bytes);
    }
  }
  return { promptTokensAtMost: text + atMost, likelyPromptTokens: likelyPromptTokens({ bytes: text }) + likely };
}

/** The same for images, sound and files alone. */
export function mediaSize(messages: readonly ChatMessage[]): PromptSize {
  const content = messages.flatMap((message) => partsOf(message).filter(({ kind }) => kind !== 'text'));
  const base64 = content.reduce((sum, part) => sum + ('bytes' in part ? base64Length(part.bytes) : 0), 0);
  return promptSize([{ role: 'user', content }], base64);
}

function partsOf({ content }: ChatMessage): readonly ContentPart[] {
  return typeof content === 'string' ? NO_PARTS : content;
}

const NO_PARTS: readonly ContentPart[] = [];

function tokensOf({ kind, bytes }: Extract<ContentPart, { readonly bytes: Buffer }>): Tokens {
  const { length } = bytes;
  switch (kind) {
    case 'image':
      return IMAGE;
    case 'audio':
      return { atMost: Math.ceil(length / SPARSEST_SOUND), likely: Math.ceil(length / USUAL_SOUND) };
    case 'file':
      // Of what is text in a file, no byte is more than a token.
      return {
        atMost: Math.min(PAGE.atMost * Math.max(1, statedPages(bytes)) + length, LONGEST_CONTEXT),
        likely: Math.min(PAGE.likely + Math.ceil(length / USUAL_PAGES), LONGEST_CONTEXT),
      };
  }
}

function base64Length({ length }: Buffer): number {
  return Math.ceil(length / 3) * 4;
}

/** How a PDF counts the pages of a branch of its page tree (ISO 32000-1, 7.7.3.2); its root counts all of them. */
const COUNT = Buffer.from('/Count');

/** More digits are no number of pages. */
const LONGEST_NUMBER = 10;

/** The pages that a PDF says it has, found without reading it; 0 if it does not say, or packs the number. */
export function statedPages(pdf: Buffer): number {
  let most = 0;
  for (let at = pdf.indexOf(COUNT); at >= 0; at = pdf.indexOf(COUNT, at + COUNT.length)) {
    const start = at + COUNT.length;
    const [, pages = 0] = /^\s*(\d+)/.exec(pdf.toString('latin1', start, start + LONGEST_NUMBER)) ?? [];
    most = Math.max(most, Number(pages));
  }
  return most;
}

/** USD (OpenRouter, PDF inputs: $2 per 1,000 pages). */
const PAGE_USD = 0.002;

/** Mistral takes no longer files. */
const MOST_PAGES = 1000;

/** The most that reading a prompt's PDFs can cost beside its tokens, USD: one engine is paid by the page. */
export function ocrFeeUsdAtMost(prompt: Prompt): number {
  const engines = pluginsOf(prompt).map((plugin) => asObject(asObject(plugin)['pdf'])['engine']);
  if (!engines.includes('mistral-ocr')) return 0;
  let pages = 0;
  for (const part of prompt.messages.flatMap(partsOf)) if (part.kind === 'file') pages += pagesAtMost(part.bytes);
  return pages * PAGE_USD;
}

/** Bytes: a page takes more, if nothing is packed. One object may be shown as many pages: then the file may say how many. */
const SMALLEST_PAGE = 400;

function pagesAtMost(pdf: Buffer): number {
  return Math.min(Math.max(Math.ceil(pdf.length / SMALLEST_PAGE), statedPages(pdf)), MOST_PAGES);
}

/** Tiers that are faster, or held ready, cost up to so much more (OpenAI). */
const FAST_TIER = 2;
const FAST_TIERS: ReadonlySet<unknown> = new Set(['priority', 'fast', 'scale']);

/**
 * How many times their list price the tokens of a request can cost, by its fields: 1 if they ask for nothing special;
 * Infinity if it is not known, as of answers that are no text.
 */
export function surchargeOf(fields: JsonRecord): number {
  const modalities: unknown = fields['modalities'];
  if (Array.isArray(modalities) && modalities.some((one) => one !== 'text')) return Number.POSITIVE_INFINITY;
  const { service_tier: tier, cache_control: cached } = fields;
  const ofTier = FAST_TIERS.has(tier) ? FAST_TIER : 1;
  if (!isRecord(cached)) return ofTier;
  return ofTier * (cached['ttl'] === '1h' ? CACHE_WRITE.hour : CACHE_WRITE.fiveMinutes);
}
