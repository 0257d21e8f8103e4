import { map, type Observable, of, switchMap, throwError } from 'rxjs';
import type { ModelFacts, Models } from '../../domain/models.ts';
import type { Handling } from '../../domain/recipe.ts';
import type { Modality, Prompt } from '../../domain/request.ts';
import { numeral } from '../../lib/text.ts';
import type { CountTokens } from '../tokens.ts';
import { NotNow, Unaskable } from './errors.ts';
import { contentsOf, textBytes, textsOf, withPlugin } from './prompt.ts';

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

/** The prompt with twice the tokens for the answer, or as many as the model writes. */
export function withMoreTokens(prompt: Prompt, { models, maxTokens }: FitSettings): Observable<Prompt> {
  const asked = prompt.maxTokens ?? maxTokens;
  return models.facts(prompt.model).pipe(
    map((facts) => Math.min(asked * 2, facts?.maxCompletionTokens ?? Infinity)),
    map((most) => ({ ...prompt, maxTokens: Math.max(asked, most) })),
  );
}

/**
 * The prompt, where it is sent alike whatever can be learned of its model, or that was learned. Errors with NotNow where
 * the API could not be asked: on a guess, a document would be sent that is too long, or another way than after a look.
 */
export function requireFacts(prompt: Prompt, handling: Handling, models: Models): Observable<Prompt> {
  if (!models.routes || !dependsOnFacts(prompt, handling)) return of(prompt);
  return models.reached().pipe(
    map((reached) => {
      if (reached) return prompt;
      throw new NotNow(`what ${prompt.model} takes, or costs, cannot be learned now: the API does not list its models`);
    }),
  );
}

/** Where its recipe limits what is spent, on the price. */
function dependsOnFacts(prompt: Prompt, { output, maxCostUsd }: Handling): boolean {
  const isBound = maxCostUsd !== null || output.schema !== null;
  return isBound || textBytes(prompt) > SMALL_BYTES || inputsOf(prompt).length > 0;
}

/**
 * The prompt, where its model takes all that is in it, or nobody tells. PDFs are another matter: an API may read them for
 * its models. Of models that stand in for another nothing is asked. Errors with Unaskable.
 */
export function requireInputs(models: Models, prompt: Prompt, facts: ModelFacts | null): Observable<Prompt> {
  const needed = inputsOf(prompt);
  const taken = facts?.inputs ?? null;
  const missing = taken === null ? [] : needed.filter((input) => input !== 'file' && !taken.includes(input));
  if (missing.length === 0) return of(prompt);
  return models.taking(needed).pipe(
    map((able) => new Unaskable('unsupported-input', words(prompt.model, missing, able))),
    switchMap((refusal) => throwError(() => refusal)),
  );
}

/** What a prompt holds beside text, each once. */
export function inputsOf(prompt: Prompt): readonly Modality[] {
  const kinds = contentsOf(prompt).map(({ kind }): Modality => (kind === 'linked image' ? 'image' : kind));
  return [...new Set(kinds)].filter((kind) => kind !== 'text');
}

function words(model: string, missing: readonly Modality[], able: readonly string[]): string {
  const models = able.length === 0 ? '' : `: ${able.join(', ')}`;
  return `${model} takes no ${missing.join(' and no ')} input. Name a model in the recipe that does${models}`;
}

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
function answerRoom(contextTokens: number, promptTokens: number): number {
  return contextTokens - Math.ceil(promptTokens * MARGIN);
}
