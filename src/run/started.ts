import { firstValueFrom, from, race, timer } from 'rxjs';
import type { RunEvent } from '../domain/events.ts';
import type { Prices } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';
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
  const { words, asks } = recipes.overview();
  const asked = asks.length === 0 ? [{ model: options.model, maxTokens: null }] : asks;
  const models = [...new Set(asked.map(({ model }) => model))];
  const isSimulated = api.name === 'simulator';
  if (!isSimulated && models.some((model) => prices.of(model) === null))
    await firstValueFrom(race(from(askForCatalogue()), timer(PATIENCE_MS, clock.scheduler)));

  const calls = asked.map(({ model, maxTokens }) => ({
    price: isSimulated ? FREE : prices.of(model),
    maxTokens: maxTokens ?? options.maxTokens,
  }));
  const priced = calls.flatMap(({ price, maxTokens }) => (price === null ? [] : [{ ...price, maxTokens }]));
  const isKnown = priced.length === calls.length;
  return {
    type: 'run-started',
    inbox,
    outbox,
    recipe: words,
    model: models.length === 1 ? models.join('') : `${models[0]} and ${models.length - 1} more`,
    api: isSimulated ? api.name : api.baseUrl,
    maxTokens: Math.max(...calls.map(({ maxTokens }) => maxTokens)),
    answerUsd: isKnown ? Math.max(...priced.map((call) => call.request + call.completion * call.maxTokens)) : null,
    promptUsd: isKnown ? Math.max(...priced.map(({ prompt }) => prompt * 1e6)) : null,
    once,
    concurrency,
    concurrencyMax,
    rpm,
    tpm,
  };
}

const FREE = { prompt: 0, completion: 0, request: 0 };
