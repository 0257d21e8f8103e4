import { defer, map, type Observable, shareReplay, tap } from 'rxjs';
import type { Models } from '../domain/models.ts';
import type { Api } from './api.ts';
import type { Catalogue } from './catalogue.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** As many as a message has room for. */
const MOST_NAMED = 5;

/**
 * What the API's list of models tells. It is asked for when somebody wants to know, once for all who do, and anew after
 * an hour, or a minute where nothing came; what was told last holds until then. `load` emits once and never errors;
 * `now` tells monotonic milliseconds.
 */
export function createModels(
  { routes }: Pick<Api, 'routes'>,
  load: () => Observable<Catalogue | null>,
  now: () => number = () => performance.now(),
): Models {
  const catalogue = kept(load, now);
  return {
    routes,
    reached: () => catalogue.pipe(map((told) => told !== null)),
    facts: (model) => catalogue.pipe(map((told) => told?.model(model) ?? null)),
    taking: (inputs) => catalogue.pipe(map((told) => told?.taking(inputs).slice(0, MOST_NAMED) ?? [])),
  };
}

function kept(load: () => Observable<Catalogue | null>, now: () => number): Observable<Catalogue | null> {
  let last: Catalogue | null = null;
  let look: Observable<Catalogue | null> | null = null;
  let staleAt = Number.POSITIVE_INFINITY;
  const lookAgain = () => {
    staleAt = Number.POSITIVE_INFINITY;
    return load().pipe(
      tap((told) => {
        last = told ?? last;
        staleAt = now() + (told === null ? MINUTE_MS : HOUR_MS);
      }),
      map(() => last),
      shareReplay(1),
    );
  };
  return defer(() => {
    if (look === null || now() >= staleAt) look = lookAgain();
    return look;
  });
}
