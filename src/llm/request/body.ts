import type { Price, Prices } from '../../domain/ports.ts';
import type { ChatMessage, Prompt } from '../../domain/request.ts';
import { asArray, asObject, type JsonRecord } from '../../lib/json.ts';
import type { Api } from '../api.ts';

type PriceOf = (model: string) => Price | null;

export interface BodySettings {
  readonly api: Pick<Api, 'maxTokensField' | 'sendsReasoning' | 'asksForUsage' | 'routes'>;
  readonly maxTokens: number;
  /** An effort: `none minimal low medium high xhigh max`. */
  readonly reasoning: string;
  readonly stream: boolean;
  /**
   * What no provider of a model may ask more than, for an API that takes such a limit; null if there is none.
   * @default null
   */
  readonly maxPrice?: PriceOf | null;
  /**
   * What no provider may ask more than for a prompt that is bounded; and for replies that report tokens but no cost: it is
   * worked out then, and unknown without a price. What the API says wins.
   * @default no price is known
   */
  readonly prices?: Prices;
}

/**
 * The body of a chat-completions call. The order of its keys is fixed: OpenRouter's response cache distinguishes bodies by
 * their bytes. The prompt's own fields follow ours in their order, and stand in the place of those that they overrule.
 */
export function requestBody(prompt: Prompt, settings: BodySettings): JsonRecord {
  const { api, maxTokens } = settings;
  const { fields = {} } = prompt;
  const stream = fields['stream'] ?? settings.stream;
  const provider = providerField(prompt, settings);
  return {
    model: prompt.model,
    messages: prompt.messages.map(wireMessage),
    [api.maxTokensField]: prompt.maxTokens ?? maxTokens,
    ...reasoningField(prompt, settings),
    ...provider,
    stream,
    ...(stream === true && api.asksForUsage && { stream_options: { include_usage: true } }),
    ...fields,
    ...provider,
  };
}

/** `reasoning_effort` is another name for the same. */
function reasoningField({ fields = {}, reasons = true }: Prompt, { api, reasoning }: BodySettings): JsonRecord {
  return api.sendsReasoning && reasons && !('reasoning_effort' in fields) ? { reasoning: { effort: reasoning } } : {};
}

/** Ours beside the prompt's: of two prices the lower one holds. The API may turn to each of the models. */
function providerField(prompt: Prompt, settings: BodySettings): JsonRecord {
  const priceOf = limitingPrice(prompt, settings);
  const prices = priceOf === null ? [] : modelsAsked(prompt).flatMap((model) => priceOf(model) ?? []);
  if (prices.length === 0) return {};
  const theirs = asObject(prompt.fields?.['provider']);
  const limits = asObject(theirs['max_price']);
  const lower = (key: 'prompt' | 'completion'): string => {
    const ours = Math.max(...prices.map((price) => price[key])) * TOKENS_PER_PRICE;
    return decimal(Math.min(ours, limitOf(limits[key])));
  };
  return {
    provider: { ...theirs, max_price: { ...limits, prompt: lower('prompt'), completion: lower('completion') } },
  };
}

/** OpenRouter's unit here, as texts, unlike that of its list of models (openapi: ProviderPreferences). */
const TOKENS_PER_PRICE = 1e6;

/** Null if there is no limit, or the API takes none. */
function limitingPrice({ bounded = false }: Prompt, { api, maxPrice = null, prices }: BodySettings): PriceOf | null {
  if (!api.routes) return null;
  return maxPrice ?? (bounded && prices !== undefined ? (model) => prices.of(model) : null);
}

function limitOf(value: unknown): number {
  const limit = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof limit === 'number' && limit >= 0 ? limit : Number.POSITIVE_INFINITY;
}

/** Never in powers of ten, and without what binary fractions add. */
function decimal(amount: number): string {
  return amount.toFixed(9).replace(/\.?0+$/, '');
}

type MessagePart = Exclude<ChatMessage['content'], string>[number];

/** A message of text alone is on the wire what it is here. */
export function wireMessage(message: ChatMessage): JsonRecord {
  const { content } = message;
  return typeof content === 'string' ? { ...message } : { ...message, content: content.map(wirePart) };
}

/** As chat completions take it (openapi: ChatContentItems). */
function wirePart(part: MessagePart): JsonRecord {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text, ...('cacheable' in part && { cache_control: { type: 'ephemeral' } }) };
    case 'image':
      return { type: 'image_url', image_url: { url: dataUrl(part) } };
    case 'linked image':
      return { type: 'image_url', image_url: { url: part.url } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.bytes.toString('base64'), format: part.format } };
    case 'file':
      return { type: 'file', file: { filename: part.name, file_data: dataUrl(part) } };
  }
}

function dataUrl({ mediaType, bytes }: { readonly mediaType: string; readonly bytes: Buffer }): string {
  return `data:${mediaType};base64,${bytes.toString('base64')}`;
}

/** The models that may answer a prompt: the one that is asked, and those that stand in for it. */
export function modelsAsked({ model, fields = {} }: Prompt): readonly string[] {
  const { models } = fields;
  return Array.isArray(models) ? [...new Set([model, ...models.filter((name) => typeof name === 'string')])] : [model];
}

/** All text that may be quoted of a prompt: also what an API parsed out of its files, and nothing else of what is no text. */
export function promptTexts({ messages }: Pick<Prompt, 'messages'>): readonly string[] {
  const texts: string[] = [];
  for (const { content, annotations } of messages) {
    if (typeof content === 'string') texts.push(content);
    else for (const part of content) if (part.kind === 'text') texts.push(part.text);
    if (annotations !== undefined) texts.push(...annotations.flatMap(parsedTexts));
  }
  return texts;
}

/** What an API parsed out of a file is the document's text, too. */
function parsedTexts(annotation: unknown): readonly string[] {
  const parts = asArray(asObject(asObject(annotation)['file'])['content']);
  return parts.map((part) => asObject(part)['text']).filter((text) => typeof text === 'string');
}
