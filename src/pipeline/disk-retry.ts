import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  retry,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { DiskTrouble } from '../domain/errors.ts';
import type { Gate } from '../domain/ports.ts';
import type { Clock } from '../lib/clock.ts';

/** While the disk refuses, what it refused is tried again this often. */
const LOOK_AGAIN_MS = 1000;

/** Lets nothing be sent as long as the disk refuses anything that is to be filed, or looked at. */
export class DiskGuard {
  readonly #gate: Pick<Gate, 'pause' | 'resume' | 'cutting'>;
  readonly #clock: Clock;
  #refused = 0;

  constructor(gate: Pick<Gate, 'pause' | 'resume' | 'cutting'>, clock: Clock) {
    this.#gate = gate;
    this.#clock = clock;
  }

  /** Tries again until the disk does not refuse; completes empty when `end` comes before. Default: the run is cut off. */
  untilWell<T>(end: Observable<unknown> = this.#gate.cutting): MonoTypeOperatorFunction<T> {
    return (filing) => filing.pipe(catchError((error: unknown) => this.#again(filing, end, error)));
  }

  #again<T>(filing: Observable<T>, end: Observable<unknown>, refusal: unknown): Observable<T> {
    const waited = (error: unknown): Observable<unknown> => {
      if (!(error instanceof DiskTrouble)) return throwError(() => error);
      this.#gate.pause({ scope: 'disk' }, error.message);
      return timer(LOOK_AGAIN_MS, this.#clock.scheduler).pipe(takeUntil(end));
    };
    if (!(refusal instanceof DiskTrouble)) return throwError(() => refusal);
    return defer(() => {
      let refused = true;
      this.#refused += 1;
      const settled = () => {
        if (refused) this.#settled();
        refused = false;
      };
      return waited(refusal).pipe(
        concatMap(() => filing.pipe(retry({ delay: waited }))),
        tap({ next: settled, error: settled }),
        finalize(() => {
          // Cut off: what the disk refused is given up, and that it is well nobody knows.
          if (refused) this.#refused -= 1;
        }),
      );
    });
  }

  /** Looks at once, and again until the disk does not refuse; completes empty when `end` comes before. */
  look<T>(look: () => T, end: Observable<unknown>): Observable<T> {
    try {
      return of(look());
    } catch (error) {
      return this.#again(
        defer(() => of(look())),
        end,
        error,
      );
    }
  }

  /** Repeats a look until the disk does not refuse it. Emits nothing; never errors: other troubles are told elsewhere. */
  untilTold(look: () => unknown): Observable<never> {
    return defer(() => of(look())).pipe(
      this.untilWell(),
      catchError(() => EMPTY),
      ignoreElements(),
    );
  }

  #settled(): void {
    this.#refused -= 1;
    if (this.#refused === 0) this.#gate.resume({ scope: 'disk' });
  }
}
