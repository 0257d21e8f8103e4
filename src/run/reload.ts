import { isDeepStrictEqual } from 'node:util';
import { catchError, concat, concatMap, defer, EMPTY, type Observable, of, Subject } from 'rxjs';
import type { PipelineEvent, RunEvent } from '../domain/events.ts';
import type { GateControl } from '../gate/gate.ts';
import { errorMessage } from '../lib/errors.ts';
import { accompaniedBy } from '../lib/operators.ts';
import type { Prepared } from './prepare.ts';
import type { RunSignal } from './stop.ts';

const UNCHANGED = 'the configuration has not changed; looking at the inbox again';
const RENEWED = 'there is another key: calls in flight finish, then it goes on with that';
const CHANGED = 'the configuration changed; calls in flight finish, then it goes on with the new one';

/** SIGHUP: reads the configuration again. The gate closes if it changed; else the inbox is scanned. */
export class Reload {
  readonly #current: Prepared;
  readonly #prepareAgain: () => Promise<Prepared>;
  readonly #rescan: () => void;
  readonly #renewed = new Subject<RunEvent>();
  /** What the next session is to run with; null if none follows. */
  next: Prepared | null = null;

  /** `current`: what this session runs with; `rescan` scans the inbox at once. */
  constructor(current: Prepared, prepareAgain: () => Promise<Prepared>, rescan: () => void) {
    this.#current = current;
    this.#prepareAgain = prepareAgain;
    this.#rescan = rescan;
  }

  /**
   * Reads the key again, as the account is refused: one that a program tells may have ended by itself. True if it is
   * another: the gate closes, and the next session has it. Never rejects.
   */
  async renewKey(gate: Pick<GateControl, 'close'>): Promise<boolean> {
    const read = await this.#prepareAgain().catch(() => null);
    if (read === null || this.next !== null) return false;
    const { options, access } = this.#current;
    if (!isDeepStrictEqual(read.options, options) || isDeepStrictEqual(read.access, access)) return false;
    this.next = read;
    this.#renewed.next({ type: 'run-noted', level: 'info', message: RENEWED });
    gate.close('reload');
    return true;
  }

  on(signals: Observable<RunSignal>, gate: Pick<GateControl, 'close'>): Observable<PipelineEvent> {
    return this.#onSignals(signals, gate).pipe(accompaniedBy<PipelineEvent>(this.#renewed));
  }

  #onSignals(signals: Observable<RunSignal>, gate: Pick<GateControl, 'close'>): Observable<PipelineEvent> {
    return signals.pipe(
      concatMap((signal) => {
        if (signal !== 'SIGHUP') {
          this.next = null;
          return EMPTY;
        }
        return defer(this.#prepareAgain).pipe(
          concatMap((read) => this.#goOn(read, gate)),
          catchError((error: unknown) => of(notUsed(error))),
        );
      }),
    );
  }

  #goOn(read: Prepared, gate: Pick<GateControl, 'close'>): Observable<PipelineEvent> {
    // After an earlier change the session ends in any case, also if this reading takes that change back.
    const same = this.next === null && sameConfiguration(this.#current, read);
    const act = defer(() => {
      if (same) this.#rescan();
      else {
        this.next = read;
        gate.close('reload');
      }
      return EMPTY;
    });
    // The note goes first: if nothing is in flight, the session ends when the gate closes.
    return concat(
      of<RunEvent>({ type: 'run-noted', level: 'info', message: `SIGHUP: ${same ? UNCHANGED : CHANGED}` }),
      act,
    );
  }
}

/** Says that the run goes on as before, and why. */
export function notUsed(error: unknown): RunEvent {
  const message = `SIGHUP: the new configuration is not used: ${errorMessage(error).replaceAll('\n', ' ')}`;
  return { type: 'run-noted', level: 'warn', message };
}

/** True if a run would do the same with either. Recipes are read while they are used, whatever the configuration. */
export function sameConfiguration(one: Prepared, other: Prepared): boolean {
  return JSON.stringify([one.options, one.access]) === JSON.stringify([other.options, other.access]);
}
