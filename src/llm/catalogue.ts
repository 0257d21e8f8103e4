import type { ModelFacts, Models, Takes } from '../domain/models.ts';
import type { Price } from '../domain/ports.ts';
import type { Modality } from '../domain/request.ts';
import { asAmount, asArray, asObject, asText, isRecord, type JsonRecord } from '../lib/json.ts';
import { nearestOf } from '../lib/text.ts';
import { type Get, loadedContexts } from './contexts.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** What a server has loaded changes, and is asked on this machine. */
const LOADED_MS = 10_000;

/** As many as a message has room for. */
const MOST_NAMED = 5;

/**
 * What the API's list of models says. It is loaded when it is first needed, once for all who wait, and again after an
 * hour, or a minute if nothing came: then the last one holds. `load` never rejects; `now` is in monotonic milliseconds.
 */
export function createModels(
  api: Takes,
  load: () => Promise<Catalogue | null>,
  now: () => number = () => performance.now(),
): Models {
  let last: Catalogue | null = null;
  let loading: Promise<Catalogue | null> | null = null;
  let staleAt = Number.POSITIVE_INFINITY;
  const loadAgain = async (): Promise<Catalogue | null> => {
    staleAt = Number.POSITIVE_INFINITY;
    const loaded = await load();
    last = loaded ?? last;
    const keptMs = api.context === null || api.context === 'models' ? HOUR_MS : LOADED_MS;
    staleAt = now() + (loaded === null ? MINUTE_MS : keptMs);
    return last;
  };
  const catalogue = (): Promise<Catalogue | null> => {
    if (loading === null || now() >= staleAt) loading = loadAgain();
    return loading;
  };
  return {
    ...api,
    isLimited: () => false,
    reached: async () => (await catalogue()) !== null,
    facts: async (model) => (await catalogue())?.model(model) ?? null,
    misnamed: (model) => (api.routes ? (last?.meant(model) ?? []) : []),
    meant: async (model) => (await catalogue())?.meant(model) ?? [],
    taking: async (inputs) => (await catalogue())?.taking(inputs).slice(0, MOST_NAMED) ?? [],
  };
}

/** What an API says of its models. */
export interface Catalogue {
  /** The most that tokens of the model cost under any condition; null if that is not known. */
  price(model: string): Price | null;
  /** Null if it is not listed. */
  model(id: string): ModelFacts | null;
  /** Ids that an unlisted one was probably meant to be, the likeliest first. */
  meant(id: string): readonly string[];
  /** All that are listed, in the API's order. */
  models(): readonly ListedModel[];
  /** Ids of models that take all of these and answer with text: the cheapest prompts first, what is free last. */
  taking(inputs: readonly Modality[]): readonly string[];
}

interface ListedModel extends ModelFacts {
  readonly id: string;
  /** Null if it is not told. */
  readonly price: Price | null;
}

/** Variants that choose the provider that is asked first, or cost nothing: the model is listed without them. */
const UNLISTED_VARIANT = /:(?:nitro|floor|exacto|free)$/;

const FREE_VARIANT = /:free$/;
const FREE: Price = { prompt: 0, completion: 0, request: 0 };

const MODALITIES: readonly Modality[] = ['text', 'image', 'audio', 'file'];

/** Of an API that has no list of models. */
export const TELLS_NOTHING: Catalogue = {
  price: () => null,
  model: () => null,
  meant: () => [],
  models: () => [],
  taking: () => [],
};

/** Asks for the list of models, free of charge: null if that failed, and may work later. Never rejects. */
export async function loadCatalogue(get: Get, context: Takes['context']): Promise<Catalogue | null> {
  const { status, body } = await get('/models');
  // No reply came, or a failure that ends by itself.
  if (status === null || status === 408 || status === 429 || (status >= 500 && status !== 501)) return null;
  const catalogue = (status === 200 ? readCatalogue(body) : null) ?? TELLS_NOTHING;
  const loaded = await loadedContexts(get, context);
  if (loaded === null) return catalogue;
  const factsOf = (id: string): ModelFacts | null => {
    const contextTokens = loaded(id);
    const facts = catalogue.model(id);
    return contextTokens === null ? facts : { ...(facts ?? UNKNOWN_FACTS), contextTokens };
  };
  return { ...catalogue, model: factsOf };
}

/** The list in the body of `GET /models`: in `data`, or the body itself; null if there is none. */
function listOf(body: unknown): readonly unknown[] | null {
  const list = Array.isArray(body) ? body : asObject(body)['data'];
  return Array.isArray(list) ? list : null;
}

