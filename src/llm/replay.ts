import type { IncomingHttpHeaders } from 'node:http';
import type { RawHeaders } from './http/transport.ts';

/** A day: the longest that OpenRouter keeps an answer (docs: guides/features/response-caching). */
const KEPT_SECONDS = 86_400;

/**
 * What asks OpenRouter for an answer that it may have kept, and to keep the one that it makes. `anew` has it forget the
 * one that it has.
 */
export function replayHeaders(anew: boolean): RawHeaders {
  return anew ? ANEW : KEPT;
}

const KEPT: RawHeaders = ['X-OpenRouter-Cache', 'true', 'X-OpenRouter-Cache-TTL', String(KEPT_SECONDS)];
const ANEW: RawHeaders = [...KEPT, 'X-OpenRouter-Cache-Clear', 'true'];

/** Whether the reply is one that was kept. Its usage is all zeros, its cost often left out. */
export function isReplayed(headers: IncomingHttpHeaders): boolean {
  return headers['x-openrouter-cache-status'] === 'HIT';
}
