import type { Prompt } from '../domain/request.ts';

/**
 * The prompt with what the API parsed out of its files before a call failed, so that it parses, and bills, nothing twice
 * (OpenRouter, PDF inputs, "Skip Parsing Costs": annotations go back in a message of the assistant).
 */
export function alreadyParsed(prompt: Prompt, annotations: readonly unknown[]): Prompt {
  return {
    ...prompt,
    messages: [
      ...prompt.messages,
      { role: 'assistant', content: 'The file was read.', annotations },
      { role: 'user', content: 'Now answer what was asked above.' },
    ],
  };
}
