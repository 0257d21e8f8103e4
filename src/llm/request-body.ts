import type { Prompt } from '../domain/request.ts';
import type { Api } from './api.ts';

export interface BodySettings {
  readonly api: Pick<Api, 'maxTokensField' | 'sendsReasoning' | 'asksForUsage'>;
  readonly maxTokens: number;
  /** An effort: `none minimal low medium high xhigh max`. */
  readonly reasoning: string;
  readonly stream: boolean;
}

/** The body of a chat-completions call. The order of its keys is fixed: OpenRouter's response cache tells bodies apart by their bytes. */
export function requestBody(prompt: Prompt, settings: BodySettings): Readonly<Record<string, unknown>> {
  const { api, maxTokens, reasoning, stream } = settings;
  return {
    model: prompt.model,
    messages: prompt.messages,
    [api.maxTokensField]: maxTokens,
    ...(api.sendsReasoning && { reasoning: { effort: reasoning } }),
    stream,
    ...(stream && api.asksForUsage && { stream_options: { include_usage: true } }),
  };
}
