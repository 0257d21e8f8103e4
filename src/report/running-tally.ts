import { type AttemptRecord, LIMIT_CODES } from '../domain/attempt.ts';
import { withLeftOut } from '../domain/document.ts';
import { type DocumentEvent, type Pause, type PipelineEvent, RUN_ENDED } from '../domain/events.ts';
import type { Clock } from '../lib/clock.ts';
import { type DocumentPhase, emptyTally, type Stopping, type Tally } from './tally.ts';

type Counters = { -readonly [Field in keyof Tally]: Tally[Field] };

/** A document that is not done, as of the last event about it. */
interface TalliedDocument {
  phase: DocumentPhase;
  bytes: number;
  /** When its last call began, by the run's clock. */
  sinceMs: number;
  /** Why it waits. */
  reason: string;
  /** It counts in `failedEarlier`. */
  earlier: boolean;
}

/** Phases in which a document is work of this run. */
const OPEN: ReadonlySet<DocumentPhase> = new Set(['queued', 'running', 'filing', 'waiting']);

/** Phases that the work on a document ends with. */
const ENDED: ReadonlySet<DocumentPhase> = new Set(['succeeded', 'failed', 'held']);

/** Phases after which nothing more happens to a document, so that it need not be remembered. */
const FINAL: ReadonlySet<DocumentPhase> = new Set(['succeeded', 'reused', 'skipped', 'gone', 'leftByLimit']);

/**
 * Counts events as they come. Remembers only the documents that are not done. Events come by the hundred thousand, so the
 * counters are changed in place, and copied only for a snapshot.
 */
export class RunningTally {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #counters: Counters = { ...emptyTally };
  readonly #documents = new Map<string, TalliedDocument>();
  /** How many documents wait for a recipe, by what is wrong with it. */
  readonly #awaiting = new Map<string, number>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** As in `Tally`. */
  get simulated(): boolean {
    return this.#counters.simulated;
  }

