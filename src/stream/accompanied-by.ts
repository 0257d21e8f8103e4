import { dematerialize, type MonoTypeOperatorFunction, map, materialize, merge, type Observable } from 'rxjs';

/** Lets a companion's values pass as long as the source runs: the source's end is the end, the companion's is not. */
export function accompaniedBy<T>(companion: Observable<T>): MonoTypeOperatorFunction<T> {
  return (source) =>
    merge(companion.pipe(map((value) => ({ kind: 'N' as const, value }))), source.pipe(materialize())).pipe(
      dematerialize(),
    );
}
