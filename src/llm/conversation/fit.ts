import type { ModelFacts, Models, Takes } from '../../domain/models.ts';
import { type Handling, LONGER } from '../../domain/recipe.ts';
import type { Prompt } from '../../domain/request.ts';
import { isRecord } from '../../lib/json.ts';
import { numeral } from '../../lib/text.ts';
import type { CountTokens } from '../tokens.ts';
import { CannotAskError, inputsOf, pluginsOf, textBytes, textsOf, withField } from './prompt.ts';

/** A prompt of no more bytes fits the context of any model; its answer may not. */
export const SMALL_BYTES = 8000;

/** OpenRouter leaves out the middle of prompts that are too long for endpoints up to here (context-compression). */
const SILENTLY_CUT_CONTEXT = 8192;

/** A smaller share of the context is worth no call. */
const LEAST_ANSWER_SHARE = 1 / 8;

const NO_COMPRESSION = { id: 'context-compression', enabled: false };

export interface FitSettings {
  readonly models: Models;
  /** Loads the tokenizer. Called only for a text that may be too long for its model. */
  readonly countTokens: () => Promise<CountTokens>;
  /** The longest answer if a prompt says nothing of it. */
  readonly maxTokens: number;
  /** A model that is known to take a short prompt and an answer of `maxTokens`: nothing is looked up for it. */
  readonly roomyModel: string | null;
}

/**
 * The prompt, with a shorter answer if the model writes none so long, or both together are more than it takes, and
 * never cut in silence. Rejects with CannotAskError if next to no answer would be left.
 */
export async function fitAnswer(prompt: Prompt, settings: FitSettings): Promise<Prompt> {
  const { models, countTokens, maxTokens, roomyModel } = settings;
  const bytes = textBytes(prompt);
  const isShort = bytes <= SMALL_BYTES;
  const isLimited = models.isLimited(prompt.model);
  if (isShort && !isLimited && (prompt.model === roomyModel || models.context === null)) return prompt;
  const facts = await models.facts(prompt.model);
  const whole =
    !isShort && models.routes && (facts?.contextTokens ?? 0) <= SILENTLY_CUT_CONTEXT
      ? withoutCompression(prompt)
      : prompt;
  const context = facts?.contextTokens ?? null;
  const around = isLimited ? AROUND_MESSAGES : 0;
  const wanted = prompt.maxTokens ?? maxTokens;
  const asked = Math.min(wanted, facts?.maxCompletionTokens ?? wanted);
  const able = asked < wanted ? { ...whole, maxTokens: asked } : whole;
  if (context === null || answerRoom(context - around, bytes) >= asked) return able;
  const count = await countTokens();
  const tokens = textsOf(able).reduce((sum, text) => sum + count(text), 0);
  const room = answerRoom(context - around, tokens);
  if (room >= asked) return able;
  if (room >= Math.min(asked, Math.floor(context * LEAST_ANSWER_SHARE))) return { ...able, maxTokens: room };
  throw new CannotAskError(
    'too-long',
    `The request has about ${numeral(tokens)} tokens, and ${able.model} takes ${numeral(context)} together with the ` +
      `answer: ${largerContext(models)}, or split the document (sluice.on_too_long: split)`,
  );
}

/** How a larger context is to be had. */
export function largerContext({ context }: Takes): string {
  return LARGER_CONTEXT[context ?? 'models'];
}

const LARGER_CONTEXT = {
  models: 'name a model with a larger context',
  ollama: 'set OLLAMA_CONTEXT_LENGTH where Ollama runs, or num_ctx in its Modelfile',
  lmstudio: 'load it with a longer context in LM Studio',
  llamacpp: 'start llama-server with a larger --ctx-size',
};

/** Tokens that a server puts around the messages, where it counts to the last one. */
const AROUND_MESSAGES = 64;

/** As it is if the recipe says something of that plugin itself. */
function withoutCompression(prompt: Prompt): Prompt {
  const plugins = pluginsOf(prompt);
  if (plugins.some((plugin) => isRecord(plugin) && plugin['id'] === NO_COMPRESSION.id)) return prompt;
  return withField(prompt, 'plugins', [...plugins, NO_COMPRESSION]);
}

/** The prompt with twice the tokens for the answer, or as many as the model writes and as fit. */
export async function longerAnswer(prompt: Prompt, settings: FitSettings): Promise<Prompt> {
  const asked = prompt.maxTokens ?? settings.maxTokens;
  const facts = await settings.models.facts(prompt.model);
  const most = Math.min(asked * LONGER, facts?.maxCompletionTokens ?? Infinity);
  return fitAnswer({ ...prompt, maxTokens: Math.max(asked, most) }, settings);
}

/** Why a document cannot be asked at the moment, but will be later. Caught where the next request is made. */
export class AskLaterError extends Error {
  override readonly name = 'AskLaterError';
}

/** Rejects with AskLaterError if the API could not be asked for its models: nothing is sent on a guess. */
export async function requireFacts({ model }: Prompt, models: Models): Promise<void> {
  if (await models.reached()) return;
  throw new AskLaterError(`what ${model} takes, or costs, cannot be learned now: the API does not list its models`);
}

/**
 * Whether the way in which a prompt is sent depends on what its model takes, or costs.
 *
 * @param bytes of the prompt's texts
 */
export function dependsOnFacts(prompt: Prompt, handling: Handling, { routes }: Models, bytes: number): boolean {
  if (!routes) return false;
  const isBound = handling.maxCostUsd !== null || handling.output.schema !== null;
  return isBound || bytes > SMALL_BYTES || inputsOf(prompt).length > 0;
}

/** Our tokenizer is OpenAI's: other models mostly count less than a tenth more. */
const MARGIN = 1.1;

/** The most of a model's context that is kept for the answer. */
const KEPT_FOR_ANSWER = 1 / 4;

/** Tokens of a prompt, counted by our tokenizer, that leave enough for the answer; null if that is not known. */
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
