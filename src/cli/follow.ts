import { lastValueFrom } from 'rxjs';
import { createReport } from '../report/report.ts';
import { exitCode, summarize } from '../report/summary.ts';
import { summaryText } from '../report/summary-text.ts';
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
  const tally = await lastValueFrom(report.follow(events));
  const summary = summarize(tally, Math.round(clock.now() - start) / 1000, options.maxCostUsd);
  stdout.write(
    `${options.json ? JSON.stringify(summary) : summaryText(summary, { ...options, simulated: api.name === 'simulator' })}\n`,
  );
  return exitCode(summary, tally.stopping?.signal ?? undefined);
}
