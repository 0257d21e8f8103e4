import type { ModelFacts } from '../domain/models.ts';
import type { Price } from '../domain/ports.ts';
import type { Modality } from '../domain/request.ts';
import { asAmount, asArray, asObject, asText, isRecord, type JsonRecord } from '../lib/json.ts';

/** A free GET below the base URL: its status (null if no reply came) and its parsed body. */
export type Get = (path: string) => Promise<{ readonly status: number | null; readonly body: unknown }>;

/** What an API says of its models. */
export interface Catalogue {
  /** The most that tokens of the model cost under any condition; null if that is not known. */
  price(model: string): Price | null;
  /** Null if it is not listed. */
  model(id: string): ModelFacts | null;
  /** Ids of models that take all of these and answer with text: the cheapest prompts first, what is free last. */
  taking(inputs: readonly Modality[]): readonly string[];
}

/** They choose the provider that is asked first, or cost nothing: the model stays what is listed without them. */
const UNLISTED_VARIANT = /:(?:nitro|floor|exacto|free)$/;

const FREE_VARIANT = /:free$/;
const FREE: Price = { prompt: 0, completion: 0, request: 0 };

const MODALITIES: readonly Modality[] = ['text', 'image', 'audio', 'file'];

/** Of an API that has no list of models. */
export const TELLS_NOTHING: Catalogue = { price: () => null, model: () => null, taking: () => [] };

/** A free look at the list of models: null if it failed, and another one may not. Never rejects. */
export async function loadCatalogue(get: Get): Promise<Catalogue | null> {
  const { status, body } = await get('/models');
  if (isPassing(status)) return null;
  return (status === 200 ? readCatalogue(body) : null) ?? TELLS_NOTHING;
}

/** No reply came, or a failure that ends by itself. */
function isPassing(status: number | null): boolean {
  return status === null || status === 408 || status === 429 || (status >= 500 && status !== 501);
}

/** The catalogue in the body of `GET /models`; null if that is no list of models. */
export function readCatalogue(body: unknown): Catalogue | null {
  const list = asObject(body)['data'];
  if (!Array.isArray(list)) return null;
  const entries = byName(list.filter(isRecord));
  const entryOf = (model: string) => entries.get(model) ?? entries.get(model.replace(UNLISTED_VARIANT, ''));
  return {
    price(model) {
      const price = readPrice(entryOf(model)?.['pricing']);
      return price !== null && FREE_VARIANT.test(model) ? FREE : price;
    },
    model(id) {
      const entry = entryOf(id);
      return entry === undefined ? null : readFacts(entry);
    },
    taking: (inputs) => byPrice(list.filter(isRecord).filter((entry) => takes(entry, inputs))),
  };
}

/** An id goes before the longer name that is another entry's too. */
function byName(entries: readonly JsonRecord[]): ReadonlyMap<unknown, JsonRecord> {
  const named = (key: string) => entries.map((entry) => [entry[key], entry] as const);
  return new Map([...named('canonical_slug'), ...named('id')]);
}

function readFacts(entry: JsonRecord): ModelFacts {
  const provider = asObject(entry['top_provider']);
  const supported = Array.isArray(entry['supported_parameters']) ? entry['supported_parameters'] : null;
  return {
    contextTokens: asAmount(entry['context_length']) ?? asAmount(provider['context_length']),
    maxCompletionTokens: asAmount(provider['max_completion_tokens']),
    inputs: readInputs(entry),
    structuredOutputs: supported?.includes('structured_outputs') ?? null,
    reasoning: supported?.includes('reasoning') ?? null,
  };
}

/** What of its inputs is known here; null if it names none. */
function readInputs(entry: JsonRecord): readonly Modality[] | null {
  const { input_modalities: inputs } = asObject(entry['architecture']);
  return Array.isArray(inputs) ? MODALITIES.filter((modality) => inputs.includes(modality)) : null;
}

function takes(entry: JsonRecord, inputs: readonly Modality[]): boolean {
  const taken = readInputs(entry) ?? [];
  const { output_modalities: outputs = ['text'] } = asObject(entry['architecture']);
  return inputs.every((input) => taken.includes(input)) && asArray(outputs).includes('text');
}

/** Without routers, whose price depends on the call. What is free is limited to a few calls a day. */
function byPrice(entries: readonly JsonRecord[]): readonly string[] {
  return entries
    .flatMap((entry) => {
      const id = asText(entry['id']);
      const price = readPrice(entry['pricing']);
      return id === null || price === null
        ? []
        : { id, prompt: price.prompt === 0 ? Number.POSITIVE_INFINITY : price.prompt };
    })
    .toSorted((one, other) => (one.prompt === other.prompt ? 0 : one.prompt - other.prompt))
    .map(({ id }) => id);
}

/**
 * The highest price in a catalogue entry's `pricing`: of all its conditional overrides, of reasoning if that costs
 * more than the answer, and without its discount, which says not whether it is taken off already. Null if prompt or
 * answer have no price, or one of its figures is none (`-1`: it depends on the call).
 */
export function readPrice(pricing: unknown): Price | null {
  if (!isRecord(pricing) || !isPriced(pricing['prompt']) || !isPriced(pricing['completion'])) return null;
  const tiers = [pricing, ...asArray(pricing['overrides']).filter(isRecord)];
  const price = {
    prompt: highest(tiers, ['prompt']),
    completion: highest(tiers, ['completion', 'internal_reasoning']),
    request: highest(tiers, ['request']),
    ...(isPriced(pricing['input_cache_read']) && { cachedPrompt: highest(tiers, ['input_cache_read']) }),
  };
  return Object.values(price).every(Number.isFinite) ? price : null;
}

/** NaN if one of the figures is none; what is not listed costs nothing of its own. */
function highest(tiers: readonly JsonRecord[], keys: readonly string[]): number {
  const figures = tiers.flatMap((tier) => keys.map((key) => tier[key])).filter(isPriced);
  return Math.max(0, ...figures.map(dollars));
}

function isPriced(figure: unknown): boolean {
  return figure !== undefined && figure !== null;
}

/** Decimal texts, as OpenRouter writes them, or numbers. NaN for all else. */
function dollars(figure: unknown): number {
  const amount = typeof figure === 'string' && /^\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(figure) ? Number(figure) : figure;
  return typeof amount === 'number' && amount >= 0 ? amount : Number.NaN;
}
