import { lastValueFrom, type Observable } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import { exitCode } from '../report/exit-code.ts';
import { createReport } from '../report/report.ts';
import { summarize } from '../report/summary.ts';
import { summaryText } from '../report/summary-text.ts';
import type { Prepared } from './prepare.ts';
import { startingLines } from './starting-lines.ts';
import type { Surroundings } from './surroundings.ts';

/** The one subscription of the program: tells what happens, sums it up at the end, and resolves to the exit code. */
export async function follow(
  events: Observable<PipelineEvent>,
  prepared: Prepared,
  { stdout, stderr, environment, secrets, clock }: Surroundings,
): Promise<number> {
  const { options, api } = prepared;
  const start = clock.now();
  const report = createReport({
    stderr,
    environment,
    logLevel: options.logLevel,
    secrets,
    clock,
  });
  for (const line of [...startingLines(prepared), ...prepared.notes]) report.note(line);
  const tally = await lastValueFrom(report.follow(events));
  const summary = summarize(tally, Math.round(clock.now() - start) / 1000, options.maxCostUsd);
  stdout.write(
    `${options.json ? JSON.stringify(summary) : summaryText(summary, { ...options, simulated: api.name === 'simulator' })}\n`,
  );
  return exitCode(summary, tally.stopping?.signal ?? undefined);
}
