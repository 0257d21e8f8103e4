import {
  AFTER,
  DEFAULT_MAX_TOKENS,
  DEFAULT_MODEL,
  IN_DOUBT,
  LOG_FORMATS,
  LOG_LEVELS,
  REASONING,
  REDO,
} from '../../domain/options.ts';
import { anyText, text } from '../../lib/shapes.ts';
import { API_NAMES } from '../../llm/api.ts';
import {
  apiOrUrl,
  bytes,
  choice,
  count,
  countOrAuto,
  dollars,
  globs,
  type OptionRow,
  type OptionTable,
  onOrOff,
  path,
  proxyOrEnv,
  seconds,
} from './value-kind.ts';

/** A switch that is on by default. */
function on(help: string): OptionRow<boolean> {
  return { kind: onOrOff, default: true, help };
}

/** A switch that is off by default. */
function off(help: string): OptionRow<boolean> {
  return { kind: onOrOff, default: false, help };
}

/** A folder of the workspace, which a flag may move. */
function folder(name: string, help: string): OptionRow<string> {
  return { kind: path('DIR'), default: name, defaultText: `${name} in the workspace`, help };
}

/** Every option, under its heading in help, in the order in which help shows them. Keys give flags: see `flagOf`. */
export const optionGroups = {
  Folders: {
    root: {
      kind: path('DIR'),
      default: 'watch',
      defaultText: './watch',
      help: 'The workspace: the folder that holds inbox, outbox and failed',
      common: 'The workspace, which holds inbox and outbox',
    },
    inbox: folder('inbox', 'Where documents are dropped'),
    outbox: folder('outbox', 'Where results appear'),
    failed: folder('failed', 'Where error reports appear'),
    after: {
      kind: choice('WHAT', AFTER),
      default: 'keep',
      help: 'What becomes of a document once its result is safe: keep, archive (it moves to archive in the workspace), delete',
    },
    receipts: off('A receipt beside each result, RESULT.receipt.json: hashes, models, tokens, cost, attempts, seconds'),
  },
  'What is asked': {
    api: {
      kind: apiOrUrl,
      default: 'openrouter',
      help: `Who is asked: ${API_NAMES.join(', ')}, or a base URL to which /chat/completions is added`,
      common: true,
    },
    apiKeyFile: {
      kind: path('FILE'),
      default: null,
      help: 'A file that holds the key for --api; keys themselves are never flags',
    },
    apiHeadersFile: {
      kind: path('FILE'),
      default: null,
      help: 'A file of headers that go with each call to --api, Name: value, one a line; as secret as the key',
    },
    proxy: {
      kind: proxyOrEnv,
      default: null,
      help: 'The proxy through which --api is reached, or env: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say, which are read only then',
    },
    model: {
      kind: { placeholder: 'ID', ...anyText, allowed: 'the name of a model' },
      default: DEFAULT_MODEL,
      help: 'The model, as the API names it; all APIs but openrouter and simulator need it',
      short: 'm',
      common: 'The model',
    },
    prompt: {
      kind: { placeholder: 'TEXT', ...text },
      default: null,
      short: 'p',
      common: true,
      help: 'What to ask of every document, in words: "Summarize in five lines"; instead of a recipe',
    },
    recipe: {
      kind: path('FILE'),
      default: null,
      help: 'A .prompt, .md or .txt file that says what to ask of every document; in a workspace, without it, the nearest of each: _recipe.prompt in its folder or above, then recipes/default.prompt',
      short: 'r',
      common: 'A file that says what to ask of every document',
    },
    noRecipe: off('Documents that have no recipe are sent as they are; else they wait for one'),
    inboxRecipes: on(
      'Recipes in the inbox (_recipe.prompt, .md, .txt) count; --no-inbox-recipes for an inbox that strangers write to',
    ),
    reasoning: {
      kind: choice('EFFORT', REASONING),
      default: null,
      defaultText: 'high at openrouter',
      help: `How long the model may think: ${REASONING.join(', ')}; sent elsewhere only if it is said, where the API takes it`,
    },
    maxTokens: {
      kind: count({ min: 1, max: 1_000_000_000 }),
      default: DEFAULT_MAX_TOKENS,
      defaultText: `${DEFAULT_MAX_TOKENS}, or what suits the API`,
      help: 'The longest answer, in tokens',
      common: 'The longest answer',
    },
    stream: on('Answers come as server-sent events; --no-stream asks for one JSON body'),
    replayCache: off(
      'OpenRouter stores answers for up to a day, so that a repeated call is free; not sent to other APIs',
    ),
  },
  Pace: {
    concurrency: {
      kind: countOrAuto({ min: 1, max: 10_000 }),
      default: 5,
      help: 'Calls in flight, at most; auto finds by itself how many bring the most answers',
      short: 'j',
      common: true,
    },
    concurrencyMax: {
      kind: count({ min: 1, max: 10_000 }),
      default: 256,
      help: 'Calls in flight that --concurrency auto never goes above',
    },
    rpm: {
      kind: count({ min: 1, max: 1_000_000 }),
      default: null,
      help: 'Calls a minute, at most, spread evenly',
    },
    tpm: {
      kind: count({ min: 1, max: 1_000_000_000 }),
      default: null,
      help: 'Tokens a minute, of prompts and answers, at most: estimated before a call, corrected after it',
    },
    retries: {
      kind: count({ min: 0, max: 100 }),
      default: 5,
      help: 'Attempts after the first, per document version',
    },
    retryDelaySeconds: {
      kind: seconds({ min: 0, max: 3_600 }),
      default: 2,
      help: 'Seconds before the first retry; doubles with each, and each is drawn between half and the whole',
    },
    timeoutSeconds: {
      kind: seconds({ min: 0.1 }),
      default: 900,
      help: 'Seconds for a whole attempt',
    },
    idleTimeoutSeconds: {
      kind: seconds({ min: 0.1 }),
      default: 120,
      help: 'Seconds of silence on the socket after the first byte of the body',
    },
    settleSeconds: {
      kind: seconds({ min: 0, max: 3_600 }),
      default: 2,
      help: 'Seconds for which a file must have stood still before it is read',
    },
    rescanSeconds: {
      kind: seconds({ min: 0.1, max: 86_400 }),
      default: 60,
      help: 'Seconds between full scans of the inbox, which make lost file events harmless',
    },
    lookAgainSeconds: {
      kind: seconds({ min: 0.1, max: 86_400 }),
      default: 60,
      help: 'Seconds between two looks, free of charge, whether a refused account or model is accepted again',
    },
    maxDurationSeconds: {
      kind: seconds({ min: 0.1 }),
      default: null,
      help: 'Seconds after which the run, or the daemon, stops as for a signal: no new call, those in flight finish; exit code 7',
    },
    graceSeconds: {
      kind: seconds({ min: 0 }),
      default: 60,
      help: 'Seconds for which a stop waits for calls in flight',
    },
  },
  Money: {
    maxCostUsd: {
      kind: dollars({ min: 0.000_001 }),
      default: null,
      help: 'The most that is spent: by a --once run; by the daemon per UTC day, over restarts',
      common: 'The most that is spent, by a run or in a day',
    },
    pricePrompt: {
      kind: dollars({ min: 0 }),
      default: null,
      defaultText: 'what the API says',
      help: 'What a million tokens of a prompt cost, for --max-cost and plan; needs --price-completion',
    },
    priceCompletion: {
      kind: dollars({ min: 0 }),
      default: null,
      defaultText: 'what the API says',
      help: 'What a million tokens of an answer cost, for --max-cost and plan; needs --price-prompt',
    },
    priceList: {
      kind: path('FILE', 'off'),
      default: null,
      defaultText: 'the list in this version',
      help: 'Prices for where the API tells none: a JSON file in the form of @pydantic/genai-prices or of LiteLLM, or off',
    },
  },
  'Which documents': {
    once: {
      ...off('Works off what is in the inbox at start, with retries, and ends'),
      common: 'Works off what is there now, and ends',
    },
    include: {
      kind: globs,
      default: [],
      defaultText: 'all',
      help: "Only documents that match count, by their ids, which are paths: 'q1/**', '*.pdf' (in every folder), 'x.doc/'; may be repeated",
    },
    exclude: {
      kind: globs,
      default: [],
      defaultText: 'none',
      help: 'Documents that match do not count, also where --include matches; may be repeated',
    },
    redo: {
      kind: choice('WHICH', REDO),
      default: 'changed',
      help: 'Which documents that have a result are asked again: never, changed (their bytes), stale (also those made with another recipe, model or parameters, or read by another version), all (also what failed; goes on where the one before was stopped)',
      common: 'Which answered documents are asked again',
    },
    inDoubt: {
      kind: choice('WHAT', IN_DOUBT),
      default: 'resend',
      help: 'A request that may have been billed and brought no answer: resend (at most twice per document version), hold (until the command retry sends it)',
    },
    test: {
      ...off(
        'A trial: 5 documents, of each folder and type, texts cut to 500 characters; results go to outbox-test and never count as done',
      ),
      common: 'A trial on five documents, cut short',
    },
    limit: {
      kind: count({ min: 1, max: 1_000_000_000 }),
      default: null,
      defaultText: '5 with --test, else none',
      help: 'Documents that are asked, at most; with --test or --once',
    },
    truncateCharacters: {
      kind: count({ min: 1, max: 1_000_000_000 }),
      default: null,
      defaultText: '500 with --test',
      help: 'Characters of a document that are sent, at most; with --test',
    },
    maxBytes: {
      // A JavaScript string ends at 2^29 - 24 characters.
      kind: bytes({ max: 500_000_000 }),
      default: 10_000_000,
      defaultText: '10M',
      help: 'The largest document that is sent, in bytes (also 500k, 10M); a larger one fails',
    },
  },
  'What is said': {
    json: off('One summary object, alone, on stdout'),
    logLevel: {
      kind: choice('LEVEL', LOG_LEVELS),
      default: 'info',
      help: `What is told on stderr, from this level on: ${LOG_LEVELS.join(', ')}; silent leaves the summary`,
    },
    quiet: { ...off('No progress and no answers: warnings, failures and the closing line'), short: 'q', common: true },
    verbose: { ...off('As --log-level debug'), short: 'v' },
    logFormat: {
      kind: choice('FORMAT', LOG_FORMATS),
      default: null,
      defaultText: 'text on a terminal, else json',
      help: 'How it is told: text for people, or json, a line for each event',
    },
    logFile: {
      kind: path('FILE'),
      default: null,
      help: 'A file to which all of it is added as JSON lines, beside what stderr gets',
    },
  },
} satisfies Readonly<Record<string, Partial<OptionTable>>>;
