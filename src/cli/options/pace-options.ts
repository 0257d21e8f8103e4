import { count, countOrAuto, dollars, type OptionTable, seconds } from './value-kind.ts';

/** How fast, how often, and how long. */
export const paceOptions = {
  concurrency: {
    flag: 'concurrency',
    kind: countOrAuto({ min: 1, max: 10_000 }),
    default: 5,
    group: 'Pace',
    help: 'Calls in flight, at most; auto finds by itself how many bring the most answers',
  },
  concurrencyMax: {
    flag: 'concurrency-max',
    kind: count({ min: 1, max: 10_000 }),
    default: 256,
    group: 'Pace',
    help: 'Calls in flight that --concurrency auto never goes above',
  },
  rpm: {
    flag: 'rpm',
    kind: count({ min: 1, max: 1_000_000 }),
    default: null,
    group: 'Pace',
    help: 'Calls a minute, at most, spread evenly',
  },
  tpm: {
    flag: 'tpm',
    kind: count({ min: 1, max: 1_000_000_000 }),
    default: null,
    group: 'Pace',
    help: 'Tokens a minute, of prompts and answers, at most: estimated before a call, corrected after it',
  },
  retries: {
    flag: 'retries',
    kind: count({ min: 0, max: 100 }),
    default: 5,
    group: 'Pace',
    help: 'Attempts after the first, per document version',
  },
  retryDelaySeconds: {
    flag: 'retry-delay',
    kind: seconds({ min: 0, max: 3_600 }),
    default: 2,
    group: 'Pace',
    help: 'Seconds before the first retry; doubles with each, and each is drawn between half and the whole',
  },
  timeoutSeconds: {
    flag: 'timeout',
    kind: seconds({ min: 0.1 }),
    default: 900,
    group: 'Pace',
    help: 'Seconds for a whole attempt',
  },
  idleTimeoutSeconds: {
    flag: 'idle-timeout',
    kind: seconds({ min: 0.1 }),
    default: 120,
    group: 'Pace',
    help: 'Seconds of silence on the socket after the first byte of the body',
  },
  settleSeconds: {
    flag: 'settle',
    kind: seconds({ min: 0, max: 3_600 }),
    default: 2,
    group: 'Pace',
    help: 'Seconds for which a file must have stood still before it is read',
  },
  rescanSeconds: {
    flag: 'rescan',
    kind: seconds({ min: 0.1, max: 86_400 }),
    default: 60,
    group: 'Pace',
    help: 'Seconds between full scans of the inbox, which make lost file events harmless',
  },
  lookAgainSeconds: {
    flag: 'look-again',
    kind: seconds({ min: 0.1, max: 86_400 }),
    default: 60,
    group: 'Pace',
    help: 'Seconds between two looks, free of charge, whether a refused account or model is accepted again',
  },
  graceSeconds: {
    flag: 'grace',
    kind: seconds({ min: 0 }),
    default: 60,
    group: 'Pace',
    help: 'Seconds for which a stop waits for calls in flight',
  },
} satisfies Partial<OptionTable>;

/** What it may cost. */
export const moneyOptions = {
  maxCostUsd: {
    flag: 'max-cost',
    kind: dollars({ min: 0.000_001 }),
    default: null,
    group: 'Money',
    help: 'The most that is spent: by a --once run; by the daemon per UTC day, over restarts',
  },
  pricePrompt: {
    flag: 'price-prompt',
    kind: dollars({ min: 0 }),
    default: null,
    defaultText: 'what the API says',
    group: 'Money',
    help: 'What a million tokens of a prompt cost, for --max-cost and plan; needs --price-completion',
  },
  priceCompletion: {
    flag: 'price-completion',
    kind: dollars({ min: 0 }),
    default: null,
    defaultText: 'what the API says',
    group: 'Money',
    help: 'What a million tokens of an answer cost, for --max-cost and plan; needs --price-prompt',
  },
} satisfies Partial<OptionTable>;
