import { cutText } from './answer-text.ts';
import { proseAnswer, remainder, wholeAnswer } from './answers.ts';
import { apiError } from './api-error.ts';
import type { Parsing } from './billing.ts';
import { anotherModel, type CatalogueModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import type { Completion, MessageExtras } from './completion.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Fault } from './fault-plan.ts';
import { wrongJson } from './json-answer.ts';
import type { ReplayOrder } from './replay-cache.ts';
import { type CacheUse, charactersOf, tokensOf, type Usage, usageOf } from './usage.ts';

/** A call that the door let in. */
export interface AdmittedCall {
  readonly request: ChatRequest;
  readonly model: CatalogueModel;
  /** 1 for the document's first. */
  readonly attempt: number;
  /** The generation's. */
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  /** Null where it asks nothing of the response cache. */
  readonly replay: ReplayOrder | null;
}

/** How a call is answered. */
interface Terms {
  readonly fault: Fault | undefined;
  readonly parsing: Parsing;
  /** Null where the provider keeps nothing of the prompt. */
  readonly cache: CacheUse | null;
  /** How long the answer is at least. */
  readonly answerTokens: number;
  readonly reasons: boolean;
}

/** What was made, and what the making used up, whether or not the reply tells it. */
interface MadeCompletion {
  readonly completion: Completion;
  readonly usage: Usage;
}

const REASONING = 'The document says what it is about at its beginning, so that is what the answer repeats.';
const REASONING_TOKENS = tokensOf(REASONING.length);

/** The smallest PNG that there is. */
const IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';

/** Answers a request from its own text, spoilt as its fault says, and no longer than it may be. */
export function makeCompletion(call: AdmittedCall, terms: Terms): MadeCompletion {
  const { request, id, created } = call;
  const { fault } = terms;
  const model = fault?.kind === 'wrong-model' ? (anotherModel(call.model.id) ?? call.model) : call.model;
  const answer = remainder(wholeAnswer(request, model, terms.answerTokens), request.said);
  const spoilt = fault === undefined ? {} : (SPOILERS[fault.kind]?.(answer, fault, request) ?? {});
  const { content: meant = answer } = spoilt;
  const content = meant === null ? null : cutText(meant, longestAnswer(call, terms));
  const usage = usageFor(call, terms, { model, answer, content: meant ? (content ?? '') : '' });
  const completion: Completion = {
    id,
    created,
    model: model.id,
    refusal: null,
    extras: extrasOf(call, terms),
    finishReason: content === meant ? 'stop' : 'length',
    error: null,
    breaksOff: false,
    usage,
    ...spoilt,
    content,
  };
  return { completion, usage };
}

/** In characters: what the request, the model and its thoughts leave. */
function longestAnswer({ request, model }: AdmittedCall, { reasons }: Terms): number {
  const longest = Math.min(request.maxTokens, model.top_provider.max_completion_tokens);
  return charactersOf(Math.max(0, longest - (reasons ? REASONING_TOKENS : 0)));
}

interface Made {
  readonly model: CatalogueModel;
  readonly answer: string;
  /** Empty where the answer was reasoned away or thrown away: it was generated all the same. */
  readonly content: string;
}

function usageFor({ request }: AdmittedCall, terms: Terms, { model, answer, content }: Made): Usage {
  const generated = content === '' ? answer : content;
  const isReasonedAway = terms.fault?.kind === 'length-empty';
  return usageOf(model, request.promptCharacters, isReasonedAway ? 0 : generated.length, {
    reasoningTokens: (terms.reasons ? REASONING_TOKENS : 0) + (isReasonedAway ? tokensOf(generated.length) : 0),
    extraUsd: terms.parsing.cost,
    cache: terms.cache,
  });
}

function extrasOf({ request, model }: AdmittedCall, { parsing, reasons }: Terms): MessageExtras | null {
  const makesImage = request.wantsImages && model.architecture.output_modalities.includes('image');
  if (!reasons && !makesImage && parsing.annotations.length === 0) return null;
  return {
    ...(reasons && { reasoning: REASONING }),
    ...(parsing.annotations.length > 0 && { annotations: parsing.annotations }),
    ...(makesImage && { images: [{ type: 'image_url', image_url: { url: IMAGE } }] }),
  };
}

type Spoiler = (answer: string, fault: Fault, request: ChatRequest) => Partial<Completion>;

/** What a fault changes in a good completion; the faults that are not here change only how it travels. */
const SPOILERS: Readonly<Partial<Record<FaultKind, Spoiler>>> = {
  empty: () => ({ content: '' }),
  length: (answer) => ({ content: firstHalf(answer), finishReason: 'length' }),
  'length-empty': () => ({ content: '', finishReason: 'length' }),
  'content-filter': (answer) => ({ content: firstHalf(answer), finishReason: 'content_filter' }),
  refusal: () => ({ content: null, refusal: 'I cannot help with that.', finishReason: 'content_filter' }),
  'finish-error': (answer, fault) => ({ ...failed(answer, fault), breaksOff: false }),
  'mid-stream-error': (answer, fault) => ({ ...failed(answer, fault), breaksOff: true }),
  'json-fenced': (answer) => ({ content: fenced(answer) }),
  'json-prose': (answer) => ({ content: `Here is what you asked for:\n\n${answer}\n\nI hope that this helps.` }),
  'json-invalid': (answer) => ({ content: `${answer.slice(0, -1)},` }),
  'json-wrong': (_answer, _fault, { format }) => (format === null ? {} : { content: wrongJson(format) }),
  'json-ignored': (_answer, _fault, request) => ({ content: proseAnswer(request, 0) }),
  'no-usage': () => ({ usage: null }),
};

function fenced(answer: string): string {
  return `\`\`\`${/^[[{]/.test(answer) ? 'json' : ''}\n${answer}\n\`\`\``;
}

function failed(answer: string, fault: Fault): Partial<Completion> {
  const error = apiError(fault.status ?? 502, fault);
  return { content: firstHalf(answer), finishReason: 'error', error, usage: null };
}

function firstHalf(text: string): string {
  return cutText(text, Math.floor(text.length / 2));
}
