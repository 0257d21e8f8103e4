import type { JsonRecord } from '../lib/json.ts';
import type { Admission } from './admission.ts';
import { answerText, cutText, firstHalf } from './answer-text.ts';
import { apiError } from './api-errors.ts';
import { CATALOGUE, type CatalogueModel } from './catalogue.ts';
import type { ChatRequest, JsonFormat } from './chat-request.ts';
import type { Completion, MessageExtras } from './completion.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { COST_PLACES, Fault, FaultPlan } from './fault-plan.ts';
import type { Parsing } from './file-parsing.ts';
import { jsonAnswer, wrongJson } from './json-answer.ts';
import type { Profile } from './profiles.ts';
import type { ReplayOrder } from './replay-cache.ts';
import { type CacheUse, CHARACTERS_PER_TOKEN, type ReplyUsage, tokensOf, usageOf } from './usage.ts';

/** A call that was admitted. */
export interface AdmittedCall extends Admission {
  readonly request: ChatRequest;
  /** 1 for the document's first. */
  readonly attempt: number;
  /** Of the generation: `gen-…`. */
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  /** Null if it does not use the response cache. */
  readonly replay: ReplayOrder | null;
}

/** How a call is answered. */
interface AnswerOptions {
  readonly fault: Fault | undefined;
  readonly parsing: Parsing;
  /** Null if the provider caches nothing of the prompt. */
  readonly cache: CacheUse | null;
  readonly plan: Pick<FaultPlan, 'answerTokens' | 'reasoning'>;
  readonly profile: Profile;
}

const REASONING = 'The document says what it is about at its beginning, so that is what the answer repeats.';
const REASONING_TOKENS = tokensOf(REASONING.length);
/** Of xAI. */
export const TICKS_PER_USD = 1e10;

/** A PNG of one pixel. */
const IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';

/**
 * Answers a request from its own text, spoilt as its fault says, and no longer than it may be. `usage` is what that took,
 * whether or not the reply says so.
 */
export function makeCompletion(
  call: AdmittedCall,
  { fault, parsing, cache, plan, profile }: AnswerOptions,
): { readonly completion: Completion; readonly usage: ReplyUsage } {
  const { id, created } = call;
  const request = { ...call.request, format: formatFor(profile, call.request) };
  const model =
    fault?.kind === 'wrong-model'
      ? (CATALOGUE.find(({ id: other }) => other !== call.model.id) ?? call.model)
      : call.model;
  const isAllowed = profile.errors === 'openrouter' ? request.mayReason : profile.thinking !== null;
  const reasons = plan.reasoning === true && isAllowed;
  const thoughts = reasons ? REASONING_TOKENS : 0;
  const answer = remainder(wholeAnswer(request, model, plan.answerTokens ?? 0), request.said);
  const spoilt = fault === undefined ? {} : (SPOILERS[fault.kind]?.(answer, fault, request) ?? {});
  const { content: meant = answer } = spoilt;
  const longest = Math.min(request.maxTokens, call.model.top_provider.max_completion_tokens);
  const content = meant === null ? null : cutText(meant, Math.max(0, longest - thoughts) * CHARACTERS_PER_TOKEN);
  // The answer was generated even if it was dropped, or if reasoning took all tokens.
  const generated = content === null || content === '' ? answer : content;
  const isReasonedAway = fault?.kind === 'length-empty';
  const usage = usageOf(model, request.promptCharacters, isReasonedAway ? 0 : generated.length, {
    reasoningTokens: thoughts + (isReasonedAway ? tokensOf(generated.length) : 0),
    extraUsd: parsing.cost,
    cache,
  });
  const completion: Completion = {
    id,
    created,
    model: model.id,
    refusal: null,
    extras: extrasOf(call, parsing, reasons),
    finishReason: content === meant ? 'stop' : 'length',
    error: null,
    breaksOff: false,
    usage: toldUsage(usage, fault),
    ...spoilt,
    content,
  };
  return { completion, usage };
}

function extrasOf({ request, model }: AdmittedCall, parsing: Parsing, reasons: boolean): MessageExtras | null {
  const makesImage = request.wantsImages && model.architecture.output_modalities.includes('image');
  if (!reasons && !makesImage && parsing.annotations.length === 0) return null;
  return {
    ...(reasons && { reasoning: REASONING }),
    ...(parsing.annotations.length > 0 && { annotations: parsing.annotations }),
    ...(makesImage && { images: [{ type: 'image_url', image_url: { url: IMAGE } }] }),
  };
}

type Spoiler = (answer: string, fault: Fault, request: ChatRequest) => Partial<Completion>;

