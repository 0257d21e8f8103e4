import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a call asks of the response cache. */
export interface ReplayOrder {
  /** Of the very bytes of a body, under one API key: calls with the same one have the same answer. */
  readonly key: string;
  readonly ttlSeconds: number;
  /** An answer that was kept is forgotten. */
  readonly anew: boolean;
}

const DEFAULT_SECONDS = 300;
const LONGEST_SECONDS = 86_400;

/** Null where the call does not ask for the cache. Values as in OpenRouter's docs, guides/features/response-caching. */
export function readReplayOrder(headers: IncomingHttpHeaders, body: Buffer): ReplayOrder | null {
  if (headers['x-openrouter-cache'] !== 'true') return null;
  return {
    key: createHash('sha256')
      .update(`${headers.authorization ?? ''}\n`)
      .update(body)
      .digest('hex'),
    ttlSeconds: clampedSeconds(Number(headers['x-openrouter-cache-ttl'] ?? DEFAULT_SECONDS)),
    anew: headers['x-openrouter-cache-clear'] === 'true',
  };
}

function clampedSeconds(given: number): number {
  return Number.isFinite(given) ? Math.min(Math.max(Math.trunc(given), 1), LONGEST_SECONDS) : DEFAULT_SECONDS;
}
