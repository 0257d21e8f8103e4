import {
  type AttemptOutcome,
  type AttemptRecord,
  type Billing,
  NOTHING_LISTENS,
  OUT_OF_REACH,
} from '../domain/attempt.ts';
import type { Options } from '../domain/options.ts';
import type { Clock } from '../lib/clock.ts';

/** Silent calls of this many documents, with no word of the API in between, are an outage ... */
const SIGNS_AT_ONCE = 5;
/** ... and those of so many if no word comes for as long as they look around, to see how other calls end. */
const SIGNS_IN_TIME = 3;
const LOOK_AROUND_MS = 1000;
/** Between two calls of an outage that are certainly not billed. */
const LONGEST_FREE_WAIT_SECONDS = 60;
/** Between two that may be: a day of them comes to a hundred calls. */
const LONGEST_WAIT_IN_DOUBT_SECONDS = 15 * 60;
/** The first wait between two that may be billed is this many times the first wait of a document. */
const FIRST_WAITS_IN_DOUBT = 16;
/** A run that ends by itself waits no longer for an API than for one that hints a wait ... */
const LONGEST_PATIENCE_MS = 15 * 60_000;
/** ... and for a server on this machine of which it never heard anything, only in case that is just being started. */
const PATIENCE_WITHOUT_SERVER_MS = 2000;

/** What is known of whether one model can be reached. Times are ms of the clock. */
interface Reach {
  /** When something of the API last came. */
  heardAt: number;
  /** When the first silent call after that ended; null if none did. */
  silentSince: number | null;
  /** How the last silent call ended. */
  lastSilence: Pick<AttemptRecord, 'code' | 'message'>;
  /** Documents whose calls were silent since, and the calls that tell by themselves. */
  readonly signs: Set<string | AttemptRecord>;
  /** When it turned out that no call comes through; null while calls do, or may. */
  outSince: number | null;
  /** Silent calls that wait to see how others end; each is told whether it is an outage. */
  readonly lookingAround: Set<(isOutage: boolean) => void>;
}

interface JudgedCall {
  readonly model: string;
  /** The id of its document. */
  readonly document: string;
  /** When it left. */
  readonly begunAt: number;
}

/**
 * Tells outages from single calls that got lost: a gateway that answers by itself, or a connection without a reply, means
 * an outage if the API answers nothing else either, or if the calls of several documents end so in a row. What ends in an
 * outage says nothing of its document, and was not billed if the API had gone silent before the call began.
 */
export class Outages {
  readonly #clock: Clock;
  /** How long an outage may last (ms) before a run that ends by itself gives up. */
  readonly #patienceMs: number;
  readonly #firstWaitInDoubtSeconds: number;
  readonly #models = new Map<string, Reach>();
  /** Whether anything of the API came, for any model. */
  #everHeard = false;

  constructor(clock: Clock, { retries, retryDelaySeconds }: Pick<Options, 'retries' | 'retryDelaySeconds'>) {
    this.#clock = clock;
    this.#firstWaitInDoubtSeconds = retryDelaySeconds * FIRST_WAITS_IN_DOUBT;
    this.#patienceMs = Math.min(retryDelaySeconds * 1000 * (2 ** retries - 1), LONGEST_PATIENCE_MS);
  }

