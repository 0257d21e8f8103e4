import { firstValueFrom, from, race, timer } from 'rxjs';
import type { RunEvent } from '../domain/events.ts';
import { worstCostUsd } from '../domain/models.ts';
import type { Prices } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { asAmount, asObject } from '../lib/json.ts';
import { modelsAsked } from '../llm/request/body.ts';
import { surchargeOf } from '../llm/request/size.ts';
import type { Prepared } from './prepare.ts';

interface StartSettings {
  readonly prices: Prices;
  readonly askForCatalogue: () => Promise<unknown>;
  readonly clock: Clock;
}

/** How long the start waits for the API's list of models, which tells what calls cost. */
const PATIENCE_MS = 2000;

/** What a run tells first: what it asks, of whom, and the most that one call can cost, as far as prices are known. */
export async function runStarted(
  { options, api, recipes }: Pick<Prepared, 'options' | 'api' | 'recipes'>,
  { prices, askForCatalogue, clock }: StartSettings,
): Promise<RunEvent> {
  const { inbox, outbox, once, concurrency, concurrencyMax, rpm, tpm } = options;
  const { words, asks, inboxRecipes } = recipes.overview();
  const asked = asks.flatMap(({ model: first, fields, onLength, pdf, ...recipe }) => {
    // A cut answer is asked for once more, twice as long; some models count what they think beside the answer.
    const answer = (recipe.maxTokens ?? options.maxTokens) * (onLength === 'retry' ? 2 : 1);
    const thought = asAmount(asObject(fields['reasoning'])['max_tokens']) ?? 0;
    const [maxTokens, surcharge] = [Math.max(answer, thought), surchargeOf(fields)];
    const fees = pdf === 'mistral-ocr' || PAID_FIELDS.some((field) => field in fields);
    return modelsAsked({ model: first, fields }).map((model) => ({ model, fees, maxTokens, surcharge }));
  });
  if (asked.length === 0) asked.push({ model: options.model, fees: false, maxTokens: options.maxTokens, surcharge: 1 });
  const models = [...new Set(asked.map(({ model }) => model))];
  const isSimulated = api.name === 'simulator';
  if (!isSimulated && models.some((model) => prices.of(model) === null))
    await firstValueFrom(race(from(askForCatalogue()), timer(PATIENCE_MS, clock.scheduler)));

  const most = asked.map(({ model, maxTokens, surcharge }) => {
    const price = isSimulated ? FREE : prices.of(model);
    const answerUsd = price && worstCostUsd(price, { promptTokensAtMost: 0, maxTokens, feesUsdAtMost: 0, surcharge });
    return price === null || answerUsd === null ? null : { answerUsd, promptUsd: price.prompt * surcharge * 1e6 };
  });
  const known = most.filter((call) => call !== null);
  const isKnown = known.length === most.length;
  return {
    type: 'run-started',
    inbox,
    outbox,
    recipe: words,
    model: models.length === 1 ? models.join('') : `${models[0]} and ${models.length - 1} more`,
    api: isSimulated ? api.name : api.baseUrl,
    maxTokens: Math.max(...asked.map(({ maxTokens }) => maxTokens)),
    answerUsd: isKnown ? Math.max(...known.map(({ answerUsd }) => answerUsd)) : null,
    promptUsd: isKnown ? Math.max(...known.map(({ promptUsd }) => promptUsd)) : null,
    inboxRecipes: inboxRecipes && !isSimulated,
    fees: asked.some(({ fees }) => fees) && !isSimulated,
    once,
    concurrency,
    concurrencyMax,
    rpm,
    tpm,
  };
}

/** What plugins and searches cost is not told before the call. */
const PAID_FIELDS = ['plugins', 'web_search_options', 'tools'];

const FREE = { prompt: 0, completion: 0, request: 0 };
