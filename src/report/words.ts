const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
/** The last moment that a date can tell. */
const LATEST_MS = 8.64e15;

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 4 });

/** `12,345`. */
export function numberInWords(value: number): string {
  return grouped.format(value);
}

/** `1 document`, `2 documents`. */
export function counted(count: number, noun: string): string {
  return `${numberInWords(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `12 s`, `3 min`, `2 h 5 min`; rounded up, so that a countdown ends at 1 s. */
export function durationInWords(seconds: number): string {
  if (seconds <= 99) return `${Math.max(0, Math.ceil(seconds))} s`;

  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${numberInWords(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** How long something took: `under 0.1 s`, `0.4 s`, `7.2 s`, and from 10 s on as `durationInWords` says it. */
export function elapsedInWords(seconds: number): string {
  if (seconds < 0.1) return 'under 0.1 s';
  return seconds < 10 ? `${seconds.toFixed(1)} s` : durationInWords(seconds);
}

/** `2026-04-01 00:00 UTC`; rounded up, so that what is to happen then has happened. `ms` since the epoch. */
export function momentInWords(ms: number): string {
  const minute = 60_000;
  const iso = new Date(Math.min(Math.ceil(ms / minute) * minute, LATEST_MS)).toISOString();
  return `${iso.slice(0, -8).replace('T', ' ')} UTC`;
}

/** What is known of the cost, and what is not: unknown is never told as 0. */
export function costInWords(cost: { readonly costUsd: number; readonly costUnknownAttempts: number }): string {
  const { costUsd, costUnknownAttempts } = cost;
  if (costUnknownAttempts === 0) return usd(costUsd);

  const known = costUsd === 0 ? '' : `${usd(costUsd)} and `;
  return `${known}unknown for ${counted(costUnknownAttempts, 'attempt')}`;
}

/** US dollars; what is too small to be told is not told as nothing. */
export function usd(value: number): string {
  return value > 0 && value < 0.0001 ? 'under $0.0001' : dollars.format(value);
}
