import { firstValueFrom, from, race, timer } from 'rxjs';
import { withoutNoise } from '../domain/attempt.ts';
import type { RunEvent } from '../domain/events.ts';
import type { Prices } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { longestCalls, mostExpensive, pricedCall } from './call-costs.ts';
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
  const { inbox, outbox, once, concurrency, concurrencyMax, rpm, tpm, maxCostUsd } = options;
  const { words, asks, inboxRecipes } = recipes.overview();
  const calls = longestCalls(asks, options);
  const models = [...new Set(calls.map(({ model }) => model))];
  const isSimulated = api.name === 'simulator';
  if (!isSimulated && models.some((model) => prices.of(model) === null))
    await firstValueFrom(race(from(askForCatalogue()), timer(PATIENCE_MS, clock.scheduler)));

  const priced = calls.map((call) => pricedCall(call, isSimulated ? FREE : prices));
  const known = priced.filter((call) => call !== null);
  const most = known.length === priced.length ? mostExpensive(known) : null;
  return {
    type: 'run-started',
    inbox,
    outbox,
    recipe: words,
    model: models.length === 1 ? models.join('') : `${models[0]} and ${models.length - 1} more`,
    api: isSimulated ? api.name : api.baseUrl,
    maxTokens: most?.maxTokens ?? Math.max(...calls.map(({ maxTokens }) => maxTokens)),
    answerUsd: most && withoutNoise(most.mostUsd),
    promptUsd: most && withoutNoise(Math.max(...known.map(({ price, surcharge }) => price.prompt * surcharge * 1e6))),
    inboxRecipes: inboxRecipes && !isSimulated,
    fees: calls.some(({ fees }) => fees) && !isSimulated,
    once,
    concurrency,
    concurrencyMax,
    rpm,
    tpm,
    maxCostUsd,
  };
}

const FREE: Prices = { of: () => ({ prompt: 0, completion: 0, request: 0 }) };
