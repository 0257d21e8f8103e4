import type { Price } from '../domain/ports.ts';
import type { Prompt } from '../domain/request.ts';
import type { Api } from './api.ts';

export interface BodySettings {
  readonly api: Pick<Api, 'maxTokensField' | 'sendsReasoning' | 'asksForUsage' | 'routesByPrice'>;
  readonly maxTokens: number;
  /** An effort: `none minimal low medium high xhigh max`. */
  readonly reasoning: string;
  readonly stream: boolean;
  /**
   * What no provider of a model may ask more than; null where it does not matter, or nobody knows.
   * @default null
   */
  readonly maxPrice?: ((model: string) => Price | null) | null;
}

/** The body of a chat-completions call. The order of its keys is fixed: OpenRouter's response cache tells bodies apart by their bytes. */
export function requestBody(prompt: Prompt, settings: BodySettings): Readonly<Record<string, unknown>> {
  const { api, maxTokens, reasoning, stream } = settings;
  const maxPrice = api.routesByPrice ? (settings.maxPrice?.(prompt.model) ?? null) : null;
  return {
    model: prompt.model,
    messages: prompt.messages,
    [api.maxTokensField]: maxTokens,
    ...(api.sendsReasoning && { reasoning: { effort: reasoning } }),
    ...(maxPrice !== null && { provider: { max_price: perMillion(maxPrice) } }),
    stream,
    ...(stream && api.asksForUsage && { stream_options: { include_usage: true } }),
  };
}

/** OpenRouter's unit here, as texts, unlike that of its list of models (openapi: ProviderPreferences). */
function perMillion({ prompt, completion }: Price): Readonly<Record<string, string>> {
  return { prompt: decimal(prompt * 1e6), completion: decimal(completion * 1e6) };
}

/** Never in powers of ten, and without what binary fractions add. */
function decimal(amount: number): string {
  return amount.toFixed(9).replace(/\.?0+$/, '');
}
