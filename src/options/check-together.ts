import { UsageError } from '../domain/errors.ts';
import type { Options } from '../domain/options.ts';
import type { Origin } from './setting.ts';

/** Refuses options that mean nothing without another, or beside it, so that none is taken and ignored. */
export function checkTogether(options: Options, given: Readonly<Partial<Record<keyof Options, Origin>>>): void {
  if (options.truncateCharacters !== null && !options.test)
    throw new UsageError('--truncate works with --test only: a cut document must not count as done');

  if (options.limit !== null && !options.test && !options.once)
    throw new UsageError('--limit works with --test or --once only: a daemon has no first documents');

  if ((options.pricePrompt === null) !== (options.priceCompletion === null))
    throw new UsageError('--price-prompt and --price-completion go together: a call costs both');

  // As flags alone: what a variable or the configuration says is meant for the runs between the trials.
  if (options.test && given.redo === 'flag')
    throw new UsageError('--redo does not work with --test: a trial asks all of its documents');

  if (options.test && given.after === 'flag' && options.after !== 'keep')
    throw new UsageError(`--after ${options.after} does not work with --test: a trial leaves documents where they are`);
}
