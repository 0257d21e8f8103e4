import type { Options } from '../domain/options.ts';
import { Pacer } from '../gate/rate-limit.ts';
import type { FileLedger } from '../ledger/open.ts';
import type { Clock } from '../lib/clock.ts';

const MINUTE_MS = 60_000;

/** The pace that `--rpm` and `--tpm` ask for, as if the runs of the last minute had been this one; null where none is. */
export function openPacer(
  { rpm, tpm }: Pick<Options, 'rpm' | 'tpm'>,
  ledger: Pick<FileLedger, 'recentCalls'>,
  clock: Pick<Clock, 'now' | 'wall'>,
): Pacer | null {
  if (rpm === null && tpm === null) return null;
  const wall = clock.wall();
  const recent = ledger.recentCalls(new Date(wall - MINUTE_MS).toISOString()).map(({ startedAt, tokens }) => ({
    // A call of the future is one of a clock that was put back: it counts as made now.
    agoMs: Math.max(0, wall - Date.parse(startedAt)),
    tokens,
  }));
  return new Pacer({ callsPerMinute: rpm, tokensPerMinute: tpm, recent, now: clock.now() });
}