/** What a fault changes in a good completion; the other faults change only how it travels. */
const SPOILERS: Readonly<Partial<Record<FaultKind, Spoiler>>> = {
  empty: () => ({ content: '' }),
  length: (answer, { word = 'length' }) => ({ content: firstHalf(answer), finishReason: word }),
  'length-empty': () => ({ content: '', finishReason: 'length' }),
  'content-filter': (answer, { word = 'content_filter' }) => ({ content: firstHalf(answer), finishReason: word }),
  'finish-word': (_answer, { word = 'stop' }) => ({ finishReason: word }),
  'finish-none': () => ({ finishReason: null }),
  refusal: () => ({ content: null, refusal: 'I cannot help with that.', finishReason: 'content_filter' }),
  'finish-error': failed,
  'mid-stream-error': (answer, fault) => ({ ...failed(answer, fault), breaksOff: true }),
  'error-event': (answer, fault) => ({ ...failed(answer, fault), breaksOff: true }),
  'json-fenced': (answer) => ({ content: `\`\`\`${/^[[{]/.test(answer) ? 'json' : ''}\n${answer}\n\`\`\`` }),
  'json-prose': (answer) => ({ content: `Here is what you asked for:\n\n${answer}\n\nI hope that this helps.` }),
  'json-invalid': (answer) => ({ content: `${answer.slice(0, -1)},` }),
  'json-wrong': (_answer, _fault, { format }) => (format === null ? {} : { content: wrongJson(format) }),
  'json-ignored': (_answer, _fault, request) => ({ content: proseAnswer(request, 0) }),
  'no-usage': () => ({ usage: null }),
  'think-tags': (answer, _fault, request) => ({ content: `<think>\n${draftOf(request)}\n</think>\n\n${answer}` }),
  'think-end': (answer, _fault, request) => ({ content: `${draftOf(request)}\n</think>\n\n${answer}` }),
  'reasoning-content': (_answer, _fault, request) => ({ extras: { reasoning_content: draftOf(request) } }),
  'answer-in-reasoning': (answer) => ({ content: '', extras: { reasoning_content: answer } }),
  'draft-first': (answer, _fault, request) => ({
    content: `${draftOf(request)}\n\nThat was a draft. This is the answer:\n\n${answer}`,
  }),
};

/** OpenRouter is told by the parameter alone, so that tests see what a model does that does not know it. */
function formatFor(profile: Profile, { format, wordedFormat }: ChatRequest): JsonFormat | null {
  if (profile.errors === 'openrouter') return format;
  if (wordedFormat === null) return profile.ignoresFormat === true ? null : format;
  return wordedFormat.schema === null ? (format ?? wordedFormat) : wordedFormat;
}

/** Longer than the answer, and other than it; JSON that fits the format if there is one. */
function draftOf({ format, text }: ChatRequest): string {
  const draft = `Draft, not the answer: ${'so far '.repeat(12)}`;
  return format === null ? `${draft}\n\n${answerText(text)}` : jsonAnswer(`${draft}\n${text}`, format);
}

function toldUsage(usage: ReplyUsage, fault: Fault | undefined): ReplyUsage | JsonRecord {
  const { kind, tokens = usage.prompt_tokens, place } = fault ?? {};
  if (kind === 'odd-usage') return { ...usage, ...fault?.usage };
  if (kind === 'prompt-cut') return { ...usage, prompt_tokens: Math.min(usage.prompt_tokens, tokens) };
  return place === undefined ? usage : costElsewhere(usage, place);
}

function costElsewhere(
  { cost, cost_details: _details, ...usage }: ReplyUsage,
  place: (typeof COST_PLACES)[number],
): JsonRecord {
  if (place === 'ticks') return { ...usage, cost_in_usd_ticks: Math.round(cost * TICKS_PER_USD) };
  if (place === 'estimated') return { ...usage, estimated_cost: cost };
  return place === 'total' ? { ...usage, cost: { total_cost: cost } } : usage;
}

function failed(answer: string, fault: Fault): Partial<Completion> {
  const error = apiError(fault.status ?? 502, fault);
  return { content: firstHalf(answer), finishReason: 'error', error, usage: null };
}

/** The whole answer about a request's document, in the format that was asked for. */
function wholeAnswer(request: ChatRequest, model: CatalogueModel, tokens: number): string {
  const { format, text } = request;
  // A model that does not know the parameter ignores it.
  const parameter = format?.schema === null ? 'response_format' : 'structured_outputs';
  const keepsFormat = format !== null && model.supported_parameters.includes(parameter);
  return keepsFormat ? jsonAnswer(text, format) : proseAnswer(request, tokens);
}

/** Also names what came beside the text. */
function proseAnswer({ text, inputs, instructions }: ChatRequest, tokens: number): string {
  const made = answerText(text, instructions);
  const seen = inputs.map(({ label, name }) => `${name === '' ? '' : `${name}: `}${label}`);
  const answer = seen.length === 0 ? made : `${made}\n\nSeen: ${seen.join('; ')}.`;
  return longAnswer(answer, tokens);
}

/** What is not said yet; the whole if what was said is not its beginning, as in a request to repair an answer. */
function remainder(whole: string, said: string): string {
  return said.length < whole.length && whole.startsWith(said) ? whole.slice(said.length) : whole;
}

/** The answer, made at least so long by numbered paragraphs; no two are alike. */
function longAnswer(answer: string, tokens: number): string {
  const parts = [answer];
  let length = answer.length;
  for (let number = 1; tokensOf(length) < tokens; number += 1) {
    const paragraph = `Paragraph ${number} says that this is paragraph ${number} of a long answer.`;
    parts.push(paragraph);
    length += paragraph.length + 2;
  }
  return parts.join('\n\n');
}
