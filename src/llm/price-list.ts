import { readFileSync, statSync } from 'node:fs';
import type { MatchLogic, ModelInfo, ModelPrice, Provider } from '@pydantic/genai-prices';
import { UsageError } from '../domain/errors.ts';
import type { Price } from '../domain/ports.ts';
import { errorMessage } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { Api } from './api.ts';
import { plainId } from './catalogue.ts';
import { PRESETS } from './presets.ts';
import { isLiteLlmList, listPrice, liteLlmPrices } from './price-figures.ts';

/** What the models of an API cost by a list, where the API itself does not tell. */
export interface PriceList {
  /** When it was made, UTC: `2026-09-23`. */
  readonly date: string;
  /** Null for the list in the package. */
  readonly file: string | null;
  /** By its exact id, or another id of the same model by the list's own rules; null if the list has neither. */
  price(model: string): Price | null;
}

/** The list in the package is that of `@pydantic/genai-prices`, which does not say its date: both change together. */
export const PACKAGED = { version: '0.1.8', date: '2026-09-23' } as const;

const MINUTE_MS = 60_000;

/** What a list says of a model: its prices at this hour, and at others. */
type Listed = readonly [now: ModelPrice, ...otherHours: ModelPrice[]];
type LookUp = (model: string, at: Date) => Listed | null;

/**
 * Loads the list in the package, which takes a moment, or a file of its form or of LiteLLM's. Null if the one in the
 * package does not have this API.
 *
 * @param wall milliseconds since the epoch: prices change by the day, and some by the hour
 * @throws UsageError if the file is none
 */
export async function loadPriceList(
  api: Pick<Api, 'name' | 'baseUrl'>,
  file: string | null,
  wall: () => number = Date.now,
): Promise<PriceList | null> {
  const list = file === null ? await packagedList(api) : readList(api, file);
  if (list === null) return null;
  const { date, lookUp } = list;
  const priceAt = (model: string, at: Date): Price | null => {
    const listed = lookUp(model, at) ?? lookUp(plainId(model), at);
    return listed && listPrice(listed, `list ${date}`);
  };
  // The look through all rules is too slow for each call, and prices change with a minute at the soonest.
  const known = new Map<string, Price | null>();
  let minute = 0;
  return {
    date,
    file,
    price(model) {
      const now = Math.floor(wall() / MINUTE_MS);
      if (now !== minute) known.clear();
      minute = now;
      let price = known.get(model);
      if (price === undefined) known.set(model, (price = priceAt(model, new Date(now * MINUTE_MS))));
      return price;
    },
  };
}

interface OpenList {
  readonly date: string;
  readonly lookUp: LookUp;
}

async function packagedList({ name, baseUrl }: Pick<Api, 'name' | 'baseUrl'>): Promise<OpenList | null> {
  const { findProvider } = await import('@pydantic/genai-prices');
  // Some have hosts that the list does not know.
  const usual = PRESETS.find((preset) => preset.name === name)?.baseUrl ?? baseUrl;
  const provider = findProvider({ providerApiUrl: baseUrl }) ?? findProvider({ providerApiUrl: usual });
  if (provider === undefined) return null;
  return { date: PACKAGED.date, lookUp: lookUpAt(provider, (providerId) => findProvider({ providerId })) };
}

function readList(api: Pick<Api, 'name' | 'baseUrl'>, file: string): OpenList {
  let list: unknown;
  let date: string;
  try {
    list = parseJson(readFileSync(file, 'utf8'));
    date = statSync(file).mtime.toISOString().slice(0, 'YYYY-MM-DD'.length);
  } catch (error) {
    throw new UsageError(`--price-list ${file} cannot be read: ${errorMessage(error)}`);
  }
  if (isLiteLlmList(list)) return { date, lookUp: (model) => liteLlmPrices(list, api, model) };
  if (isProviderList(list)) {
    const provider = list.find(({ api_pattern: pattern }) => serves(pattern, api.baseUrl));
    return { date, lookUp: lookUpAt(provider, (id) => list.find((one) => one.id === id)) };
  }
  throw new UsageError(
    `--price-list ${file} is no list of prices: it takes a JSON file of the form of @pydantic/genai-prices ` +
      '(data.json) or of LiteLLM (model_prices_and_context_window.json), or off.',
  );
}

function serves(pattern: string, baseUrl: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})`).test(baseUrl);
  } catch {
    return false;
  }
}

function isProviderList(list: unknown): list is readonly Provider[] {
  return (
    Array.isArray(list) &&
    list.length > 0 &&
    list.every((one) => isRecord(one) && typeof one['api_pattern'] === 'string' && Array.isArray(one['models']))
  );
}

/** Some providers sell models of others at their prices, and name those. */
function lookUpAt(provider: Provider | undefined, find: (id: string) => Provider | undefined): LookUp {
  const sellers = [provider, ...(provider?.fallback_model_providers ?? []).map(find)];
  const models = sellers.flatMap((seller) => seller?.models ?? []);
  return (model, at) => {
    const id = model.toLowerCase();
    for (const one of models) {
      try {
        if (matches(one.match, id)) return pricesOf(one, at);
      } catch {
        // A file may hold anything: what cannot be read says nothing.
      }
    }
    return null;
  };
}

/** `id` in lower case. */
function matches(rule: MatchLogic, id: string): boolean {
  if ('or' in rule) return rule.or.some((one) => matches(one, id));
  if ('and' in rule) return rule.and.every((one) => matches(one, id));
  if ('equals' in rule) return id === rule.equals.toLowerCase();
  if ('starts_with' in rule) return id.startsWith(rule.starts_with.toLowerCase());
  if ('ends_with' in rule) return id.endsWith(rule.ends_with.toLowerCase());
  if ('contains' in rule) return id.includes(rule.contains.toLowerCase());
  return 'regex' in rule && new RegExp(rule.regex).test(id);
}

/** The last that holds at this time, as in the list's library; the first holds always. */
function pricesOf({ prices }: ModelInfo, at: Date): Listed | null {
  if (!Array.isArray(prices)) return [prices];
  const now = prices.findLast(({ constraint }) => constraint === undefined || holds(constraint, at)) ?? prices[0];
  const ofHours = prices.filter(({ constraint }) => constraint !== undefined && 'start_time' in constraint);
  return now === undefined ? null : [now.prices, ...ofHours.map((hour) => hour.prices)];
}

type Constraint = NonNullable<Extract<ModelInfo['prices'], readonly unknown[]>[number]['constraint']>;

function holds(constraint: Constraint, at: Date): boolean {
  const iso = at.toISOString();
  if ('start_date' in constraint) return iso >= constraint.start_date;
  const { start_time: start, end_time: end } = constraint;
  const time = `${iso.slice('YYYY-MM-DDT'.length, -'.000Z'.length)}Z`;
  return start <= end ? start <= time && time < end : start <= time || time < end;
}
