import type { Prices } from '../../domain/ports.ts';
import type { ChatMessage, Prompt } from '../../domain/request.ts';
import { asArray, asObject, type JsonRecord } from '../../lib/json.ts';
import type { Api } from '../api.ts';
import { textsOf } from '../conversation/prompt.ts';

export interface BodySettings {
  readonly api: Pick<Api, 'maxTokensField' | 'effortField' | 'defaultEffort' | 'asksForUsage' | 'routes'>;
  readonly maxTokens: number;
  /** An effort: `none minimal low medium high xhigh max`; null: what the API is asked for by default. */
  readonly reasoning: string | null;
  readonly stream: boolean;
  /** Whether there is a budget, whatever the prompt: see `Prompt.bounded`. @default false */
  readonly bounded?: boolean;
  /**
   * Within a budget no provider may ask more. By these, a reply's cost is worked out if it reports none.
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
    messages: prompt.messages.map(api.routes ? wireMessage : (message) => wireMessage(unmarked(message))),
    [api.maxTokensField]: prompt.maxTokens ?? maxTokens,
    ...reasoningField(prompt, settings),
    ...provider,
    stream,
    ...(stream === true && api.asksForUsage && { stream_options: { include_usage: true } }),
    ...fields,
    ...provider,
  };
}

/** A prompt may say it by either name. */
function reasoningField({ fields = {}, reasons = true }: Prompt, { api, reasoning }: BodySettings): JsonRecord {
  const effort = reasoning ?? api.defaultEffort;
  if (effort === null || !reasons || 'reasoning_effort' in fields) return {};
  if (api.effortField === 'reasoning') return { reasoning: { effort } };
  return api.effortField === null || 'reasoning' in fields ? {} : { [api.effortField]: effort };
}

/** Ours beside the prompt's: of two prices the lower one holds. The API may turn to each of the models. */
function providerField(prompt: Prompt, settings: BodySettings): JsonRecord {
  if (!settings.api.routes || !isBounded(prompt, settings)) return {};
  const known = modelsAsked(prompt).flatMap((model) => settings.prices?.of(model) ?? []);
  if (known.length === 0) return {};
  const theirs = asObject(prompt.fields?.['provider']);
  const limits = asObject(theirs['max_price']);
  const lower = (key: 'prompt' | 'completion'): string => {
    const ours = Math.max(...known.map((price) => price[key])) * TOKENS_PER_PRICE;
    // Never in powers of ten, and without what binary fractions add.
    return Math.min(ours, limitOf(limits[key]))
      .toFixed(9)
      .replace(/\.?0+$/, '');
  };
  return {
    provider: { ...theirs, max_price: { ...limits, prompt: lower('prompt'), completion: lower('completion') } },
  };
}

/** Whether there is a budget to keep: of the run, or of the prompt's recipe. */
export function isBounded(prompt: Prompt, settings: Pick<BodySettings, 'bounded'>): boolean {
  return prompt.bounded === true || settings.bounded === true;
}

/** OpenRouter's unit here, as texts, unlike that of its list of models (openapi: ProviderPreferences). */
const TOKENS_PER_PRICE = 1e6;

function limitOf(value: unknown): number {
  const limit = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof limit === 'number' && limit >= 0 ? limit : Number.POSITIVE_INFINITY;
}

/** Whether OpenRouter is to keep a prompt up to a mark in this message, which stands in its first part. */
export function isMarked({ content }: ChatMessage): boolean {
  return typeof content !== 'string' && content[0] !== undefined && 'cacheable' in content[0];
}

/** Without that mark; what it parts is one text again. */
export function unmarked(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (typeof content === 'string') return message;
  const [marked, text, ...others] = content;
  if (marked === undefined || !('cacheable' in marked)) return message;
  if (text?.kind === 'text' && others.length === 0) return { ...message, content: marked.text + text.text };
  return { ...message, content: [{ kind: 'text', text: marked.text }, ...content.slice(1)] };
}

/** A message that is all text is the same on the wire. */
export function wireMessage(message: ChatMessage): JsonRecord {
  const { content } = message;
  return typeof content === 'string' ? { ...message } : { ...message, content: content.map(wirePart) };
}

/** As chat completions take it (openapi: ChatContentItems). */
function wirePart(part: Exclude<ChatMessage['content'], string>[number]): JsonRecord {
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
export function modelsAsked({ model, fields = {} }: Pick<Prompt, 'model' | 'fields'>): readonly string[] {
  const { models } = fields;
  return Array.isArray(models) ? [...new Set([model, ...models.filter((name) => typeof name === 'string')])] : [model];
}

/** All text of a prompt that a server may quote: what an API parsed out of its files is the document's text, too. */
export function promptTexts(prompt: Pick<Prompt, 'messages'>): readonly string[] {
  const parsed = prompt.messages
    .flatMap(({ annotations = [] }) => annotations)
    .flatMap((annotation) => asArray(asObject(asObject(annotation)['file'])['content']))
    .map((part) => asObject(part)['text']);
  return [...textsOf(prompt), ...parsed.filter((text) => typeof text === 'string')];
}
