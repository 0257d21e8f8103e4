import type { AttemptOutcome } from '../../domain/attempt.ts';
import type { Prompt } from '../../domain/request.ts';
import { asArray, asText, isRecord } from '../../lib/json.ts';
import { numeral } from '../../lib/text.ts';
import { SMALL_BYTES } from '../conversation/fit.ts';
import { inputsOf, pluginsOf, textsOf } from '../conversation/prompt.ts';
import { charactersOf, countedTokens } from '../conversation/split-text.ts';
import type { TokenUsage } from '../reply/cost.ts';
import { loadTokenCounter, tokensAtMost } from '../tokens.ts';

/** Holds an outcome against the prompt that it is for: at once, unless tokens have to be counted. */
export type PromptCheck = (
  outcome: AttemptOutcome,
  usage: TokenUsage | null,
) => AttemptOutcome | Promise<AttemptOutcome>;

/** Of the counted tokens: who read less did not read them all, whatever the tokenizer. */
const HALF = 1 / 2;

/** The same at a place where a context may end. */
const MOST = 9 / 10;

/** Some servers keep a few tokens of their context free. */
const NEAR = 16;

/** Local servers load models with a context of so many tokens, or of twice, four times as many. */
const SMALLEST_CONTEXT = 2048;

/**
 * What tells an answer to a whole prompt from one to the beginning that a server cut out of it without a word; null for
 * prompts that are too short for that, hold more than text, or may be shortened as they ask for it themselves.
 *
 * @param kept the texts of the prompt, as long as the check may be made; null: there are too many
 * @param contextTokens what the model is known to take; null if that is not known
 * @param askForContext asks a server whether it has the model loaded, and for how many tokens
 */
export function createPromptCheck(
  prompt: Prompt,
  bodyBytes: number,
  kept: readonly string[] | null,
  contextTokens: (model: string) => number | null,
  askForContext: (model: string) => Promise<number | null> = () => Promise.resolve(null),
): PromptCheck | null {
  if (bodyBytes <= SMALL_BYTES || inputsOf(prompt).length > 0 || maySqueeze(prompt)) return null;
  const { model } = prompt;
  const texts = kept === null ? sampled(textsOf(prompt)) : { texts: kept, weight: 1 };
  return (outcome, usage) => {
    const told = usage?.promptTokensWithCached ?? 0;
    // Servers that do not count say 0.
    if (told === 0) return outcome;
    const context = contextTokens(model);
    const isFull = isAtEdge(usage?.promptTokens ?? told, context) || isAtEdge(told, context);
    if (isFull && saysNothing(outcome)) return leftNoRoom(outcome, told);
    if (saysNothing(outcome) && context === null) {
      return askForContext(model).then((loaded) =>
        loaded !== null && isAtEdge(told, loaded) ? leftNoRoom(outcome, told) : outcome,
      );
    }
    const least = isFull ? MOST : HALF;
    if (outcome.reply === null || isReckoned(told, texts) || told >= mostTokens(texts) * least) return outcome;
    return tokensOf(texts).then((count) => (told < count * least ? promptCut(outcome, told, count) : outcome));
  };
}

/** OpenRouter leaves out the middle of a prompt that asks for it. */
function maySqueeze(prompt: Prompt): boolean {
  return (
    asArray(prompt.fields?.['transforms']).length > 0 ||
    pluginsOf(prompt).some(
      (plugin) => isRecord(plugin) && plugin['id'] === 'context-compression' && plugin['enabled'] !== false,
    )
  );
}

function isAtEdge(tokens: number, context: number | null): boolean {
  if (context !== null && tokens >= context - NEAR) return true;
  const power = Math.max(0, Math.round(Math.log2(tokens / SMALLEST_CONTEXT)));
  return Math.abs(tokens - SMALLEST_CONTEXT * 2 ** power) <= NEAR;
}

/** Whether tokens were not counted, but characters divided by four, as gateways do: those of all that was sent. */
function isReckoned(tokens: number, { texts, weight }: PromptTexts): boolean {
  const quarter = (charactersOf(texts) * weight) / 4;
  return Math.abs(tokens / quarter - 1) < 0.03;
}

/** Counted, and without a word: LM Studio leaves out the choices, too. */
function saysNothing({ record, partial }: AttemptOutcome): boolean {
  return partial === null && ['empty-answer', 'no-choices', 'cut-reply'].includes(record.code);
}

function promptCut(outcome: AttemptOutcome, told: number, count: number): AttemptOutcome {
  const message =
    `The API read ${numeral(told)} of about ${numeral(count)} tokens: raise the context of the model ` +
    "(OLLAMA_CONTEXT_LENGTH, num_ctx, or LM Studio's load setting), or set sluice.on_too_long: split, with " +
    'sluice.split.tokens, in the recipe.';
  const partial = asText(outcome.reply?.text) ?? outcome.partial;
  return { ...failed(outcome, 'prompt-cut', message, true), reply: null, partial };
}

function leftNoRoom(outcome: AttemptOutcome, told: number): AttemptOutcome {
  const message =
    `The prompt fills the context of the model (${numeral(told)} tokens), which leaves no room for an answer: load the ` +
    'model with a larger context, choose another, or split the document.';
  return failed(outcome, 'context-too-long', message, false);
}

function failed(outcome: AttemptOutcome, code: string, message: string, suspect: boolean): AttemptOutcome {
  const record = { ...outcome.record, code, message, verdict: 'fail' as const, counts: true };
  return { ...outcome, record, verdict: { kind: 'fail', suspect } };
}

/** Texts of a prompt, or samples of them, each of which stands for `weight` times its own length. */
interface PromptTexts {
  readonly texts: readonly string[];
  readonly weight: number;
}

/** Characters of a sample. */
const SAMPLE = 4000;
const SAMPLES = 64;

/** Samples of texts that are too long to be kept. */
function sampled(texts: readonly string[]): PromptTexts {
  const length = charactersOf(texts);
  const step = Math.max(SAMPLE, Math.ceil(length / SAMPLES));
  const samples: string[] = [];
  // Copied: a slice would hold all of its text.
  for (const text of texts)
    for (let at = 0; at < text.length; at += step) samples.push(Buffer.from(text.slice(at, at + SAMPLE)).toString());
  return { texts: samples, weight: length / charactersOf(samples) };
}

/** Runs of blanks, dashes and dots: one tokenizer takes a hundred of them as one token, and the next one none. */
const RUNS = /([^\p{L}\p{N}]{1,2}?)\1{7,}/gu;

/** By our tokenizer, each long run of the same sign as one. */
async function tokensOf({ texts, weight }: PromptTexts): Promise<number> {
  const count = await loadTokenCounter();
  return Math.round((await countedTokens(texts, (piece) => count(piece.replace(RUNS, '$1')))) * weight);
}

function mostTokens({ texts, weight }: PromptTexts): number {
  return texts.reduce((most, text) => most + tokensAtMost(text), 0) * weight;
}
