import type { RunEvent } from '../domain/events.ts';
import { numeral } from '../lib/text.ts';
import { counted, usd } from './words.ts';

type Started = Extract<RunEvent, { type: 'run-started' }>;

/** What a run is about to do: by which recipe, by whom, how fast, and the most that one call can cost. */
export function startedInWords(started: Started): string {
  const { once, inbox, outbox, recipe, model, api } = started;
  const asked = `${recipe}: ${model} at ${api === 'simulator' ? 'the simulator' : api}, ${calls(started)}, ${costs(started)}.`;
  const results = outbox === null ? '' : ` Results go to ${outbox}.`;
  if (inbox === null) return `Asking ${asked}${results}`;
  return `${once ? 'Working off' : 'Watching'} ${inbox} with ${asked}${results}`;
}

function costs({ answerUsd, promptUsd, maxTokens, inboxRecipes, fees }: Started): string {
  if (answerUsd === null || promptUsd === null) return 'each at a price that is not known before the API tells it';
  const notes = [
    fees ? ['fees of plugins come on top'] : [],
    inboxRecipes ? ['recipes in the inbox may differ'] : [],
  ].flat();
  const but = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  if (answerUsd === 0 && promptUsd === 0) return `each free of charge${but}`;
  const prompt = promptUsd === 0 ? '' : ` and its prompt (${usd(promptUsd)} a million tokens)`;
  return `each at most ${usd(answerUsd)}${but} for an answer of ${counted(maxTokens, 'token')}${prompt}`;
}

function calls({ concurrency, concurrencyMax, rpm, tpm }: Started): string {
  const atOnce =
    concurrency === 'auto'
      ? `as many calls at once as bring more answers, at most ${numeral(concurrencyMax)}`
      : `${counted(concurrency, 'call')} at once`;
  const rates = [rpm === null ? [] : [counted(rpm, 'call')], tpm === null ? [] : [counted(tpm, 'token')]].flat();
  return rates.length === 0 ? atOnce : `${atOnce}, at most ${rates.join(' and ')} a minute`;
}
