/** How far the work was at a moment of active time. */
interface Sample {
  readonly activeMs: number;
  readonly worked: number;
}

/** The last minute of active time, in samples about a second apart; newest last. */
export interface RateWindow {
  readonly samples: readonly Sample[];
  /** When it was last looked at. */
  readonly seenMs: number;
}

const WINDOW_MS = 60_000;
const BETWEEN_SAMPLES_MS = 1_000;
/** A rate from less is no rate. */
const SHORTEST_MS = 2_000;

export function newWindow(nowMs: number): RateWindow {
  return { samples: [{ activeMs: 0, worked: 0 }], seenMs: nowMs };
}

/** The window as of now. The time since it was last looked at counts only where it was `active`: calls could be made. */
export function advance(
  { samples, seenMs }: RateWindow,
  { nowMs, worked, active }: { readonly nowMs: number; readonly worked: number; readonly active: boolean },
): RateWindow {
  const newest = samples.at(-1)?.activeMs ?? 0;
  const activeMs = newest + (active ? nowMs - seenMs : 0);
  // The newest sample moves along until it is a second away from the one before it.
  const beforeIt = samples.at(-2)?.activeMs ?? -Infinity;
  const kept = newest - beforeIt < BETWEEN_SAMPLES_MS ? samples.slice(0, -1) : samples;
  const within = kept.filter((sample) => sample.activeMs >= activeMs - WINDOW_MS);
  return { samples: [...within, { activeMs, worked }], seenMs: nowMs };
}

/** Null as long as there is too little to tell. */
export function documentsPerMinute({ samples }: RateWindow): number | null {
  const [oldest, newest] = [samples[0], samples.at(-1)];
  if (oldest === undefined || newest === undefined || newest.activeMs - oldest.activeMs < SHORTEST_MS) return null;

  return ((newest.worked - oldest.worked) / (newest.activeMs - oldest.activeMs)) * 60_000;
}
