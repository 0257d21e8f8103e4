import { LIMIT_CODES } from '../domain/attempt.ts';
import { leftOutInWords } from '../domain/document.ts';
import { LEFT_OUT } from '../domain/events.ts';
import { numeral } from '../lib/text.ts';
import type { Paint, Tone } from './screen.ts';
import type { Summary } from './summary.ts';
import { costInWords, counted, elapsedInWords, usd, visible, wrapped } from './words.ts';

/** What stopped a run. Its cause, if there is one, follows as a sentence. */
function stopInWords({ stopped, stopCause }: Summary, { signal, simulated, stdoutRefused }: SummarySettings): string {
  const words = {
    account: 'Stopped: the account was refused (key, credit or quota). No further call was made.',
    model: 'Stopped: the model takes no request as things are. No further call was made.',
    budget: 'Stopped by the budget (--max-cost).',
    disk: 'Stopped: the disk or the ledger refused. No further call was made.',
    duration: 'Stopped: the time of --max-duration is over.',
    request: stdoutRefused
      ? 'Stopped, as stdout takes no more answers: its reader is gone, or its disk is full.'
      : 'Stopped, as it was asked to.',
    signal: signal === 'SIGTERM' ? 'Stopped by the signal SIGTERM.' : 'Stopped, as you asked.',
  } as const satisfies Record<NonNullable<Summary['stopped']>, string>;
  if (stopped === null) return '';
  const free =
    stopped === 'budget' && simulated ? 'The simulator is free: this is what a model of this price would cost.' : '';
  const cause = stopCause === null || /[.!?]$/.test(stopCause) ? stopCause : `${stopCause}.`;
  return [words[stopped], upperFirst(cause ?? ''), free].filter(Boolean).join(' ');
}

