import { map, type Observable } from 'rxjs';
import type { ModelFacts } from '../domain/models.ts';
import type { Price } from '../domain/ports.ts';
import type { Modality } from '../domain/request.ts';
import { isRecord, type JsonRecord } from '../lib/json.ts';
import { asAmount, asArray, asObject, asText } from './json.ts';
import type { Get } from './look-up.ts';
import { readPrice } from './read-price.ts';

/** What an API tells of its models. */
export interface Catalogue {
  /** The most that tokens of the model cost under any condition; null where that cannot be told. */
  price(model: string): Price | null;
  /** Null where it is not listed. */
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

/** A free look at the list of models. Emits once, null where it failed, and another one may not; never errors. */
export function loadCatalogue(get: Get): Observable<Catalogue | null> {
  return get('/models').pipe(
    map(({ status, body }) => {
      if (isPassing(status)) return null;
      return (status === 200 ? readCatalogue(body) : null) ?? TELLS_NOTHING;
    }),
  );
}

/** No reply came, or one of trouble that ends by itself. */
function isPassing(status: number | null): boolean {
  return status === null || status === 408 || status === 429 || (status >= 500 && status !== 501);
}

/** The catalogue in the body of `GET /models`; null where that is no list of models. */
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

/** What of its inputs is known here; null where it tells none. */
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
