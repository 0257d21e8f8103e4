/** The first letter tells the unit, but for milliseconds. */
const PART = /(\d+(?:\.\d+)?)\s*(ms|milli|[dhms])/gi;

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, milli: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds of a duration as APIs write it: `6m0s`, `250ms`, `1.5 seconds`. Null where the text holds none. */
export function durationSeconds(text: string): number | null {
  const parts = [...text.matchAll(PART)].map(
    ([, count, unit = '']) => Number(count) * (UNIT_SECONDS[unit.toLowerCase()] ?? 0),
  );
  const seconds = parts.reduce((sum, part) => sum + part, 0);
  return parts.length > 0 && Number.isFinite(seconds) ? seconds : null;
}
