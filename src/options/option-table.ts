import type { Options } from './options.ts';
import { AFTER, IN_DOUBT, LOG_LEVELS, REASONING, REDO } from './options.ts';
import type { ValueKind } from './value-kind.ts';
import { anyText, apiOrUrl, bytes, oneOf, onOrOff, path, seconds, wholeNumber } from './value-kind.ts';

/** All that is known of one option. Flags, environment variables, configuration keys, help and README come from here. */
export interface OptionRow<Value> {
  /** The flag without `--`; also the key in `sluice.config.yaml`. */
  readonly flag: string;
  readonly kind: ValueKind<NonNullable<Value>>;
  /** A relative path is one in the workspace (for `root`: in the current folder). */
  readonly default: Value;
  /** The default in words, where the value does not tell it. */
  readonly defaultText?: string;
  readonly group: 'Folders' | 'What is asked' | 'Pace' | 'Which documents' | 'What is said';
  readonly help: string;
}

export type OptionTable = { readonly [Key in keyof Options]: OptionRow<Options[Key]> };

export const optionTable: OptionTable = {
  root: {
    flag: 'root',
    kind: path('DIR'),
    default: 'watch',
    defaultText: './watch',
    group: 'Folders',
    help: 'The workspace: the folder that holds inbox, outbox and failed',
  },
  inbox: {
    flag: 'inbox',
    kind: path('DIR'),
    default: 'inbox',
    defaultText: 'inbox in the workspace',
    group: 'Folders',
    help: 'Where documents are dropped',
  },
  outbox: {
    flag: 'outbox',
    kind: path('DIR'),
    default: 'outbox',
    defaultText: 'outbox in the workspace',
    group: 'Folders',
    help: 'Where results appear',
  },
  failed: {
    flag: 'failed',
    kind: path('DIR'),
    default: 'failed',
    defaultText: 'failed in the workspace',
    group: 'Folders',
    help: 'Where error reports appear',
  },
  after: {
    flag: 'after',
    kind: oneOf('WHAT', AFTER),
    default: 'keep',
    group: 'Folders',
    help: 'What becomes of a document once its result is safe: keep, archive (it moves to archive in the workspace), delete',
  },
  receipts: {
    flag: 'receipts',
    kind: onOrOff,
    default: false,
    group: 'Folders',
    help: 'A receipt beside each result, RESULT.receipt.json: hashes, models, tokens, cost, attempts, seconds',
  },
  api: {
    flag: 'api',
    kind: apiOrUrl,
    default: 'openrouter',
    group: 'What is asked',
    help: 'Who is asked: openrouter, openai, ollama, simulator, or a base URL to which /chat/completions is added',
  },
  apiKeyFile: {
    flag: 'api-key-file',
    kind: path('FILE'),
    default: null,
    group: 'What is asked',
    help: 'A file that holds the key for --api; keys themselves are never flags',
  },
  model: {
    flag: 'model',
    kind: anyText('ID'),
    default: 'anthropic/claude-sonnet-4.5',
    group: 'What is asked',
    help: 'The model, as the API names it; openai and ollama need it',
  },
  recipe: {
    flag: 'recipe',
    kind: path('FILE'),
    default: null,
    group: 'What is asked',
    help: 'A .md or .txt file that says what to ask of every document; without it the document itself is the prompt',
  },
  reasoning: {
    flag: 'reasoning',
    kind: oneOf('EFFORT', REASONING),
    default: 'high',
    group: 'What is asked',
    help: `How long the model may think: ${REASONING.join(', ')}; not sent to openai and ollama`,
  },
  maxTokens: {
    flag: 'max-tokens',
    kind: wholeNumber({ min: 1, max: 1_000_000_000 }),
    default: 64_000,
    group: 'What is asked',
    help: 'The longest answer, in tokens',
  },
  stream: {
    flag: 'stream',
    kind: onOrOff,
    default: true,
    group: 'What is asked',
    help: 'Answers come as server-sent events; --no-stream asks for one JSON body',
  },
  replayCache: {
    flag: 'replay-cache',
    kind: onOrOff,
    default: false,
    group: 'What is asked',
    help: 'OpenRouter stores answers for up to a day, so that a repeated call is free; not sent to other APIs',
  },
  concurrency: {
    flag: 'concurrency',
    kind: wholeNumber({ min: 1, max: 10_000 }),
    default: 5,
    group: 'Pace',
    help: 'Calls in flight, at most',
  },
  retries: {
    flag: 'retries',
    kind: wholeNumber({ min: 0, max: 100 }),
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
  json: {
    flag: 'json',
    kind: onOrOff,
    default: false,
    group: 'What is said',
    help: 'One summary object, alone, on stdout',
  },
  logLevel: {
    flag: 'log-level',
    kind: oneOf('LEVEL', LOG_LEVELS),
    default: 'info',
    group: 'What is said',
    help: `What is logged on stderr, as JSON lines where it is no terminal: ${LOG_LEVELS.join(', ')}`,
  },
};

export type OptionKey = keyof Options;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table is a literal of exactly these keys
export const optionKeys = Object.keys(optionTable) as readonly OptionKey[];

/** `max-tokens` gives `SLUICE_MAX_TOKENS`. */
export function environmentName(key: OptionKey): string {
  return `SLUICE_${optionTable[key].flag.toUpperCase().replaceAll('-', '_')}`;
}

/** The default as help and README show it. */
export function defaultText(key: OptionKey): string {
  const { default: value, defaultText: words } = optionTable[key];
  if (words !== undefined) return words;

  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value ?? 'none');
}
