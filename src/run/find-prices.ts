import { UsageError } from '../domain/errors.ts';
import type { Options } from '../domain/options.ts';
import type { Price, Prices } from '../domain/ports.ts';
import type { Catalogue } from '../llm/catalogue.ts';

type PriceOptions = Pick<Options, 'api' | 'model' | 'maxCostUsd' | 'pricePrompt' | 'priceCompletion'>;

const TOKENS_OF_PRICE = 1_000_000;

/**
 * What calls cost: what the flags say, of any model; else what the API's list of models does, as far as it is `known`. It
 * is asked for beforehand only where a budget needs it.
 *
 * @throws UsageError where there is a budget and nobody tells what the run's model costs
 */
export async function findPrices(
  options: PriceOptions,
  askForCatalogue: () => Promise<Catalogue | null>,
  known: () => Catalogue | null = () => null,
): Promise<Prices> {
  const { api, model, maxCostUsd } = options;
  const given = givenPrice(options);
  if (given !== null) return { of: () => given };
  const prices: Prices = { of: (asked) => known()?.price(asked) ?? null };
  if (maxCostUsd === null) return prices;

  const catalogue = await askForCatalogue();
  if (catalogue === null)
    throw missing(`prices, and no list of models could be had from ${api} (GET /models): try again,`);
  if (catalogue.price(model) === null) throw missing(`the price of ${model}, which ${api} does not tell:`);
  return { of: (asked) => prices.of(asked) ?? catalogue.price(asked) };
}

function missing(what: string): UsageError {
  return new UsageError(
    `--max-cost needs ${what} give --price-prompt and --price-completion (USD per million tokens), ` +
      'or leave --max-cost away.',
  );
}

function givenPrice({ pricePrompt, priceCompletion }: PriceOptions): Price | null {
  if (pricePrompt === null || priceCompletion === null) return null;
  return { prompt: pricePrompt / TOKENS_OF_PRICE, completion: priceCompletion / TOKENS_OF_PRICE, request: 0 };
}
