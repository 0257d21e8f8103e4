import { UsageError } from '../domain/errors.ts';
import { tierOf } from '../domain/models.ts';
import type { Options } from '../domain/options.ts';
import type { Price, Prices } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { didYouMean } from '../lib/text.ts';
import type { Api } from '../llm/api.ts';
import type { Catalogue } from '../llm/catalogue.ts';
import { loadPriceList, type PriceList } from '../llm/price-list.ts';
import { counted, usd } from '../report/words.ts';

export type PriceOptions = Pick<
  Options,
  'api' | 'model' | 'maxCostUsd' | 'pricePrompt' | 'priceCompletion' | 'priceList'
>;

export interface PriceSources {
  readonly api: Api;
  readonly askForCatalogue: () => Promise<Catalogue | null>;
  /** What the API has said about its models so far. */
  readonly knownCatalogue: () => Catalogue | null;
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
}

export interface FoundPrices extends Prices {
  /** For where the API tells none; null where none is needed, or wanted. */
  readonly list: PriceList | null;
}

const TOKENS_OF_PRICE = 1_000_000;

/** The price of a call that is not billed. */
const FREE: Price = { prompt: 0, completion: 0, request: 0, from: 'local' };

/**
 * What calls cost: by the flags, for any model; else by the API's list of models, as far as it is known, which is asked
 * for here only if there is a budget; else by a list of prices. A server of one's own costs nothing where none tells it.
 *
 * @throws UsageError if there is a budget, and the price of the run's model is not known; or the list cannot be read
 */
export async function findPrices(options: PriceOptions, sources: PriceSources): Promise<FoundPrices> {
  const { model, maxCostUsd, pricePrompt, priceCompletion } = options;
  const { api, askForCatalogue, knownCatalogue } = sources;
  if (pricePrompt !== null && priceCompletion !== null) {
    const perToken = { prompt: pricePrompt / TOKENS_OF_PRICE, completion: priceCompletion / TOKENS_OF_PRICE };
    const given: Price = { ...perToken, request: 0, from: 'flags' };
    return { of: () => given, list: null };
  }

  const list = await openList(options, sources);
  const asked = maxCostUsd === null ? null : await askForCatalogue();
  const prices: FoundPrices = {
    of: (id) => knownCatalogue()?.price(id) ?? asked?.price(id) ?? list?.price(id) ?? (api.free ? FREE : null),
    list,
  };
  if (maxCostUsd === null || prices.of(model) !== null) return prices;
  const { api: name } = options;
  if (asked === null && list === null)
    throw missing(`prices, and ${name} gave no list of models (GET /models): try again,`);
  const untold = list === null ? `which ${name} does not tell` : `which neither ${name} nor ${listInWords(list)} tells`;
  // A price that is missing as the name is wrong.
  const meant = api.routes ? (asked?.meant(model) ?? []) : [];
  if (meant.length > 0) throw new UsageError(`${name} has no model ${model}.${didYouMean(meant)}`);
  throw missing(`the price of ${model}, ${untold}:`);
}

/** The same where the API was asked for its models already. */
export function pricesIn(
  catalogue: Catalogue | null,
  options: PriceOptions,
  { api, clock }: { readonly api: Api; readonly clock: Pick<Clock, 'wall'> },
): Promise<FoundPrices> {
  const askForCatalogue = (): Promise<Catalogue | null> => Promise.resolve(catalogue);
  return findPrices(options, { api, askForCatalogue, knownCatalogue: () => catalogue, wall: () => clock.wall() });
}

/** The one in the package is not loaded for an API that tells its prices, or for an address that no list can know. */
function openList({ priceList }: PriceOptions, { api, wall }: PriceSources): Promise<PriceList | null> {
  const needless = priceList === null && (api.costsAreUsd || api.loopback);
  return priceList === 'off' || needless ? Promise.resolve(null) : loadPriceList(api, priceList, wall);
}

function missing(what: string): UsageError {
  return new UsageError(
    `--max-cost needs ${what} give --price-prompt and --price-completion (USD per million tokens), ` +
      'or a --price-list, or leave --max-cost away.',
  );
}

const DAY_MS = 86_400_000;
const OLD_DAYS = 90;

/** Where prices come from, in words; null where no list has a part in it. */
export function priceLine(prices: FoundPrices, model: string, nowMs: number): string | null {
  const { list } = prices;
  if (list === null) return null;
  const price = prices.of(model);
  const where = listInWords(list);
  const days = Math.floor((nowMs - Date.parse(list.date)) / DAY_MS);
  const old = days > OLD_DAYS ? ` The list is ${counted(days, 'day')} old: --price-list FILE names a newer one.` : '';
  if (price === null)
    return `Prices: ${where} does not have ${model}: a cost that the API does not tell stays unknown.${old}`;
  return price.from?.startsWith('list ') === true
    ? `Prices: ${where} (${model}: ${priceInWords(price)}). Your bill may differ.${old}`
    : null;
}

/** Of a million tokens of prompt and answer. */
function priceInWords(price: Price): string {
  const usual = inWords(tierOf(price, 0));
  const most = inWords(price);
  return usual === most ? usual : `${usual}, at most ${most}`;
}

function inWords({ prompt, completion }: Pick<Price, 'prompt' | 'completion'>): string {
  return `${usd(prompt * TOKENS_OF_PRICE)} and ${usd(completion * TOKENS_OF_PRICE)}`;
}

function listInWords({ date, file }: PriceList): string {
  const day = new Date(date).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  return `the list of ${day} in ${file ?? 'this version'}`;
}