/** The catalogue in the body of `GET /models`; null if that is no list of models. */
export function readCatalogue(body: unknown): Catalogue | null {
  const list = listOf(body);
  if (list === null) return null;
  const entries = list.filter(isRecord);
  const named = (key: string) =>
    entries.flatMap((entry) => {
      const name = asText(entry[key]);
      return name === null ? [] : [[plainId(name), entry] as const];
    });
  // An id goes before the longer name that is another entry's too.
  const byName = new Map([...named('canonical_slug'), ...named('id')]);
  const entryOf = (model: string) => {
    const id = plainId(model);
    return byName.get(id) ?? byName.get(id.replace(UNLISTED_VARIANT, ''));
  };
  return {
    price(model) {
      const price = readPrice(entryOf(model)?.['pricing']);
      return price !== null && FREE_VARIANT.test(model) ? FREE : price;
    },
    model(id) {
      const entry = entryOf(id);
      return entry === undefined ? null : readFacts(entry);
    },
    meant: (id) => {
      if (isNeverListed(id) || entryOf(id) !== undefined || entryOf(withoutVariant(id)) !== undefined) return [];
      return namesLike(
        id,
        entries.flatMap((entry) => asText(entry['id']) ?? []),
      );
    },
    models: () =>
      entries.flatMap((entry) => {
        const id = asText(entry['id']);
        return id === null ? [] : [{ id, price: readPrice(entry['pricing']), ...readFacts(entry) }];
      }),
    taking: (inputs) => byPrice(entries.filter((entry) => takes(entry, inputs))),
  };
}

/** As many as a message has room for. */
const MOST_MEANT = 3;

/** Aliases (`~author/x-latest`) and presets (`@preset/x`). */
export function isNeverListed(id: string): boolean {
  return /^[~@]/.test(id);
}

/** Gemini lists `models/x`, and is asked for that or for `x`. */
export function plainId(id: string): string {
  return id.replace(/^models\//, '');
}

/** Without `:nitro`, `:online`, and the tags of Ollama. */
export function withoutVariant(id: string): string {
  return id.replace(/:[^:/]*$/, '');
}

/** The listed ids that an unlisted model was probably meant to be, the likeliest first. */
function namesLike(model: string, ids: readonly string[]): readonly string[] {
  const asked = withoutVariant(plainId(model));
  if (asked.includes('/')) return nearestOf(asked, ids.map(plainId), MOST_MEANT);
  // Who makes the model may have been left out, and the tag.
  const names = new Map(ids.map(plainId).map((id) => [withoutVariant(id.slice(id.indexOf('/') + 1)), id]));
  return nearestOf(asked, [...names.keys()], MOST_MEANT).flatMap((name) => names.get(name) ?? []);
}

function readFacts(entry: JsonRecord): ModelFacts {
  const provider = asObject(entry['top_provider']);
  const supported = Array.isArray(entry['supported_parameters']) ? entry['supported_parameters'] : null;
  return {
    contextTokens: asAmount(entry['context_length']) ?? asAmount(provider['context_length']) ?? otherContext(entry),
    maxCompletionTokens: asAmount(provider['max_completion_tokens']) ?? asAmount(entry['max_completion_tokens']),
    inputs: readInputs(entry),
    structuredOutputs: supported?.includes('structured_outputs') ?? null,
    reasoning: supported?.includes('reasoning') ?? null,
  };
}

/** Of a model of which nothing is told. */
export const UNKNOWN_FACTS: ModelFacts = readFacts({});

/** As Groq, Mistral, vLLM and llama.cpp name it. What a model was trained with is not what it is loaded with. */
function otherContext(entry: JsonRecord): number | null {
  const { context_window: window, max_context_length: longest, max_model_len: most, meta } = entry;
  return asAmount(window) ?? asAmount(longest) ?? asAmount(most) ?? asAmount(asObject(meta)['n_ctx']);
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
      return id === null || price === null ? [] : { id, prompt: price.prompt || Number.MAX_VALUE };
    })
    .toSorted((one, other) => one.prompt - other.prompt)
    .map(({ id }) => id);
}

/**
 * The highest price in an entry's `pricing`: over its conditional overrides, of reasoning if that costs more than the
 * answer, and without its discount, which may be taken off already. Null if prompt or answer have none, or a figure is
 * none (`-1`: it depends on the call).
 */
export function readPrice(pricing: unknown): Price | null {
  const { prompt, completion, input_cache_read: cached, overrides } = asObject(pricing);
  if (prompt == null || completion == null) return null;
  const tiers = [asObject(pricing), ...asArray(overrides).map(asObject)];
  /** NaN if one of the figures is none; 0 if none is listed. */
  const highest = (...keys: readonly string[]): number =>
    Math.max(0, ...tiers.flatMap((tier) => keys.map((key) => tier[key] ?? 0)).map(dollars));
  const price = {
    prompt: highest('prompt'),
    completion: highest('completion', 'internal_reasoning'),
    request: highest('request'),
    ...(cached != null && { cachedPrompt: highest('input_cache_read') }),
  };
  return Object.values(price).every(Number.isFinite) ? price : null;
}

/** Decimal texts, as OpenRouter writes them, or numbers. NaN for all else. */
function dollars(figure: unknown): number {
  const amount = typeof figure === 'string' && /^\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(figure) ? Number(figure) : figure;
  return typeof amount === 'number' && amount >= 0 ? amount : Number.NaN;
}
