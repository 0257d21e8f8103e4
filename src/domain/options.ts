export const DEFAULT_MODEL = 'anthropic/claude-sonnet-4.5';
export const DEFAULT_MAX_TOKENS = 64_000;

/** The options of a run. Paths are absolute; null means that nothing was asked for. */
export interface Options {
  /** The workspace. */
  readonly root: string;
  readonly inbox: string;
  /** With `test` its name ends in `-test`, so that a trial never counts as done. */
  readonly outbox: string;
  /** With `test` its name ends in `-test`, so that a trial never counts as failed. */
  readonly failed: string;
  /** What becomes of a document after success; `keep` with `test`. */
  readonly after: (typeof AFTER)[number];
  /** A receipt is written beside each result. */
  readonly receipts: boolean;
  /** Ends when what is in the inbox at start is worked off. */
  readonly once: boolean;
  /** One of `API_NAMES`, or a base URL to which `/chat/completions` is added. */
  readonly api: string;
  /** Model id as the API knows it. */
  readonly model: string;
  /** What is asked of every document, as `recipe` would say it: one of them is null. */
  readonly prompt: string | null;
  /** A file for every document. */
  readonly recipe: string | null;
  /** Documents that have no recipe are sent as they are. */
  readonly noRecipe: boolean;
  /** Whether recipes in the inbox count. */
  readonly inboxRecipes: boolean;
  /** Null: what the API is asked for by default. */
  readonly reasoning: (typeof REASONING)[number] | null;
  /** Upper limit of one answer. */
  readonly maxTokens: number;
  /** Calls in flight, at most; `auto` finds by itself how many bring the most answers. */
  readonly concurrency: number | 'auto';
  /** What `auto` never goes above. */
  readonly concurrencyMax: number;
  /** Calls a minute, spread evenly. */
  readonly rpm: number | null;
  /** Tokens a minute, of prompts and answers. */
  readonly tpm: number | null;
  /** USD; of a run with `once`, else of a UTC day. */
  readonly maxCostUsd: number | null;
  /** After so long a run stops, as for a signal. */
  readonly maxDurationSeconds: number | null;
  /** USD per million tokens; null: what the API says. */
  readonly pricePrompt: number | null;
  /** USD per million tokens; null: what the API says. */
  readonly priceCompletion: number | null;
  /** A list for where the API tells no prices: a file, `off`, or null for the one in the package. */
  readonly priceList: string | null;
  /** Attempts after the first, per document version. */
  readonly retries: number;
  /** The first wait; it doubles. */
  readonly retryDelaySeconds: number;
  /** For a whole attempt. */
  readonly timeoutSeconds: number;
  /** Silence on the socket after the first byte of the body. */
  readonly idleTimeoutSeconds: number;
  /** Server-sent events instead of one JSON body. */
  readonly stream: boolean;
  /** OpenRouter stores answers, so that a repeated call is free. */
  readonly replayCache: boolean;
  /** How long a file must have stood still before it is read. */
  readonly settleSeconds: number;
  /** Between two full scans of the inbox. */
  readonly rescanSeconds: number;
  /** Between two looks whether a refused account or model is accepted again; the daemon's. */
  readonly lookAgainSeconds: number;
  /** How long a stop waits for calls in flight. */
  readonly graceSeconds: number;
  /** Which documents that have a result are asked again; `all` with `test`. */
  readonly redo: (typeof REDO)[number];
  /** What becomes of a request that may have been billed and brought no answer. */
  readonly inDoubt: (typeof IN_DOUBT)[number];
  /** Globs over the documents that count; empty: all. */
  readonly include: readonly string[];
  /** Globs over those that do not. */
  readonly exclude: readonly string[];
  /** A trial on few, cut documents; it ends by itself, as with `once`. */
  readonly test: boolean;
  /** Documents that are asked, at most; 5 with `test`. */
  readonly limit: number | null;
  /** Characters of a document that are sent, at most; 500 with `test`, else null. */
  readonly truncateCharacters: number | null;
  /** Bytes of a document, at most. */
  readonly maxBytes: number;
  /** One summary object on stdout. */
  readonly json: boolean;
  /** `debug` with `verbose`. */
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Nothing that is less than a warning, and no progress. */
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Null: `text` on a terminal, else `json`. */
  readonly logFormat: (typeof LOG_FORMATS)[number] | null;
  /** Gets lines of JSON beside what stderr gets. */
  readonly logFile: string | null;
  /** A file that holds the key for `api`. */
  readonly apiKeyFile: string | null;
  /** Through which `api` is reached: a URL, or `env` for what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. */
  readonly proxy: string | null;
  /** A file that holds further headers for `api`. */
  readonly apiHeadersFile: string | null;
}

export const REASONING = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export const REDO = ['never', 'changed', 'stale', 'all'] as const;
export const IN_DOUBT = ['resend', 'hold'] as const;
export const AFTER = ['keep', 'archive', 'delete'] as const;
export const LOG_FORMATS = ['text', 'json'] as const;
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Where each option's value comes from; absent: its default, or (`outbox` and `failed` with `test`) a folder of our own. */
export type Given = Readonly<Partial<Record<OptionKey, Origin>>>;

export type Origin = 'flag' | 'environment' | 'config';

export type OptionKey = keyof Options;
