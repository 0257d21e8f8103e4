import { UsageError } from '../domain/errors.ts';
import type { Options } from './options.ts';

/** Refuses options that mean nothing without another, so that none is taken and ignored. */
export function checkTogether(options: Options): void {
  if (options.truncateCharacters !== null && !options.test)
    throw new UsageError('--truncate works with --test only: a cut document must not count as done');

  if (options.limit !== null && !options.test && !options.once)
    throw new UsageError('--limit works with --test or --once only: a daemon has no first documents');
}
