import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Completion } from './completion.ts';

/** An answer that is kept for calls with the same body. */
export interface KeptAnswer {
  readonly completion: Completion;
  /** When it was complete, milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly ttlSeconds: number;
}

const CAPACITY = 100_000;

/** Answers that may be given again. If there are too many, the oldest go. */
export class ReplayCache {
  readonly #answers = new Map<string, KeptAnswer>();

  /** The answer, if it is complete by now and not too old. Two equal calls at the same moment do not find each other. */
  find({ key, clear }: ReplayOrder, nowMs: number): KeptAnswer | undefined {
    if (clear) this.#answers.delete(key);
    const kept = this.#answers.get(key);
    const isFresh = kept !== undefined && nowMs >= kept.sinceMs && nowMs < kept.sinceMs + kept.ttlSeconds * 1000;
    return isFresh ? kept : undefined;
  }

  /** `sinceMs` may lie ahead: an answer becomes complete whether or not its caller still waits. */
  keep({ key, ttlSeconds }: ReplayOrder, completion: Completion, sinceMs: number): void {
    this.#answers.delete(key);
    this.#answers.set(key, { completion, sinceMs, ttlSeconds });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > CAPACITY && oldest !== undefined) this.#answers.delete(oldest);
  }
}

/** What a call asks of the response cache. */
export interface ReplayOrder {
  /** Hash of the API key and the bytes of the body: calls with the same key get the same answer. */
  readonly key: string;
  readonly ttlSeconds: number;
  /** Whether a kept answer is forgotten first. */
  readonly clear: boolean;
}

const DEFAULT_SECONDS = 300;
const LONGEST_SECONDS = 86_400;

/** Null if the call does not ask for the cache. Values as in OpenRouter's docs, guides/features/response-caching. */
export function readReplayOrder(headers: IncomingHttpHeaders, body: Buffer): ReplayOrder | null {
  if (headers['x-openrouter-cache'] !== 'true') return null;
  const ttl = Number(headers['x-openrouter-cache-ttl'] ?? DEFAULT_SECONDS);
  return {
    key: createHash('sha256')
      .update(`${headers.authorization ?? ''}\n`)
      .update(body)
      .digest('hex'),
    ttlSeconds: Number.isFinite(ttl) ? Math.min(Math.max(Math.trunc(ttl), 1), LONGEST_SECONDS) : DEFAULT_SECONDS,
    clear: headers['x-openrouter-cache-clear'] === 'true',
  };
}
