import type { Options } from '../domain/options.ts';
import { counted, numberInWords } from '../report/words.ts';
import type { Prepared } from './prepare.ts';

/** What a run is about to do, a sentence each. */
export function startingLines({ options, api }: Prepared): readonly string[] {
  const { once, inbox, outbox, model, test, limit, truncateCharacters } = options;
  const target = api.name === 'simulator' ? 'the simulator' : api.baseUrl;
  const lines = [
    `${once ? 'Working off' : 'Watching'} ${inbox}; results go to ${outbox}; ${model} at ${target}, ${calls(options)}.`,
  ];
  if (api.name === 'simulator')
    lines.push('The answers come from a simulator: no model is asked, and nothing is paid.');
  if (test) {
    lines.push(
      `This is a trial: ${limit} documents, cut to ${truncateCharacters} characters; none of them counts as done.`,
    );
  }
  return lines;
}

function calls({ concurrency, concurrencyMax, rpm, tpm }: Options): string {
  const atOnce =
    concurrency === 'auto'
      ? `as many calls at once as bring more answers, at most ${numberInWords(concurrencyMax)}`
      : `${counted(concurrency, 'call')} at once`;
  const rates = [rpm === null ? [] : [counted(rpm, 'call')], tpm === null ? [] : [counted(tpm, 'token')]].flat();
  return rates.length === 0 ? atOnce : `${atOnce}, at most ${rates.join(' and ')} a minute`;
}
