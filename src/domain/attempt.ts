import type { Reply } from './request.ts';

/**
 * Whether an attempt cost money. `none`: certainly not. `known`: a whole reply came, with its cost if the API states one.
 * `in doubt`: the request left, and no whole reply came back.
 */
export type Billing = 'none' | 'known' | 'in doubt';

/**
 * Who says what an attempt cost. `told`: the API told the cost itself. The others are prices, and the cost is worked out
 * from tokens: `told prices` of the API's list of models, `flags`, a `list` and its date, `local` of a server of one's own.
 */
export type CostFrom = 'told' | 'told prices' | 'flags' | 'local' | `list ${string}`;

/**
 * The limit of the API that an attempt ran into. `rate`: too many calls or tokens in a time. `concurrency`: too many at once.
 * `upstream`: the pool that the model's provider shares among all. `spending`: the money held back for calls in flight.
 */
export type Limit = 'rate' | 'concurrency' | 'upstream' | 'spending';

/** What to do after an attempt. */
export type Verdict =
  | { readonly kind: 'answer' }
  | {
      readonly kind: 'retry';
      /** Who waits: this document alone, or every call to this API and model. */
      readonly cools: 'document' | 'model';
      /** The server's own hint in seconds, unclamped; null if it gave none. */
      readonly hintSeconds: number | null;
      /** False if the reply says nothing about the document (a hinted wait, too many calls at once). */
      readonly counts: boolean;
      /** Absent if it was no limit of the API. */
      readonly limit?: Limit;
      /** The API refused something that we added: the request goes again without it, and nothing is to be waited for. */
      readonly atOnce?: true;
    }
  | {
      readonly kind: 'fail';
      /** True if the same refusal of a model's first attempts would be a mistake of configuration (400, 404, 422, cut prompts). */
      readonly suspect: boolean;
    }
  | {
      readonly kind: 'pause';
      readonly scope: 'account' | 'model';
      /** Seconds until the cause ends by itself (a daily quota); absent if not known. */
      readonly resetSeconds?: number;
    };

/** One HTTP call for a request, as logs, reports and the ledger see it: no key, no document text. */
export interface AttemptRecord {
  /** 1 for the first attempt of a document version. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  /** HTTP status; null if no reply came. */
  readonly status: number | null;
  /** Our stable word for what happened, e.g. `answered`, `rate-limited`, `connection-reset`, `deadline`. */
  readonly code: string;
  /** The same in words, for people. */
  readonly message: string;
  readonly provider: string | null;
  readonly generationId: string | null;
  /** The model that answered, as the reply names it. */
  readonly model: string | null;
  readonly billing: Billing;
  /** USD; null if not known. */
  readonly costUsd: number | null;
  /** Null where the cost is not known, or was recorded by a version that did not say. */
  readonly costFrom: CostFrom | null;
  readonly promptTokens: number | null;
  /** Of those, the ones that a provider had in its cache. */
  readonly cachedTokens: number | null;
  readonly completionTokens: number | null;
  readonly verdict: Verdict['kind'];
  /** Whether it is one of the attempts that `--retries` allows. */
  readonly counts: boolean;
}

/**
 * A pause does not count: the document queues again, and the gate opens when the cause is gone. What may have been billed
 * counts, whatever the server hinted: else it could be billed a hundred times.
 */
export function countsTowardsRetries(verdict: Verdict, billing: Billing): boolean {
  return verdict.kind === 'retry' ? verdict.counts || billing !== 'none' : verdict.kind !== 'pause';
}

type UnheardAttempt = Pick<AttemptRecord, 'number' | 'startedAt' | 'seconds' | 'code' | 'message'> &
  Partial<Pick<AttemptRecord, 'status' | 'generationId'>>;

/** The record of a call that left, and whose reply was not read to its end: it may have been billed. */
export function unheard({ status = null, generationId = null, ...known }: UnheardAttempt): AttemptRecord {
  return {
    ...known,
    status,
    provider: null,
    generationId,
    model: null,
    billing: 'in doubt',
    costUsd: null,
    costFrom: null,
    promptTokens: null,
    cachedTokens: null,
    completionTokens: null,
    verdict: 'retry',
    counts: true,
  };
}

