import type { Models } from '../../domain/models.ts';
import type { Converter, Inquiry } from '../../domain/ports.ts';
import type { Part, Prompt } from '../../domain/request.ts';
import { readDocument } from '../../inbox/read.ts';
import { type FitSettings, fitAnswer } from '../../llm/conversation/fit.ts';
import { stageRequest } from '../../llm/conversation/next-request.ts';
import { planRequests, stagesOf } from '../../llm/conversation/plan.ts';
import { CannotAskError, renderPrompt, textsOf } from '../../llm/conversation/prompt.ts';
import { mediaSize } from '../../llm/request/size.ts';
import type { CountTokens } from '../../llm/tokens.ts';
import type { PlannedDocument } from './documents.ts';
import { total } from './plan.ts';

export interface MeasureSettings extends Pick<FitSettings, 'models' | 'maxTokens'> {
  readonly inbox: string;
  /** Larger documents are refused. */
  readonly maxBytes: number;
  readonly converter: Converter;
  readonly countTokens: CountTokens;
}

/** What asking a document takes, or why it would be refused. */
export type MeasuredDocument =
  | ({ readonly kind: 'asked' } & DocumentMeasures)
  /** `code` is our word for why. */
  | { readonly kind: 'refused'; readonly code: string };

export interface DocumentMeasures {
  /** Bytes of the document. */
  readonly size: number;
  /** Of them, those whose tokens were counted; by them the others were estimated. */
  readonly countedBytes: number;
  readonly requests: number;
  /** Answers that one of the requests holds. */
  readonly answersRead: number;
  /** Of all its prompts. */
  readonly textTokens: number;
  /** Estimated: of images, sound and PDFs. */
  readonly mediaTokens: number;
  readonly mediaTokensAtMost: number;
  /** The longest answer that is asked for. */
  readonly maxTokens: number;
}

/** What chat models add for the role of a message, and for the beginning of an answer. */
const TOKENS_OF = { message: 4, answer: 3 };

/**
 * Reads and converts a document as a run would, and makes its prompts. Of its text so many characters are counted at
 * most, from its beginning on. Null if it is not there as it was found; never rejects.
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
    const converted = await converter.convert(read.content, planned.recipe.handling.pdf);
    if (converted.kind === 'refused') return { kind: 'refused', code: converted.code };
    return { kind: 'asked', ...(await measureParts(planned, converted.parts, mostCounted, settings)) };
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
): Promise<DocumentMeasures> {
  const text = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n\n');
  const count = text.length <= mostCounted ? countTokens : byBeginning(text.slice(0, mostCounted), countTokens);
  const inquiry = { document, recipe, parts, fingerprint: document.id };
  const fit = { models, maxTokens, roomyModel: null, countTokens: () => Promise.resolve(count) };
  const { prompts, answersRead } = await promptsOf(inquiry, fit);
  return {
    size: document.size,
    countedBytes: text === '' ? 0 : document.size * Math.min(1, mostCounted / text.length),
    requests: prompts.length,
    answersRead,
    textTokens: total(prompts, (prompt) => textTokens(prompt, count)),
    ...(await mediaTokens(prompts, recipe.model, models)),
    maxTokens: Math.max(...prompts.map((prompt) => prompt.maxTokens ?? maxTokens)),
  };
}

/** What the beginning of a text comes to goes for all of it. */
function byBeginning(beginning: string, countTokens: CountTokens): CountTokens {
  const perCharacter = countTokens(beginning) / beginning.length;
  return (text) => Math.ceil(text.length * perCharacter);
}

/**
 * The requests of a document in which nothing goes wrong. `answersRead`: those that the last one holds beside its text,
 * if it combines the answers to parts.
 */
async function promptsOf(
  inquiry: Inquiry,
  settings: FitSettings,
): Promise<{ readonly prompts: readonly Prompt[]; readonly answersRead: number }> {
  const { models } = settings;
  const whole = await renderPrompt(inquiry, inquiry.parts);
  const plan = await planRequests(inquiry, whole, settings);
  const requestAt = async (index: number): Promise<Prompt> =>
    fitAnswer(await stageRequest({ inquiry, whole, plan, models }, { index, answers: [], goesOn: false }), settings);
  const prompts = await Promise.all(Array.from({ length: stagesOf(plan) }, (_, index) => requestAt(index)));
  return { prompts, answersRead: plan.combine === null ? 0 : plan.segments.length };
}

/** No prompt is longer than its model takes. Nothing is looked up for texts: those are known to fit. */
async function mediaTokens(
  prompts: readonly Prompt[],
  model: string,
  models: Models,
): Promise<Pick<DocumentMeasures, 'mediaTokens' | 'mediaTokensAtMost'>> {
  const sizes = prompts.map(({ messages }) => mediaSize(messages));
  const likely = total(sizes, ({ likelyPromptTokens }) => likelyPromptTokens);
  const atMost = total(sizes, ({ promptTokensAtMost }) => promptTokensAtMost);
  const context = atMost === 0 ? null : (await models.facts(model))?.contextTokens;
  const most = prompts.length * (context ?? Number.POSITIVE_INFINITY);
  return { mediaTokens: Math.min(likely, most), mediaTokensAtMost: Math.min(atMost, most) };
}

function textTokens(prompt: Prompt, count: CountTokens): number {
  return total(textsOf(prompt), count) + prompt.messages.length * TOKENS_OF.message + TOKENS_OF.answer;
}
