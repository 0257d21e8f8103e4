import { answerText } from './answer-text.ts';
import { apiError } from './api-error.ts';
import { anotherModel, type CatalogueModel } from './catalogue.ts';
import type { ChatRequest } from './chat-request.ts';
import type { Completion } from './completion.ts';
import { cutText } from './cut-text.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Fault } from './fault-plan.ts';
import type { ReplayOrder } from './replay-order.ts';
import { type Usage, usageOf } from './usage.ts';

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

/** What was made, and what the making used up, whether or not the reply tells it. */
interface MadeCompletion {
  readonly completion: Completion;
  readonly usage: Usage;
}

/** Answers a request from its own text, spoilt as its fault says. */
export function makeCompletion(call: AdmittedCall, fault: Fault | undefined): MadeCompletion {
  const { request, id, created } = call;
  const model = fault?.kind === 'wrong-model' ? (anotherModel(call.model.id) ?? call.model) : call.model;
  const answer = answerText(request.text);
  const spoilt = fault === undefined ? {} : (SPOILERS[fault.kind]?.(answer, fault) ?? {});
  // What has no content was reasoned away or thrown away, and was generated all the same.
  const generated = spoilt.content || answer;
  const usage = usageOf(model, request.promptCharacters, generated.length, fault?.kind === 'length-empty');
  const completion: Completion = {
    id,
    created,
    model: model.id,
    content: answer,
    refusal: null,
    finishReason: 'stop',
    error: null,
    breaksOff: false,
    usage,
    ...spoilt,
  };
  return { completion, usage };
}

type Spoiler = (answer: string, fault: Fault) => Partial<Completion>;

/** What a fault changes in a good completion; the faults that are not here change only how it travels. */
const SPOILERS: Readonly<Partial<Record<FaultKind, Spoiler>>> = {
  empty: () => ({ content: '' }),
  length: (answer) => ({ content: firstHalf(answer), finishReason: 'length' }),
  'length-empty': () => ({ content: '', finishReason: 'length' }),
  'content-filter': (answer) => ({ content: firstHalf(answer), finishReason: 'content_filter' }),
  refusal: () => ({ content: null, refusal: 'I cannot help with that.', finishReason: 'content_filter' }),
  'finish-error': (answer, fault) => ({ ...failed(answer, fault), breaksOff: false }),
  'mid-stream-error': (answer, fault) => ({ ...failed(answer, fault), breaksOff: true }),
  'no-usage': () => ({ usage: null }),
};

function failed(answer: string, fault: Fault): Partial<Completion> {
  const error = apiError(fault.status ?? 502, fault);
  return { content: firstHalf(answer), finishReason: 'error', error, usage: null };
}

function firstHalf(text: string): string {
  return cutText(text, Math.floor(text.length / 2));
}
