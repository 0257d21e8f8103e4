import { map, type Observable } from 'rxjs';
import { isRecord, type JsonRecord } from '../domain/json.ts';
import type { Price } from '../domain/ports.ts';
import { asAmount, asObject, asText } from './json.ts';
import type { Get } from './look.ts';
import { readPrice } from './read-price.ts';

/** What is known of a model beside its price. */
interface CatalogueModel {
  /** Tokens of prompt and answer together; null where it is not told. */
  readonly contextLength: number | null;
  /** Tokens of the longest answer; null where it is not told. */
  readonly maxCompletionTokens: number | null;
  /** As the API names it (`Claude`, `GPT`); null where it does not. */
  readonly tokenizer: string | null;
}

/** What an API tells of its models. */
export interface Catalogue {
  /** The most that tokens of the model cost under any condition; null where that cannot be told. */
  price(model: string): Price | null;
  /** Null where it is not listed. */
  model(id: string): CatalogueModel | null;
}

/** A free look at the list of models. Emits once, null where there is none that can be read; never errors. */
export function loadCatalogue(get: Get): Observable<Catalogue | null> {
  return get('/models').pipe(map(({ status, body }) => (status === 200 ? readCatalogue(body) : null)));
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
      return entry === undefined ? null : readModel(entry);
    },
  };
}

/** They choose the provider that is asked first, or cost nothing: the model stays what is listed without them. */
const UNLISTED_VARIANT = /:(?:nitro|floor|exacto|free)$/;

const FREE_VARIANT = /:free$/;
const FREE: Price = { prompt: 0, completion: 0, request: 0 };

/** An id goes before the longer name that is another entry's too. */
function byName(entries: readonly JsonRecord[]): ReadonlyMap<unknown, JsonRecord> {
  const named = (key: string) => entries.map((entry) => [entry[key], entry] as const);
  return new Map([...named('canonical_slug'), ...named('id')]);
}

function readModel(entry: JsonRecord): CatalogueModel {
  const provider = asObject(entry['top_provider']);
  return {
    contextLength: asAmount(entry['context_length']) ?? asAmount(provider['context_length']),
    maxCompletionTokens: asAmount(provider['max_completion_tokens']),
    tokenizer: asText(asObject(entry['architecture'])['tokenizer']),
  };
}