  /** What a call came to, given how others of its model end. */
  async judge({ model, document, begunAt }: JudgedCall, outcome: AttemptOutcome): Promise<AttemptOutcome> {
    const { silence, record } = outcome;
    const reach = this.#reachOf(model);
    if (silence === undefined) {
      if (record.status !== null) this.#heard(reach);
      return outcome;
    }
    const now = this.#clock.now();
    const { outSince: knownSince } = reach;
    const since = (reach.silentSince ??= now);
    reach.lastSilence = record;
    // A document may be the cause of its own silent calls, unless they were certainly not passed on.
    if (outcome.verdict.kind === 'retry') reach.signs.add(record.billing === 'none' ? record : document);
    if (silence.everywhere || reach.signs.size >= SIGNS_AT_ONCE) this.#beginOutage(reach);
    // It never left: no more need be known.
    if (record.status === null && record.billing === 'none') return outcome;
    if (reach.outSince === null && !(await this.#lookAround(reach))) return outcome;
    const wasSilent = silence.refused
      ? begunAt >= reach.heardAt
      : silence.everywhere && knownSince !== null && begunAt >= knownSince;
    return this.#inOutage(outcome, wasSilent ? 'none' : record.billing, (now - since) / 1000);
  }

  /** Whether a run that ends by itself need try no more documents of this model. */
  isGivenUp(model: string): boolean {
    const { silentSince, outSince, lastSilence } = this.#reachOf(model);
    const isNotRunning = lastSilence.code === NOTHING_LISTENS && !this.#everHeard;
    const patienceMs = isNotRunning ? Math.min(PATIENCE_WITHOUT_SERVER_MS, this.#patienceMs) : this.#patienceMs;
    return silentSince !== null && outSince !== null && this.#clock.now() - silentSince > patienceMs;
  }

  /** Why a document of this model waits then. */
  reasonOf(model: string): string {
    return `the API is out of reach; the last call: ${this.#reachOf(model).lastSilence.message}`;
  }

  #heard(reach: Reach): void {
    reach.heardAt = this.#clock.now();
    this.#everHeard = true;
    if (reach.silentSince === null) return;
    reach.silentSince = null;
    reach.outSince = null;
    reach.signs.clear();
    this.#answerThoseThatLook(reach, false);
  }

  #beginOutage(reach: Reach): void {
    reach.outSince ??= this.#clock.now();
    this.#answerThoseThatLook(reach, true);
  }

  #answerThoseThatLook({ lookingAround }: Reach, isOutage: boolean): void {
    for (const answer of lookingAround) answer(isOutage);
  }

  #lookAround(reach: Reach): Promise<boolean> {
    const { lookingAround, signs } = reach;
    return new Promise((resolve) => {
      const told = (isOutage: boolean): void => {
        timer.unsubscribe();
        lookingAround.delete(told);
        resolve(isOutage);
      };
      const timer = this.#clock.scheduler.schedule(() => {
        if (signs.size >= SIGNS_IN_TIME) this.#beginOutage(reach);
        else told(false);
      }, LOOK_AROUND_MS);
      lookingAround.add(told);
    });
  }

  /** All calls to the model wait then, as long again as the outage has lasted. */
  #inOutage(outcome: AttemptOutcome, billing: Billing, lastedSeconds: number): AttemptOutcome {
    const { record, verdict } = outcome;
    const wait =
      billing === 'none'
        ? Math.min(Math.max(lastedSeconds, 1), LONGEST_FREE_WAIT_SECONDS)
        : Math.min(Math.max(lastedSeconds, this.#firstWaitInDoubtSeconds), LONGEST_WAIT_IN_DOUBT_SECONDS);
    const hintSeconds = Math.max(wait, verdict.kind === 'retry' ? (verdict.hintSeconds ?? 0) : 0);
    const message = `The API is out of reach, no call comes through. The last: ${record.message}`;
    return {
      ...outcome,
      record: { ...record, code: OUT_OF_REACH, message, billing, verdict: 'retry', counts: true },
      verdict: { kind: 'retry', cools: 'model', hintSeconds, counts: true },
    };
  }

  #reachOf(model: string): Reach {
    let reach = this.#models.get(model);
    if (reach === undefined) {
      const heardAt = Number.NEGATIVE_INFINITY;
      reach = {
        heardAt,
        silentSince: null,
        lastSilence: { code: '', message: '' },
        signs: new Set(),
        outSince: null,
        lookingAround: new Set(),
      };
      this.#models.set(model, reach);
    }
    return reach;
  }
}