function upperFirst(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

interface SummarySettings {
  readonly inbox: string;
  /** Null: answers went elsewhere, and neither they nor failures are remembered. */
  readonly outbox: string | null;
  readonly failed: string;
  /** A trial: `retry` is about other runs. */
  readonly test: boolean;
  /** The answers came from the simulator: it counts what they would cost, and nothing was paid. */
  readonly simulated: boolean;
  /** Why documents without a recipe are not asked stands above already. */
  readonly toldWhy: boolean;
  /** The one that stopped the run, if one did. */
  readonly signal: 'SIGINT' | 'SIGTERM' | null;
  /** Answers went to stdout, and it takes no more. */
  readonly stdoutRefused: boolean;
  /** The closing line alone, and what stopped the run. */
  readonly quiet: boolean;
  /** Columns; Infinity: lines are not broken. */
  readonly width: number;
  readonly paint: Paint;
  /** A command of ours as a person types it here. */
  readonly hint: (command: string) => string;
}

/** A sentence, and how it is painted; null: nothing. */
type SummaryLine = readonly [text: string | null, meaning: Tone];

/** The end of a run for people: what happened, where results are, what to do about failures, what it cost, what stopped it. */
export function summaryText(summary: Summary, settings: SummarySettings): string {
  const { stopped } = summary;
  const stop = stopped === null ? null : stopInWords(summary, settings);
  const isBad = stopped === 'account' || stopped === 'model' || stopped === 'disk';
  const { width, paint } = settings;
  return [[closing(summary, settings), 'plain'] as const, ...(settings.quiet ? [] : details(summary, settings))]
    .concat([[stop, isBad ? 'failure' : 'warning']])
    .flatMap(([text, meaning]) =>
      text === null ? [] : wrapped(visible(text), width).map((line) => paint(line, meaning)),
    )
    .join('\n');
}

function closing(summary: Summary, { inbox }: SummarySettings): string {
  if (summary.documents === 0 && (summary.ignored[LEFT_OUT] ?? 0) > 0) return `No document of ${inbox} is chosen.`;
  if (summary.documents === 0) return `No document is in ${inbox}: put some there.`;
  return `${counted(summary.documents, 'document')} in ${elapsedInWords(summary.seconds)}: ${outcomes(summary)}.`;
}

function details(
  summary: Summary,
  { outbox, failed: failures, test, simulated, toldWhy, hint }: SummarySettings,
): readonly SummaryLine[] {
  const { documents, succeeded, skipped, reused, failed, failedEarlier, held, stale } = summary;
  const pending = summary.pending - summary.leftByLimit;
  const failedNow = failed - failedEarlier;
  const barred = Object.entries(summary.awaitingRecipe === 0 ? {} : summary.barredRecipes).map(([name, reason]) =>
    name === '' ? `Not asked: documents that have no recipe.${toldWhy ? '' : ` ${reason}`}` : `Not asked: ${reason}`,
  );
  const failuresAgain = test ? '' : ` (to try again: ${hint('retry')})`;
  const heldAgain = test ? '' : ` (to send it again: ${hint('retry')})`;
  return [
    [succeeded + skipped + reused === 0 || outbox === null ? null : `Results: ${outbox}`, 'plain'],
    [stale === 0 ? null : staleness(stale), 'plain'],
    [summary.leftOut.documents === 0 ? null : readInPart(summary.leftOut), 'warning'],
    [failedNow === 0 || outbox === null ? null : `Failures: ${failures}${failuresAgain}`, 'failure'],
    [
      failedEarlier === 0 ? null : `${numeral(failedEarlier)} failed earlier, not tried again (${hint('retry')})`,
      'warning',
    ],
    [held === 0 ? null : `Held for a person: the request left and no whole reply came back${heldAgain}`, 'warning'],
    [pending === 0 ? null : waiting(summary.pendingReasons, outbox), 'plain'],
    [summary.overBudget === 0 ? null : overBudget(summary.overBudget), 'warning'],
    ...barred.map((text): SummaryLine => [text, 'failure']),
    [documents === 0 ? null : spending(summary, simulated), 'plain'],
    [limits(summary), 'plain'],
    [dropped(summary), 'plain'],
    [summary.inDoubtBefore === 0 ? null : interruption(summary.inDoubtBefore), 'warning'],
    [ignored(summary), 'plain'],
  ];
}

function outcomes({ succeeded, failed, failedEarlier, skipped, reused, held, pending, leftByLimit }: Summary): string {
  const rare = [
    [failed - failedEarlier, 'failed'],
    [failedEarlier, 'failed earlier'],
    [skipped, 'skipped (done before)'],
    [reused, 'reused at no cost'],
    [held, 'held'],
    [pending - leftByLimit, 'pending'],
    [leftByLimit, 'left by --limit'],
  ] as const;
  const counts = rare.filter(([count]) => count > 0).map(([count, what]) => `${numeral(count)} ${what}`);
  const answered = succeeded > 0 || counts.length === 0 ? [`${numeral(succeeded)} answered`] : [];
  return [...answered, ...counts].join(', ');
}

function waiting(reasons: readonly string[], outbox: string | null): string {
  const why = reasons.join('; ');
  const left = outbox === null ? 'was not answered' : 'is left for the next run';
  return `What is pending ${left}${why === '' ? '.' : `: ${why}`}`;
}

function staleness(stale: number): string {
  const [were, them] = stale === 1 ? ['was', 'it'] : ['were', 'them'];
  const how = 'made with another recipe, model or parameters, or from a text that another version read';
  return `${counted(stale, 'result')} ${were} ${how}; --redo stale asks ${them} again.`;
}

function readInPart({ documents, kinds }: Summary['leftOut']): string {
  const [were, them] = documents === 1 ? ['was', 'it'] : ['were', 'them'];
  return `${counted(documents, 'document')} ${were} read in part; left out of ${them}: ${leftOutInWords(kinds)}.`;
}

function overBudget(documents: number): string {
  const its = documents === 1 ? 'its' : 'their';
  return `Not asked: ${counted(documents, 'document')}, as what may be spent with ${its} recipe (max_cost) is spent.`;
}

function interruption(calls: number): string {
  const [were, they] = calls === 1 ? ['was', 'it'] : ['were', 'they'];
  return `${counted(calls, 'call')} ${were} in flight when the program last died; ${they} may have been billed.`;
}

function spending(summary: Summary, simulated: boolean): string {
  const { attempts, retries, inDoubt, promptTokens, cachedTokens, completionTokens, budgetUsd, costFrom } = summary;
  if (attempts === 0) return 'Cost: nothing, no call was made.';

  // No call was billed, and none is in doubt.
  if (Object.keys(costFrom).length === 0) return `Cost: nothing (${counted(attempts, 'call')} without an answer).`;

  const calls = `${counted(attempts, 'call')}${retries === 0 ? '' : `, ${numeral(retries)} of them repeated`}`;
  const cached = cachedTokens === 0 ? '' : ` (${numeral(cachedTokens)} of them from a cache)`;
  const tokens = `${numeral(promptTokens)} tokens in${cached}, ${numeral(completionTokens)} out`;
  const doubt = inDoubt === 0 ? '' : ` ${counted(inDoubt, 'call')} may have been billed without an answer.`;
  const cost = simulated
    ? `nothing; a model of this price would have cost ${costInWords(summary)}`
    : costInWords(summary);
  const of = summary.costUnknownAttempts === 0 ? ' of a budget of' : ', with a budget of';
  const budget = budgetUsd === null ? '' : `${of} ${usd(budgetUsd)}`;
  return `Cost: ${cost}${budget} (${calls}; ${tokens}).${listed(summary)}${doubt}`;
}

/** What the API did not tell may not be what it bills. */
function listed({ costFrom }: Summary): string {
  const lists = Object.entries(costFrom).filter(([from]) => from.startsWith('list '));
  const priced = lists.map(([list, calls]) => `${counted(calls, 'call')} by the list of ${list.slice('list '.length)}`);
  return priced.length === 0 ? '' : ` Priced: ${priced.join(', ')}; your bill may differ.`;
}

function limits(summary: Summary): string | null {
  const met = Object.entries(summary.limits).map(
    ([code, attempts]) => `${LIMIT_CODES.get(code) ?? code} (${counted(attempts, 'call')})`,
  );
  return met.length === 0 ? null : `Limits of the API that calls ran into: ${met.join(', ')}.`;
}

function dropped(summary: Summary): string | null {
  const fields = summary.dropped.map(({ model, field, sentAs }) =>
    sentAs === undefined ? `${field} (${model})` : `${field}, sent as ${sentAs} (${model})`,
  );
  return fields.length === 0 ? null : `Left out of requests, as the API does not take it: ${fields.join('; ')}.`;
}

function ignored(summary: Summary): string | null {
  const kinds = Object.entries(summary.ignored)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} (${numeral(count)})`);
  return kinds.length === 0 ? null : `Ignored: ${kinds.join(', ')}`;
}
