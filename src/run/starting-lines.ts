import type { Prepared } from './prepare.ts';

/** What a run is about to do, a sentence each. */
export function startingLines({ options, api }: Prepared): readonly string[] {
  const { once, inbox, outbox, model, concurrency, test, limit, truncateCharacters } = options;
  const target = api.name === 'simulator' ? 'the simulator' : api.baseUrl;
  const lines = [
    `${once ? 'Working off' : 'Watching'} ${inbox}; results go to ${outbox}; ${model} at ${target}, ${concurrency} ${concurrency === 1 ? 'call' : 'calls'} at once.`,
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
