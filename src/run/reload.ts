import { catchError, concat, concatMap, defer, EMPTY, type Observable, of, type Subject } from 'rxjs';
import type { PipelineEvent } from '../domain/events.ts';
import type { GateControl } from '../gate/gate.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Prepared } from './prepare.ts';
import type { Signal } from './stop.ts';

const UNCHANGED = 'the configuration has not changed; looking at the inbox anew';
const CHANGED = 'the configuration changed; calls in flight finish, then it goes on with the new one';

/** SIGHUP: looks at the configuration and the inbox anew. */
export class Reload {
  readonly #current: Prepared;
  readonly #prepareAgain: () => Promise<Prepared>;
  readonly #rescanNow: Subject<void>;
  #next: Prepared | null = null;

  constructor(current: Prepared, prepareAgain: () => Promise<Prepared>, rescanNow: Subject<void>) {
    this.#current = current;
    this.#prepareAgain = prepareAgain;
    this.#rescanNow = rescanNow;
  }

  /** What the next session is to run with; null where none follows. */
  get next(): Prepared | null {
    return this.#next;
  }

  /** Closes the gate where the configuration changed; only scans the inbox where it did not. */
  on(signals: Observable<Signal>, gate: Pick<GateControl, 'close'>): Observable<PipelineEvent> {
    return signals.pipe(
      concatMap((signal) => {
        if (signal === 'SIGHUP') {
          return defer(this.#prepareAgain).pipe(
            concatMap((next) => this.#goOn(next, gate)),
            catchError((error: unknown) => of(notUsed(error))),
          );
        }
        this.#next = null;
        return [];
      }),
    );
  }

  #goOn(next: Prepared, gate: Pick<GateControl, 'close'>): Observable<PipelineEvent> {
    // What another SIGHUP set going may be taken back by this one.
    const same = this.#next === null && sameConfiguration(this.#current, next);
    const act = defer(() => {
      if (same) this.#rescanNow.next();
      else {
        this.#next = next;
        gate.close('reload');
      }
      return EMPTY;
    });
    // Told first: where nothing is in flight, the session ends with the closing of the gate.
    return concat(of(noted('info', `SIGHUP: ${same ? UNCHANGED : CHANGED}`)), act);
  }
}

/** Says that it goes on as before, and why. */
export function notUsed(error: unknown): PipelineEvent {
  return noted('warn', `SIGHUP: the new configuration is not used: ${errorMessage(error)}`);
}

function noted(level: 'info' | 'warn', message: string): PipelineEvent {
  return { type: 'run-noted', level, message };
}

/** True where a run would do the same with either. Recipes are looked at while they are used, whatever the configuration. */
export function sameConfiguration(one: Prepared, other: Prepared): boolean {
  return essence(one) === essence(other);
}

function essence({ options, key }: Prepared): string {
  return JSON.stringify([options, key]);
}
