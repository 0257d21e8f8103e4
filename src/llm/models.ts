import type { Models } from '../domain/models.ts';
import type { Api } from './api.ts';
import type { Catalogue } from './catalogue.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** As many as a message has room for. */
const MOST_NAMED = 5;

/**
 * What the API's list of models says. It is loaded when it is first needed, once for all who wait for it, and again after
 * an hour, or a minute if nothing came; until then the last one holds. `load` never rejects; `now` is in monotonic
 * milliseconds.
 */
export function createModels(
  { routes }: Pick<Api, 'routes'>,
  load: () => Promise<Catalogue | null>,
  now: () => number = () => performance.now(),
): Models {
  const catalogue = kept(load, now);
  return {
    routes,
    reached: async () => (await catalogue()) !== null,
    facts: async (model) => (await catalogue())?.model(model) ?? null,
    taking: async (inputs) => (await catalogue())?.taking(inputs).slice(0, MOST_NAMED) ?? [],
  };
}

function kept(load: () => Promise<Catalogue | null>, now: () => number): () => Promise<Catalogue | null> {
  let last: Catalogue | null = null;
  let look: Promise<Catalogue | null> | null = null;
  let staleAt = Number.POSITIVE_INFINITY;
  const lookAgain = async (): Promise<Catalogue | null> => {
    staleAt = Number.POSITIVE_INFINITY;
    const loaded = await load();
    last = loaded ?? last;
    staleAt = now() + (loaded === null ? MINUTE_MS : HOUR_MS);
    return last;
  };
  return () => {
    if (look === null || now() >= staleAt) look = lookAgain();
    return look;
  };
}
