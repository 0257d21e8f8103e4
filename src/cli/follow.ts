import { lastValueFrom, tap } from 'rxjs';
import type { Options } from '../domain/options.ts';
import { numeral } from '../lib/text.ts';
import type { Run } from '../library/run.ts';
import { createReport } from '../report/report.ts';
import { exitCode } from '../report/summary.ts';
import { summaryText } from '../report/summary-text.ts';
import { counted } from '../report/words.ts';
import type { Prepared } from '../run/prepare.ts';
import type { ProcessContext } from './command.ts';

/**
 * Reports what happens in a run, sums it up at the end, and resolves to the exit code. `opening`: what is said as soon as it
 * has begun.
 */
export async function follow(
  run: Run,
  prepared: Prepared,
  { stdout, stderr, environment, secrets, clock }: ProcessContext,
  opening = startingLines(prepared),
): Promise<number> {
  const { options, api } = prepared;
  const report = createReport({ stderr, environment, logLevel: options.logLevel, secrets, clock });
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    for (const line of [...opening, ...prepared.notes]) report.note(line);
  };
  const reported = lastValueFrom(report.present(run.events.pipe(tap(begin)), run.tally), { defaultValue: null });
  const [summary] = await Promise.all([run, reported.catch((error: unknown) => stoppedFor(error, run))]);
  stdout.write(
    `${options.json ? JSON.stringify(summary) : summaryText(summary, { ...options, simulated: api.name === 'simulator' })}\n`,
  );
  return exitCode(summary, run.tally.snapshot().stopping?.signal ?? undefined);
}

/** What cannot be reported is not gone on with. Rejects with the error. */
async function stoppedFor(error: unknown, run: Run): Promise<never> {
  await run.stop({ force: true });
  throw error;
}

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
      ? `as many calls at once as bring more answers, at most ${numeral(concurrencyMax)}`
      : `${counted(concurrency, 'call')} at once`;
  const rates = [rpm === null ? [] : [counted(rpm, 'call')], tpm === null ? [] : [counted(tpm, 'token')]].flat();
  return rates.length === 0 ? atOnce : `${atOnce}, at most ${rates.join(' and ')} a minute`;
}
