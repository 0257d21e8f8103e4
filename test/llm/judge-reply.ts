import { createReplyReader } from '../../src/llm/reply/parse.ts';
import { type Hints, readHints } from '../../src/llm/verdict/hints.ts';
import { type JudgedAttempt, judgeAttempt } from '../../src/llm/verdict/verdict.ts';

/** When every reply here has ended. */
export const NOW = Date.parse('2026-11-24T12:00:00Z');

/** What a reply says of time that says nothing of it. */
export const NO_HINTS: Hints = { retrySeconds: null, resetSeconds: null, namesRate: false };

/** Judges a reply as it comes over the wire. */
export function judgeReply(status: number, body: unknown, headers: Record<string, string> = {}): JudgedAttempt {
  const reader = createReplyReader();
  reader.push(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
  const reply = reader.end(true);
  const hints = readHints({ status, headers, error: reply.error }, NOW);
  return judgeAttempt({ sent: true, status, failure: null, reply, replayed: false, hints, endedAtMs: NOW });
}
