import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { UsageError } from '../domain/errors.ts';
import { countNames } from '../inbox/scan.ts';
import { errorMessage } from '../lib/errors.ts';
import { wholeCharacters } from '../lib/text.ts';
import type { Run } from '../library/run.ts';
import { secretsOf } from '../llm/access.ts';
import { openKeyboard } from '../report/keyboard.ts';
import { isEnabled } from '../report/lines.ts';
import { createReport } from '../report/report.ts';
import { columnsOf, paintFor } from '../report/screen.ts';
import { exitCode } from '../report/summary.ts';
import { summaryText } from '../report/summary-text.ts';
import { answerLines, visibleJson } from '../report/words.ts';
import type { Prepared } from '../run/prepare.ts';
import type { ProcessContext } from './command.ts';

interface FollowSettings {
  /** How many documents there are. @default what the names in the inbox say */
  readonly total?: number | null;
  /** Writes to the same terminal, and calls `makeRoom` before it. */
  readonly answers?: { makeRoom: () => void; readonly refusal: Error | null } | null;
}

/** Starts a run when all can be reported, reports what happens, sums it up at the end, and resolves to the exit code. */
export async function follow(
  start: () => Run,
  prepared: Prepared,
  { stdin, stdout, stderr, environment, secrets, clock }: ProcessContext,
  { total = null, answers = null }: FollowSettings = {},
): Promise<number> {
  const { options, access } = prepared;
  for (const secret of secretsOf(access)) secrets.add(secret);
  const { once, test, json, inbox, limit, include, exclude } = options;
  let documents = total;
  let isOver = false;
  const logFile = options.logFile === null ? null : openLogFile(options.logFile);
  try {
    const run = start();
    const report = createReport({
      ...options,
      stderr,
      environment,
      secrets,
      clock,
      logFile,
      controls: run.controls,
      names: () => documents,
      openKeyboard: () => (stdin.isTTY ? openKeyboard() : null),
      textOf: test ? (result) => beginningOf(join(options.outbox, result)) : null,
    });
    if (answers !== null) answers.makeRoom = () => report.makeRoom();
    // Of a run that takes some of them, names alone do not say which.
    const countsNames = stderr.isTTY && total === null && limit === null && include.length + exclude.length === 0;
    if (countsNames) void countNames(inbox, () => isOver).then((names) => (documents = names));
    const reported = lastValueFrom(report.present(run.events, run.tally), { defaultValue: null });
    const [summary] = await Promise.all([run, reported.catch((error: unknown) => stoppedFor(error, run))]);
    const isTerminal = stdout.isTTY === true;
    const signal = run.tally.snapshot().stopping?.signal ?? null;
    const text = (): string =>
      summaryText(summary, {
        ...options,
        outbox: answers === null ? options.outbox : null,
        simulated: run.tally.simulated,
        signal,
        toldWhy: stderr.isTTY && isEnabled('warn', options.logLevel),
        stdoutRefused: (answers?.refusal ?? null) !== null,
        hint: prepared.hint,
        width: isTerminal ? columnsOf(stdout) : Number.POSITIVE_INFINITY,
        paint: paintFor(isTerminal, environment),
      });
    stdout.write(`${json ? visibleJson(JSON.stringify(summary)) : text()}
`);
    return exitCode(summary, { once, signal: signal ?? 'SIGINT' });
  } finally {
    isOver = true;
    if (logFile !== null) closeSync(logFile);
  }
}

/** What cannot be reported is not gone on with. Rejects with the error. */
async function stoppedFor(error: unknown, run: Run): Promise<never> {
  await run.stop({ force: true });
  throw error;
}

/** @throws UsageError if it cannot be written to */
function openLogFile(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw new UsageError(`The log file ${path} (--log-file) cannot be opened: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

/** Lines of an answer that are shown, and characters that are read for them. */
const SHOWN_LINES = 6;
const SHOWN_CHARACTERS = 600;

/** The beginning of a result, harmless to a terminal. Empty if it is gone already. */
function beginningOf(path: string): readonly string[] {
  try {
    const text = readFileSync(path, 'utf8').trim();
    const lines = answerLines(text.slice(0, wholeCharacters(text, SHOWN_CHARACTERS)), Number.POSITIVE_INFINITY);
    const isCut = lines.length > SHOWN_LINES || text.length > SHOWN_CHARACTERS;
    return [...lines.slice(0, SHOWN_LINES), ...(isCut ? ['...'] : [])];
  } catch {
    return [];
  }
}
