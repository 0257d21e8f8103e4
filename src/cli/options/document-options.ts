import { IN_DOUBT, REDO } from '../../domain/options.ts';
import { bytes, oneOf, onOrOff, wholeNumber } from '../../options/value-kind.ts';
import type { OptionTable } from './option-row.ts';

/** Which documents are asked. */
export const documentOptions = {
  once: {
    flag: 'once',
    kind: onOrOff,
    default: false,
    group: 'Which documents',
    help: 'Works off what is in the inbox at start, with retries, and ends',
  },
  redo: {
    flag: 'redo',
    kind: oneOf('WHICH', REDO),
    default: 'changed',
    group: 'Which documents',
    help: 'Which documents that have a result are asked again: never, changed (their bytes), stale (also those made with another recipe, model or parameters), all',
  },
  inDoubt: {
    flag: 'in-doubt',
    kind: oneOf('WHAT', IN_DOUBT),
    default: 'resend',
    group: 'Which documents',
    help: 'A request that may have been billed and brought no answer: resend (at most twice per document version), hold (until sluice retry)',
  },
  test: {
    flag: 'test',
    kind: onOrOff,
    default: false,
    group: 'Which documents',
    help: 'A trial: the first 5 documents in name order, cut to 500 characters; results go to outbox-test and never count as done',
  },
  limit: {
    flag: 'limit',
    kind: wholeNumber({ min: 1, max: 1_000_000_000 }),
    default: null,
    defaultText: '5 with --test, else none',
    group: 'Which documents',
    help: 'Documents that are asked, at most; with --test or --once',
  },
  truncateCharacters: {
    flag: 'truncate',
    kind: wholeNumber({ min: 1, max: 1_000_000_000 }),
    default: null,
    defaultText: '500 with --test',
    group: 'Which documents',
    help: 'Characters of a document that are sent, at most; with --test',
  },
  maxBytes: {
    flag: 'max-bytes',
    // A JavaScript string ends at 2^29 - 24 characters.
    kind: bytes({ max: 500_000_000 }),
    default: 10_000_000,
    defaultText: '10M',
    group: 'Which documents',
    help: 'The largest document that is sent, in bytes (also 500k, 10M); a larger one fails',
  },
} satisfies Partial<OptionTable>;
