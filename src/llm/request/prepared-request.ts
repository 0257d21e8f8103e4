import { hash } from 'node:crypto';
import type { Attempt, AttemptListener, AttemptStart, PreparedRequest } from '../../domain/ports.ts';
import type { Prompt } from '../../domain/request.ts';
import { asAmount, asObject } from '../../lib/json.ts';
import type { Api } from '../api.ts';
import { inputsOf } from '../conversation/prompt.ts';
import { charactersOf } from '../conversation/split-text.ts';
import { type CallLimits, startHttpCall } from '../http/call.ts';
import type { HttpClient } from '../http/client.ts';
import { RequestContent, replayHeaders } from '../http/transport.ts';
import { createReplyReader } from '../reply/parse.ts';
import type { Redact } from '../reply/redact.ts';
import { attemptOutcome, generationIdOf } from '../verdict/outcome.ts';
import { createPromptCheck, type PromptCheck } from '../verdict/prompt-cut.ts';
import { silenceOf } from '../verdict/refusal.ts';
import { type BodySettings, isBounded, modelsAsked, promptTexts } from './body.ts';
import { correct, type Refusable, refusableOf } from './correction.ts';
import type { Learned, Lessons } from './learned.ts';
import { ocrFeeUsdAtMost, promptSize, surchargeOf } from './size.ts';

export interface RequestSettings extends BodySettings, CallLimits {
  /** With its base URL filled in. */
  readonly api: Api;
  /** Let the API keep answers for a day, if it can, and give them again, free, for the same request. */
  readonly replayCache: boolean;
  /**
   * Tokens of prompt and answer that a model is known to take by now; null if that is not known.
   * @default nothing is known
   */
  readonly contextTokens?: (model: string) => number | null;
  /** Asks, free of charge, how many tokens a server of one's own has a model loaded for; null where none tells. Never rejects. */
  readonly askForContext?: (model: string) => Promise<number | null>;
  /**
   * Whether the API is known by now to list a model.
   * @default nothing is known
   */
  readonly listsModel?: (model: string) => boolean;
  /** What earlier refusals taught. */
  readonly learned: Learned;
  /** Takes key and prompt out of what the server says; given the prompt's texts, or null if they are gone. */
  readonly redactionFor: (texts: readonly string[] | null) => Redact;
  /** Asks, free of charge, whether nothing of the API itself answers. Never rejects. */
  readonly isSilent: () => Promise<boolean>;
}

/** Writes the request down, for one call. By its bytes OpenRouter knows whether it has their answer. */
export function prepareRequest(http: HttpClient, prompt: Prompt, settings: RequestSettings): PreparedRequest {
  const lessons = settings.learned.of(settings.api.identity, prompt.model);
  const { model, fields = {} } = prompt;
  const limited = lessons.limit(prompt, settings);
  const { maxTokens = settings.maxTokens } = limited;
  const { body, leftOut, renamed } = lessons.bodyOf(limited, settings);
  const bytes = Buffer.from(JSON.stringify(body));
  const { promptTokensAtMost, likelyPromptTokens } = promptSize(prompt.messages, bytes.length);
  // Some models count what they think beside the answer, if that is set by itself.
  const thoughtTokens = asAmount(asObject(fields['reasoning'])['max_tokens']) ?? 0;
  const models = modelsAsked(prompt);
  const texts = textsToKeep(prompt);
  const { contextTokens = () => null, askForContext } = settings;
  const kept: KeptFacts = {
    model,
    models,
    sound: inputsOf(prompt).includes('audio'),
    texts,
    asksForJson: fields['response_format'] !== undefined,
    checkPrompt: createPromptCheck(prompt, bytes.length, texts, contextTokens, askForContext),
    lessons,
    refusable: refusableOf(body, prompt, {
      maxTokens,
      isBounded: isBounded(prompt, settings),
      lessons: lessons.count,
    }),
  };
  return {
    bodySha256: hash('sha256', bytes),
    models,
    bytes: bytes.length,
    promptTokensAtMost,
    likelyPromptTokens,
    feesUsdAtMost: ocrFeeUsdAtMost(prompt),
    surcharge: surchargeOf(fields),
    maxTokens: Math.max(maxTokens, thoughtTokens),
    notes: [
      ...leftOut.map((field) => `It was sent without ${field}, which the API does not take.`),
      ...Object.entries(renamed).map(
        ([field, as]) => `It was sent with ${as} in place of ${field}, which the API does not take.`,
      ),
    ],
    attempt: attemptsOf(http, new RequestContent(bytes), kept, settings),
  };
}

/** Characters. The texts of longer prompts are not kept to redact the reply by. */
const LONGEST_KEPT = 1_000_000;

function textsToKeep(prompt: Prompt): readonly string[] | null {
  const texts = promptTexts(prompt);
  return charactersOf(texts) > LONGEST_KEPT ? null : texts;
}

/** What is known of a request while its reply is waited for. */
interface KeptFacts {
  readonly model: string;
  readonly models: readonly string[];
  readonly sound: boolean;
  readonly texts: readonly string[] | null;
  readonly asksForJson: boolean;
  readonly checkPrompt: PromptCheck | null;
  readonly lessons: Lessons;
  readonly refusable: Refusable;
}

/** Apart, so that no closure of a call can hold the body, or the parts that it was made of. */
function attemptsOf(
  http: HttpClient,
  content: RequestContent,
  { model, models, sound, texts, asksForJson, checkPrompt, lessons, refusable }: KeptFacts,
  settings: RequestSettings,
): PreparedRequest['attempt'] {
  const { api, replayCache, redactionFor, isSilent, prices = null, listsModel = () => false } = settings;
  const isModel = (name: string): boolean => models.includes(name) || listsModel(name);
  const costs = { model, isModel, sound, prices, costsAreUsd: api.costsAreUsd, insured: api.routes };
  let started = false;
  return (start: AttemptStart, listener: AttemptListener): Attempt => {
    if (started) throw new Error('a prepared request is sent once');
    started = true;
    const redact = redactionFor(texts);
    if (replayCache && api.routes) content.headers = replayHeaders(start.skipCache);
    content.onSent = () => listener.sent();
    const request = { method: 'POST', path: '/chat/completions', content } as const;
    const call = startHttpCall(http, request, createReplyReader(), settings, (status, replyHeaders) =>
      listener.head({ status, generationId: generationIdOf(replyHeaders, redact) }),
    );
    let aborted = false;
    const outcome = call.result.then(async (ended) => {
      const judged = attemptOutcome(ended, start, redact, costs, asksForJson, (error) =>
        correct(lessons, refusable, error),
      );
      const silence = judged.verdict.kind === 'pause' || aborted ? null : silenceOf(ended);
      if (silence !== null)
        return { ...judged, silence: { ...silence, everywhere: !ended.sent || (await isSilent()) } };
      return checkPrompt === null ? judged : checkPrompt(judged, ended.body?.usage ?? null);
    });
    const abort = (): void => {
      aborted = true;
      call.abort();
    };
    return { outcome, abort };
  };
}