  /** As of now; later events do not change it. */
  snapshot(): Tally {
    // A recipe that was mended has no documents that wait for it.
    const barred = Object.entries(this.#counters.barredRecipes).filter(([, reason]) => this.#awaiting.has(reason));
    return Object.freeze({ ...this.#counters, barredRecipes: Object.fromEntries(barred) });
  }

  count(event: PipelineEvent): void {
    if ('id' in event) {
      const phase = countDocument(this.#counters, event);
      if (phase !== null) this.#move(event, phase);
    } else noteRun(this.#counters, event, this.#clock);
  }

  /** The documents in a phase. Looks at all that are known: for a person who asks. */
  *documentsIn(phase: DocumentPhase): Generator<TalliedDocument & { readonly id: string }> {
    for (const [id, document] of this.#documents) if (document.phase === phase) yield { id, ...document };
  }

  #move(event: DocumentEvent, to: DocumentPhase): void {
    const { id } = event;
    const counters = this.#counters;
    let document = this.#documents.get(id);
    counters[to] += 1;
    if (document === undefined) {
      if (FINAL.has(to)) return;
      document = { phase: to, bytes: 0, sinceMs: 0, reason: '', earlier: false };
      this.#documents.set(id, document);
    } else {
      counters[document.phase] -= 1;
      if (document.phase === 'awaitingRecipe') this.#await(document.reason, -1);
      if (OPEN.has(document.phase)) counters.openBytes -= document.bytes;
      if (document.phase === 'filing' && ENDED.has(to)) {
        counters.asked += 1;
        counters.askedBytes += document.bytes;
      }
      if (document.earlier) counters.failedEarlier -= 1;
      document.phase = to;
    }
    document.earlier = event.type === 'document-failed' && event.earlier;
    if (event.type === 'document-queued') document.bytes = event.bytes;
    else if (to === 'running') document.sinceMs = this.#clock.now();
    else if (to === 'waiting' || to === 'awaitingRecipe') document.reason = reasonToWait(event);
    if (to === 'awaitingRecipe') this.#await(document.reason, 1);
    if (OPEN.has(to)) counters.openBytes += document.bytes;
    if (FINAL.has(to)) this.#documents.delete(id);
  }

  #await(reason: string, more: 1 | -1): void {
    const count = (this.#awaiting.get(reason) ?? 0) + more;
    if (count === 0) this.#awaiting.delete(reason);
    else this.#awaiting.set(reason, count);
  }
}

function reasonToWait(event: DocumentEvent): string {
  if (event.type === 'attempt-finished') return event.attempt.message;
  return event.type === 'document-waiting' || event.type === 'document-pending' ? event.reason : '';
}

/** Counts what the event says; returns the phase of its document after it, or null if that does not change. */
function countDocument(tally: Counters, event: DocumentEvent): DocumentPhase | null {
  switch (event.type) {
    case 'document-queued':
      return 'queued';
    case 'document-waiting':
      return 'waiting';
    case 'attempt-started':
      tally.attempts += 1;
      tally.retries += event.repeated ? 1 : 0;
      return 'running';
    case 'attempt-finished':
      countAttempt(tally, event.attempt);
      return event.retryInSeconds === null ? 'filing' : 'waiting';
    case 'attempt-interrupted':
      tally.inDoubtBefore += 1;
      return null;
    case 'document-succeeded':
      tally.worked += 1;
      return 'succeeded';
    case 'document-reused':
      tally.worked += 1;
      return 'reused';
    case 'document-held':
      tally.worked += event.earlier ? 0 : 1;
      return 'held';
    case 'document-failed':
      tally.worked += event.earlier ? 0 : 1;
      tally.failedEarlier += event.earlier ? 1 : 0;
      return 'failed';
    case 'document-skipped':
      tally.stale += event.stale ? 1 : 0;
      return 'skipped';
    case 'document-pending':
      if (event.cause === undefined) notePending(tally, event.reason);
      return event.cause === undefined ? 'pending' : PENDING_FOR[event.cause];
    case 'document-reopened':
      return 'pending';
    case 'document-gone':
      return 'gone';
    case 'document-read-in-part':
      tally.leftOut = withLeftOut(tally.leftOut, event.leftOut);
      return null;
    case 'document-departed':
    case 'document-noted':
      return null;
  }
}

const PENDING_FOR = { budget: 'overBudget', recipe: 'awaitingRecipe', limit: 'leftByLimit' } as const;

/** More are not told. */
const MOST_REASONS = 3;

function notePending(tally: Counters, reason: string): void {
  const { pendingReasons: known } = tally;
  if (reason !== RUN_ENDED && known.length < MOST_REASONS && !known.includes(reason))
    tally.pendingReasons = [...known, reason];
}

function countAttempt(tally: Counters, attempt: AttemptRecord): void {
  const { code, billing, costUsd, costFrom, promptTokens, cachedTokens, completionTokens } = attempt;
  if (LIMIT_CODES.has(code)) tally.limits = { ...tally.limits, [code]: (tally.limits[code] ?? 0) + 1 };
  tally.inDoubt += billing === 'in doubt' ? 1 : 0;
  tally.promptTokens += promptTokens ?? 0;
  tally.cachedTokens += cachedTokens ?? 0;
  tally.completionTokens += completionTokens ?? 0;
  tally.costUsd += costUsd ?? 0;
  if (billing === 'none') return;
  tally.costUnknownAttempts += costUsd === null ? 1 : 0;
  const from = costFrom ?? 'unknown';
  tally.costFrom = { ...tally.costFrom, [from]: (tally.costFrom[from] ?? 0) + 1 };
}

function noteRun(tally: Counters, event: Exclude<PipelineEvent, DocumentEvent>, clock: Pick<Clock, 'now'>): void {
  switch (event.type) {
    case 'scan-finished':
      tally.listed = true;
      tally.ignored = event.ignored;
      // After a reload the run goes on with a scan.
      tally.stopping = tally.stopping?.reason === 'reload' ? null : tally.stopping;
      break;
    case 'inbox-lost':
      tally.inboxLost = event.reason;
      break;
    case 'inbox-found':
      tally.inboxLost = null;
      break;
    case 'recipe-barred':
      tally.barredRecipes = { ...tally.barredRecipes, [event.name]: event.reason };
      break;
    case 'run-stopping':
      noteStop(tally, event);
      break;
    case 'run-noted':
      if (event.dropped !== undefined) tally.dropped = [...tally.dropped, ...event.dropped];
      break;
    case 'run-started':
      tally.budgetUsd = event.maxCostUsd;
      tally.simulated = event.api === 'simulator';
      break;
    case 'watcher-degraded':
      break;
    case 'gate-cooling': {
      const { seconds, reason, limit } = event;
      const untilMs = clock.now() + seconds * 1000;
      if (tally.cooling === null || tally.cooling.untilMs <= untilMs) tally.cooling = { untilMs, reason, limit };
      break;
    }
    case 'gate-limited':
      tally.limited = { ...tally.limited, [event.model]: event.calls };
      break;
    case 'gate-paced':
      tally.paced = without(tally.paced, event.model);
      if (event.callsPerMinute !== null) tally.paced = { ...tally.paced, [event.model]: event.callsPerMinute };
      break;
    case 'gate-probing':
      tally.probing = { ...tally.probing, [event.model]: event.reason };
      break;
    case 'gate-recovered':
      tally.probing = without(tally.probing, event.model);
      break;
    case 'gate-paused':
      tally.paused = { ...tally.paused, [pauseName(event)]: { reason: event.reason, until: event.until } };
      break;
    case 'gate-resumed':
      tally.paused = without(tally.paused, pauseName(event));
      break;
  }
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  const { [name]: _, ...others } = record;
  return others;
}

/** The first reason stays, unless it is a reload: after that the run goes on, with a new gate and new recipes. */
function noteStop(tally: Counters, event: Stopping): void {
  if (tally.stopping === null || tally.stopping.reason === 'reload') tally.stopping = event;

  if (event.reason !== 'reload') return;
  const { paused, cooling, limited, paced, probing, barredRecipes } = emptyTally;
  Object.assign(tally, { paused, cooling, limited, paced, probing, barredRecipes });
}

function pauseName(pause: Pause): string {
  return pause.scope === 'model' ? `model ${pause.model}` : pause.scope;
}
