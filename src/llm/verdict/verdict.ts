import type { AttemptRecord, Billing, Verdict } from '../../domain/attempt.ts';
import type { HttpResult } from '../http/call.ts';
import type { CallFailure } from '../http/client.ts';
import { statedCost } from '../reply/cost.ts';
import type { ParsedReply } from '../reply/reply.ts';
import type { Hints } from './hints.ts';
import { refusalMeaning } from './refusal.ts';
import { failureMeaning, replyMeaning } from './reply-meaning.ts';
import { isSuccess, tellingStatus } from './reported-error.ts';
import { type Meaning, mayHavePassedOn, type Remedy } from './statuses.ts';

/** All that is known of an attempt once it is over. */
interface AttemptFacts extends Pick<HttpResult<unknown>, 'sent' | 'status' | 'failure'> {
  /** Its texts redacted; null if no reply came. */
  readonly reply: ParsedReply | null;
  /** What a refusal means of this very request; null: nothing else than of any. @default null */
  readonly correction?: Meaning | null;
  /** It was made for an earlier call, and this one costs nothing. */
  readonly replayed: boolean;
  /**
   * The API bills no reply that ends with an error, whatever text came before (OpenRouter: zero completion insurance).
   * @default true
   */
  readonly insured?: boolean;
  readonly hints: Hints;
  /** Milliseconds since the epoch. */
  readonly endedAtMs: number;
}

export interface JudgedAttempt extends Pick<AttemptRecord, 'billing' | 'code' | 'message'> {
  readonly verdict: Verdict;
}

/**
 * What to do after an attempt, and what was billed: `none` if the request never left or an error came instead of an
 * answer; `known` if a cost came, a replayed reply, or a whole one with an answer or its tokens (at an API that gives no
 * prices, the cost is null then); `in doubt` for all else.
 */
export function judgeAttempt(facts: AttemptFacts): JudgedAttempt {
  const meaning = meaningOf(facts);
  const billing = billingOf(facts);
  if (meaning === null) return { verdict: ANSWER, billing, code: 'answered', message: 'The answer is there.' };
  const { code, remedy } = meaning;
  return { verdict: verdictFor(remedy, facts.hints), billing, code, message: messageFor(meaning, facts) };
}

const ANSWER: Verdict = { kind: 'answer' };

/** Null means that the reply is a good answer. A status outranks what broke the connection after it. */
function meaningOf({ status, failure, reply, correction = null, hints }: AttemptFacts): Meaning | null {
  const error = reply?.error ?? null;
  const telling = tellingStatus(status, error);
  if (telling !== null && !isSuccess(telling)) return correction ?? refusalMeaning({ status: telling, error, hints });
  if (reply === null) return failureMeaning(failure ?? NO_REPLY);
  return replyMeaning(reply, failure);
}

const NO_REPLY: CallFailure = { kind: 'connection-reset', detail: 'no reply' };

function verdictFor(remedy: Remedy, { retrySeconds: hintSeconds, resetSeconds }: Hints): Verdict {
  switch (remedy) {
    case 'retry':
      if (hintSeconds === null) return { kind: 'retry', cools: 'document', hintSeconds, counts: true };
      return { kind: 'retry', cools: 'model', hintSeconds, counts: false };
    case 'retry slowly':
      return { kind: 'retry', cools: 'model', hintSeconds, counts: true };
    case 'at once':
      return { kind: 'retry', cools: 'document', hintSeconds: null, counts: false, atOnce: true };
    case 'concurrency':
      return { kind: 'retry', cools: 'document', hintSeconds, counts: false, limit: remedy };
    case 'rate':
    case 'upstream':
    case 'spending':
      return { kind: 'retry', cools: 'model', hintSeconds, counts: false, limit: remedy };
    case 'fail':
    case 'suspect':
      return { kind: 'fail', suspect: remedy === 'suspect' };
    case 'pause account':
      return { kind: 'pause', scope: 'account' };
    case 'pause until reset':
      return { kind: 'pause', scope: 'account', ...(resetSeconds !== null && { resetSeconds }) };
    case 'pause model':
      return { kind: 'pause', scope: 'model' };
  }
}

function billingOf({ sent, status, reply, replayed, insured = true }: AttemptFacts): Billing {
  if (!sent) return 'none';
  if (replayed) return 'known';
  if (reply?.usage && statedCost(reply.usage.stated) !== null) return 'known';
  if (status === null) return 'in doubt';
  return isSuccess(status) ? billingOfSuccess(reply, insured) : billingOfRefusal(status, reply);
}

function billingOfSuccess(reply: ParsedReply | null, insured: boolean): Billing {
  if (reply === null) return 'in doubt';
  const { whole, answered, content, finishReason, error, usage } = reply;
  if (usage === null && (error !== null || finishReason === 'error'))
    return insured || content === '' ? 'none' : 'in doubt';
  return whole && (answered || usage !== null) ? 'known' : 'in doubt';
}

/** An error object says that there is no answer. A page of something in front of the API seldom knows. */
function billingOfRefusal(status: number, reply: ParsedReply | null): Billing {
  const leftOpen = (status >= 500 && mayHavePassedOn(status)) || status === 408 || status < 200;
  return leftOpen && (reply?.error?.anonymous ?? true) ? 'in doubt' : 'none';
}

function messageFor(meaning: Meaning, { status, failure, reply, hints, endedAtMs }: AttemptFacts): string {
  const where = [
    status === null ? null : `HTTP ${status}`,
    failure?.detail ?? null,
    reply?.error?.provider ?? reply?.provider ?? null,
    reply?.finishWord?.slice(0, LONGEST_WORD) ?? null,
    timeWords(meaning.remedy, hints, endedAtMs),
  ].filter((fact) => fact !== null);
  const saying = reply?.error?.message ?? null;
  return `${meaning.words} (${where.join(', ')})${saying === null ? '.' : `. It says: ${saying}`}`;
}

/** More is no word. */
const LONGEST_WORD = 60;

/** How long to wait; of a paused account, until when: to the minute, and never too early. Null if that is not said. */
function timeWords(remedy: Remedy, { retrySeconds, resetSeconds }: Hints, nowMs: number): string | null {
  if (remedy !== 'pause account' && remedy !== 'pause until reset')
    return retrySeconds === null ? null : `asks to wait ${Math.ceil(retrySeconds)} s`;
  if (resetSeconds === null) return null;
  const until = new Date(Math.ceil(nowMs / 60_000 + resetSeconds / 60) * 60_000);
  // No calendar holds that moment.
  return Number.isNaN(until.getTime())
    ? null
    : `until ${until.toISOString().replace('T', ' ').replace(':00.000Z', ' UTC')}`;
}
