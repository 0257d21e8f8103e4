import { map, type Observable, of, switchMap } from 'rxjs';
import type { CountTokens } from '../../dialogue/count-tokens.ts';
import { numeral } from '../../dialogue/numerals.ts';
import { withPlugin } from '../../dialogue/prompt-additions.ts';
import { answerRoom } from '../../dialogue/room.ts';
import type { ModelFacts, Models } from '../../domain/models.ts';
import type { Prompt } from '../../domain/request.ts';
import { Unaskable } from './errors.ts';
import { textBytes, textsOf } from './prompt.ts';

/** Up to here a prompt fits into the context of any model: what does not fit then is the answer. */
export const SMALL_BYTES = 8000;

/** OpenRouter leaves out the middle of prompts that are too long for endpoints up to here (context-compression). */
const SILENTLY_CUT_CONTEXT = 8192;

/** A smaller share of the context is worth no call. */
const LEAST_ANSWER_SHARE = 1 / 8;

const NO_COMPRESSION = { id: 'context-compression', enabled: false };

export interface FitSettings {
  readonly models: Models;
  readonly countTokens: () => Observable<CountTokens>;
  /** The longest answer where a prompt says nothing of it. */
  readonly maxTokens: number;
  /** A model that is known to take a short prompt and an answer of `maxTokens`: nothing is looked up for it. */
  readonly roomyModel: string | null;
}

/**
 * The prompt, with a shorter answer where the model writes none so long, or both together are more than it takes, and
 * never cut in silence. Errors with Unaskable where next to no answer would be left.
 */
export function fitAnswer(prompt: Prompt, settings: FitSettings): Observable<Prompt> {
  const { models, countTokens, maxTokens, roomyModel } = settings;
  const bytes = textBytes(prompt);
  const isShort = bytes <= SMALL_BYTES;
  if (isShort && (prompt.model === roomyModel || !models.routes)) return of(prompt);
  return models.facts(prompt.model).pipe(
    switchMap((facts) => {
      const whole = !isShort && models.routes && mayBeCut(facts) ? withPlugin(prompt, NO_COMPRESSION) : prompt;
      const context = facts?.contextTokens ?? null;
      const wanted = prompt.maxTokens ?? maxTokens;
      const asked = Math.min(wanted, facts?.maxCompletionTokens ?? wanted);
      const able = asked < wanted ? { ...whole, maxTokens: asked } : whole;
      if (context === null || answerRoom(context, bytes) >= asked) return of(able);
      return countTokens().pipe(map((count) => fitted(able, asked, context, tokensOf(able, count))));
    }),
  );
}

function tokensOf(prompt: Prompt, count: CountTokens): number {
  return textsOf(prompt).reduce((tokens, text) => tokens + count(text), 0);
}

function mayBeCut(facts: ModelFacts | null): boolean {
  return (facts?.contextTokens ?? 0) <= SILENTLY_CUT_CONTEXT;
}

function fitted(prompt: Prompt, asked: number, context: number, tokens: number): Prompt {
  const room = answerRoom(context, tokens);
  if (room >= asked) return prompt;
  if (room >= Math.min(asked, Math.floor(context * LEAST_ANSWER_SHARE))) return { ...prompt, maxTokens: room };
  throw new Unaskable(
    'too-long',
    `The request has about ${numeral(tokens)} tokens, and ${prompt.model} takes ${numeral(context)} together with the ` +
      'answer: name a model with a larger context in the recipe, or split the document (sluice.on_too_long: split)',
  );
}
