import { firstValueFrom } from 'rxjs';
import { type Models, worstCostUsd } from '../../domain/models.ts';
import type { PreparedRequest, Prices } from '../../domain/ports.ts';
import type { Prompt } from '../../domain/request.ts';
import { textsOf } from '../../llm/conversation/prompt.ts';
import { createLlm, type LlmSettings } from '../../llm/llm.ts';
import { requestBody } from '../../llm/request/body.ts';
import { mediaSize } from '../../llm/request/size.ts';
import { isTokenizerOf, loadTokenCounter, TOKENIZER } from '../../llm/tokens.ts';
import { expectAnswer } from '../plan/models.ts';
import type { RenderedRequest } from './text.ts';

type Measures = Pick<
  RenderedRequest,
  'promptTokens' | 'answerTokens' | 'contextTokens' | 'fits' | 'costUsd' | 'bytes' | 'bodySha256' | 'body'
>;

/** The body of a request, and what it comes to. Nothing is sent. */
export async function measureRequest(
  prompt: Prompt,
  settings: LlmSettings & { readonly prices: Prices },
  models: Models,
): Promise<Measures> {
  const llm = createLlm(settings);
  const request = llm.prepare(prompt);
  llm.close();
  const { bytes, bodySha256, maxTokens, promptTokensAtMost: most } = request;
  const text = await countTexts(prompt);
  const media = mediaSize(prompt.messages).likelyPromptTokens;
  const likely = Math.round(expectAnswer([], { ...settings, maxTokens }).completionTokens.likely);
  const contextTokens = (await firstValueFrom(models.facts(prompt.model)))?.contextTokens ?? null;
  return {
    promptTokens: { text, media, most, tokenizer: TOKENIZER, tokenizerFits: isTokenizerOf(prompt.model) },
    answerTokens: { likely, most: maxTokens },
    contextTokens,
    fits: contextTokens === null ? null : text + media + maxTokens <= contextTokens,
    costUsd: costOf(request, { prompt: text + media, completion: likely }, settings.prices),
    bytes,
    bodySha256,
    body: requestBody(prompt, settings),
  };
}

async function countTexts(prompt: Prompt): Promise<number> {
  const count = await loadTokenCounter();
  return textsOf(prompt).reduce((tokens, text) => tokens + count(text), 0);
}

interface Likely {
  readonly prompt: number;
  readonly completion: number;
}

/** The most by the dearest of the models that may answer, what is likely by the one that is asked. */
function costOf(request: PreparedRequest, likely: Likely, prices: Prices): RenderedRequest['costUsd'] {
  const known = request.models.map((model) => prices.of(model)).filter((price) => price !== null);
  const [asked] = known;
  const worst = known.map((price) => worstCostUsd(price, request)).filter((usd) => usd !== null);
  if (asked === undefined || worst.length < request.models.length) return null;
  return {
    likely: likely.prompt * asked.prompt + likely.completion * asked.completion + asked.request,
    most: Math.max(...worst),
  };
}