/** The record of a call that was prepared and never left: it was not billed. */
export function notSent({ number, startedAt }: Pick<AttemptRecord, 'number' | 'startedAt'>): AttemptRecord {
  const message = 'The call was ready, and was called back before it left.';
  const known = { number, startedAt, seconds: 0, code: 'not-sent', message };
  return { ...unheard(known), billing: 'none', counts: false };
}

/** An attempt that ended, and what it brought. */
export interface AttemptOutcome {
  readonly record: AttemptRecord;
  readonly verdict: Verdict;
  /** What the model said, also if it was cut at the limit of tokens; null if the reply broke off. */
  readonly reply: Reply | null;
  /** Text of what is no answer, for people; null if there is none. */
  readonly partial: string | null;
  /** What the API parsed out of files before it failed: sent along, it need not be parsed, and paid for, again. */
  readonly annotations: readonly unknown[] | null;
  /** Absent where the API itself said something. */
  readonly silence?: Silence;
  /** What is to be reported once; absent if nothing was learned, or it is known already. */
  readonly lesson?: Lesson;
}

/** A field of ours that an API does not take for a model: it is left out, or sent under another name. */
export interface DroppedField {
  readonly api: string;
  readonly model: string;
  readonly field: string;
  /** Absent where it is left out. */
  readonly sentAs?: string;
}

/** What a refusal taught of a model, for all further requests of this process. */
export interface Lesson {
  /** A sentence. */
  readonly message: string;
  /** Absent where it is about a limit of tokens. */
  readonly dropped?: readonly DroppedField[];
}

/** How a call ended to which nothing of the API itself came back. */
export interface Silence {
  /** Something before the API refused the call. Else it may have reached the API. */
  readonly refused: boolean;
  /** The API did not answer a free question either, which was asked right after the call. */
  readonly everywhere: boolean;
}

/** The code of an attempt that ended while no call to its model came through. */
export const OUT_OF_REACH = 'out-of-reach';

/** The code of a call to a server on this machine that is not running. */
export const NOTHING_LISTENS = 'nothing-listens';

/** Of attempts that say nothing but that the API is not there. */
export const OUTAGES: ReadonlySet<string> = new Set([OUT_OF_REACH, NOTHING_LISTENS, 'unreachable']);

/** The head of a reply, before its body was read. */
export interface ReplyHead {
  readonly status: number;
  readonly generationId: string | null;
}

/** The API says that it is overloaded: with more calls in flight, that is a sign of too many. */
export function isOverloaded({ status, code }: Pick<AttemptRecord, 'status' | 'code'>): boolean {
  return status === 503 || status === 529 || code === 'overloaded';
}

/** The codes of attempts that ran into a limit of rate, number or money, and what people call that limit. */
export const LIMIT_CODES: ReadonlyMap<string, string> = new Map([
  ['rate-limited', 'rate limit'],
  ['too-many-at-once', 'too many at once'],
  ['upstream-busy', 'upstream busy'],
  ['spending-held', 'spending held back'],
  ['too-dear', 'too expensive alone'],
  ['daily-quota', 'daily quota'],
  ['quota-used-up', 'quota used up'],
  ['budget-spent', 'budget spent'],
  ['credit-exhausted', 'no credit'],
]);

/** The code of attempts that were refused for a field of ours, or for one of the recipe's. */
export const FIELD_REFUSED = 'field-refused';

/** A server's hint up to this long (seconds) is waited for; a longer one parks the document. */
export const LONGEST_HINT_SECONDS = 15 * 60;

/** No wait is longer than this (seconds), whatever a server hints. */
export const LONGEST_WAIT_SECONDS = 24 * 60 * 60;

/** Sums and products of binary fractions end in noise such as 0.30000000000000004; no price is below a billionth of a cent. */
export function withoutNoise(usd: number): number {
  return Number(usd.toFixed(11));
}
