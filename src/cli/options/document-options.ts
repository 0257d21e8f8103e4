import {
  AFTER,
  DEFAULT_MAX_TOKENS,
  DEFAULT_MODEL,
  IN_DOUBT,
  LOG_LEVELS,
  REASONING,
  REDO,
} from '../../domain/options.ts';
import { apiOrUrl, bytes, choice, count, type OptionTable, onOrOff, path, textKind } from './value-kind.ts';

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
    kind: choice('WHICH', REDO),
    default: 'changed',
    group: 'Which documents',
    help: 'Which documents that have a result are asked again: never, changed (their bytes), stale (also those made with another recipe, model or parameters), all',
  },
  inDoubt: {
    flag: 'in-doubt',
    kind: choice('WHAT', IN_DOUBT),
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
    kind: count({ min: 1, max: 1_000_000_000 }),
    default: null,
    defaultText: '5 with --test, else none',
    group: 'Which documents',
    help: 'Documents that are asked, at most; with --test or --once',
  },
  truncateCharacters: {
    flag: 'truncate',
    kind: count({ min: 1, max: 1_000_000_000 }),
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

/** Who is asked, and what. */
export const askingOptions = {
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
    kind: textKind('ID'),
    default: DEFAULT_MODEL,
    group: 'What is asked',
    help: 'The model, as the API names it; openai and ollama need it',
  },
  recipe: {
    flag: 'recipe',
    kind: path('FILE'),
    default: null,
    group: 'What is asked',
    help: 'A .prompt, .md or .txt file that says what to ask of every document; without it, the nearest recipe of each (README, Recipes)',
  },
  inboxRecipes: {
    flag: 'inbox-recipes',
    kind: onOrOff,
    default: true,
    group: 'What is asked',
    help: 'Recipes in the inbox (_recipe.prompt, .md, .txt) count; --no-inbox-recipes for an inbox that strangers write to',
  },
  reasoning: {
    flag: 'reasoning',
    kind: choice('EFFORT', REASONING),
    default: 'high',
    group: 'What is asked',
    help: `How long the model may think: ${REASONING.join(', ')}; not sent to openai and ollama`,
  },
  maxTokens: {
    flag: 'max-tokens',
    kind: count({ min: 1, max: 1_000_000_000 }),
    default: DEFAULT_MAX_TOKENS,
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
} satisfies Partial<OptionTable>;

/** Where things lie. */
export const folderOptions = {
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
    kind: choice('WHAT', AFTER),
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
} satisfies Partial<OptionTable>;

/** What is said of it. */
export const tellingOptions = {
  json: {
    flag: 'json',
    kind: onOrOff,
    default: false,
    group: 'What is said',
    help: 'One summary object, alone, on stdout',
  },
  logLevel: {
    flag: 'log-level',
    kind: choice('LEVEL', LOG_LEVELS),
    default: 'info',
    group: 'What is said',
    help: `What is logged on stderr, as JSON lines where it is no terminal: ${LOG_LEVELS.join(', ')}`,
  },
} satisfies Partial<OptionTable>;
