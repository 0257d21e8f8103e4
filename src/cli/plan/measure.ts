import type { LeftOut } from '../../domain/document.ts';
import type { Models } from '../../domain/models.ts';
import type { Options } from '../../domain/options.ts';
import type { Converter } from '../../domain/ports.ts';
import type { Part, Prompt } from '../../domain/request.ts';
import { readDocument } from '../../inbox/read.ts';
import { total } from '../../lib/collections.ts';
import { fitAnswer } from '../../llm/conversation/fit.ts';
import { stageRequest } from '../../llm/conversation/next-request.ts';
import { planRequests, stagesOf } from '../../llm/conversation/plan.ts';
import { CannotAskError, renderPrompt, textsOf } from '../../llm/conversation/prompt.ts';
import { mediaSize } from '../../llm/request/size.ts';
import type { CountTokens } from '../../llm/tokens.ts';
import { convertFor } from '../../pipeline/prepare-request.ts';
import type { PlannedDocument } from './documents.ts';

export interface MeasureSettings extends Pick<Options, 'inbox' | 'maxBytes' | 'maxTokens'> {
  readonly models: Models;
  readonly converter: Converter;
  readonly countTokens: CountTokens;
}

/** What asking a document takes, or why it would be refused. */
export type MeasuredDocument =
  | ({ readonly kind: 'asked' } & DocumentMeasures)
  /** `code`: our code for why. */
  | { readonly kind: 'refused'; readonly code: string };

export interface DocumentMeasures {
  /** The document's bytes. */
  readonly size: number;
  readonly leftOut: LeftOut;
  /** How many of these have their tokens counted; those of the others are estimated in proportion. */
  readonly countedBytes: number;
  readonly requests: number;
  /** How many answers to parts the last request holds, if it combines them. */
  readonly answersRead: number;
  /** Of all its prompts together. */
  readonly textTokens: number;
  /** For images, sound and PDFs; estimated. */
  readonly mediaTokens: number;
  readonly mediaTokensAtMost: number;
  /** The longest answer that is asked for. */
  readonly maxTokens: number;
}

/** What chat models add for the role of a message, and for the beginning of an answer. */
const TOKENS_OF = { message: 4, answer: 3 };

/**
 * Reads and converts a document as a run would, and makes its prompts. Tokens are counted of the first `mostCounted`
 * characters of its text. Null if it is not there as it was found; never rejects.
 */
export async function measureDocument(
  planned: PlannedDocument,
  mostCounted: number,
  settings: MeasureSettings,
): Promise<MeasuredDocument | null> {
  const { inbox, maxBytes, converter } = settings;
  try {
    const read = await readDocument({ root: inbox, maxBytes }, planned);
    if (read.kind === 'refused') return { kind: 'refused', code: read.code };
    if (read.kind !== 'read') return null;
    const converted = await convertFor(converter, read.content, planned.recipe);
    if (converted.kind === 'refused') return { kind: 'refused', code: converted.code };
    const { parts, leftOut } = converted;
    return { kind: 'asked', leftOut, ...(await measureParts(planned, parts, mostCounted, settings)) };
  } catch (error) {
    return { kind: 'refused', code: error instanceof CannotAskError ? error.code : 'unexpected' };
  }
}

/** Rejects with CannotAskError if a run would refuse it. */
async function measureParts(
  { recipe, ...document }: PlannedDocument,
  parts: readonly Part[],
  mostCounted: number,
  { models, maxTokens, countTokens }: MeasureSettings,
): Promise<Omit<DocumentMeasures, 'leftOut'>> {
  const text = parts.flatMap((part) => (part.kind === 'text' ? part.text : [])).join('\n\n');
  const beginning = text.slice(0, mostCounted);
  // The rest of a long text is taken to have as many tokens a character as its beginning.
  const perCharacter = text.length <= mostCounted ? null : countTokens(beginning) / beginning.length;
  const count = perCharacter === null ? countTokens : (some: string) => Math.ceil(some.length * perCharacter);
  const inquiry = { document, recipe, parts, fingerprint: document.id };
  const fit = { models, maxTokens, roomyModel: null, countTokens: () => Promise.resolve(count) };
  // All requests of the document, if nothing goes wrong.
  const whole = await renderPrompt(inquiry, parts);
  const plan = await planRequests(inquiry, whole, fit);
  const asked = { inquiry, whole, plan, models };
  const requestAt = async (index: number): Promise<Prompt> =>
    fitAnswer(await stageRequest(asked, { index, answers: [], goesOn: false }), fit);
  const prompts = await Promise.all(Array.from({ length: stagesOf(plan) }, (_, index) => requestAt(index)));

  const textTokensOf = (prompt: Prompt): number =>
    total(textsOf(prompt), count) + prompt.messages.length * TOKENS_OF.message + TOKENS_OF.answer;
  const sizes = prompts.map(({ messages }) => mediaSize(messages));
  const mediaTokens = total(sizes, ({ likelyPromptTokens }) => likelyPromptTokens);
  const mediaTokensAtMost = total(sizes, ({ promptTokensAtMost }) => promptTokensAtMost);
  // A prompt is no longer than its model takes. Texts were fitted already: nothing is looked up for them.
  const context = mediaTokensAtMost === 0 ? null : (await models.facts(recipe.model))?.contextTokens;
  const most = prompts.length * (context ?? Number.POSITIVE_INFINITY);
  return {
    size: document.size,
    countedBytes: text === '' ? 0 : document.size * Math.min(1, mostCounted / text.length),
    requests: prompts.length,
    answersRead: plan.combine === null ? 0 : plan.segments.length,
    textTokens: total(prompts, textTokensOf),
    mediaTokens: Math.min(mediaTokens, most),
    mediaTokensAtMost: Math.min(mediaTokensAtMost, most),
    maxTokens: Math.max(...prompts.map((prompt) => prompt.maxTokens ?? maxTokens)),
  };
}
