import type { ModelFacts } from '../domain/models.ts';

/** Other models than OpenAI's count otherwise than our tokenizer: mostly less than a tenth more. */
const MARGIN = 1.1;

/** Of a model's context, what is kept for an answer that asks for so much or more. */
const KEPT_FOR_ANSWER = 1 / 4;

/** Tokens of a prompt, counted by our tokenizer, that leave enough for the answer; null where nobody tells. */
export function promptRoom(facts: ModelFacts | null, answerTokens: number): number | null {
  const context = facts?.contextTokens ?? null;
  if (context === null) return null;
  const answer = Math.min(answerTokens, facts?.maxCompletionTokens ?? answerTokens, context * KEPT_FOR_ANSWER);
  return Math.floor((context - answer) / MARGIN);
}

/** Tokens that a prompt leaves for the answer. */
export function answerRoom(contextTokens: number, promptTokens: number): number {
  return contextTokens - Math.ceil(promptTokens * MARGIN);
}
