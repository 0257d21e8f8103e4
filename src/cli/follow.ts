import { lastValueFrom } from 'rxjs';
import type { Options } from '../domain/options.ts';
import { numeral } from '../lib/text.ts';
import { createReport } from '../report/report.ts';
import { exitCode, summarize } from '../report/summary.ts';
import { summaryText } from '../report/summary-text.ts';
import { counted } from '../report/words.ts';
import { closedAfter } from '../run/closing.ts';
import type { Prepared } from '../run/prepare.ts';
import type { OpenRun } from '../run/session.ts';
import type { ProcessContext } from './command.ts';

/**
 * The one subscription of the program: reports what happens in a run, sums it up at the end, closes the run, and
 * resolves to the exit code.
 */
export function follow(run: OpenRun, prepared: Prepared, context: ProcessContext): Promise<number> {
  return closedAfter(followOpen(run, prepared, context), () => run.close());
}

async function followOpen(
  { events }: OpenRun,
  prepared: Prepared,
  { stdout, stderr, environment, secrets, clock }: ProcessContext,
): Promise<number> {
  const { options, api } = prepared;
  const start = clock.now();
  const report = createReport({ stderr, environment, logLevel: options.logLevel, secrets, clock });
  for (const line of [...startingLines(prepared), ...prepared.notes]) report.note(line);
  const tally = await lastValueFrom(report.follow(events));
  const summary = summarize(tally, Math.round(clock.now() - start) / 1000, options.maxCostUsd);
  stdout.write(
    `${options.json ? JSON.stringify(summary) : summaryText(summary, { ...options, simulated: api.name === 'simulator' })}\n`,
  );
  return exitCode(summary, tally.stopping?.signal ?? undefined);
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
      `This is a trial: ${limit} documents, of all folders and types. Text is cut to ${truncateCharacters} characters, all else is sent whole; none of them counts as done.`,
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
