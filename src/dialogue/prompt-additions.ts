import type { ChatMessage, Prompt } from '../domain/request.ts';
import { isRecord, type JsonRecord } from '../lib/json.ts';

/** The prompt with a plugin; as it is where the recipe says something of that plugin itself. */
export function withPlugin(prompt: Prompt, plugin: JsonRecord & { readonly id: string }): Prompt {
  const given: unknown = prompt.fields?.['plugins'];
  const plugins: readonly unknown[] = Array.isArray(given) ? given : [];
  if (plugins.some((other) => isRecord(other) && other['id'] === plugin.id)) return prompt;
  return withField(prompt, 'plugins', [...plugins, plugin]);
}

export function withField(prompt: Prompt, name: string, value: unknown): Prompt {
  return { ...prompt, fields: { ...prompt.fields, [name]: value } };
}

/** The prompt with a text at the end of its instructions: of its first system message, or of one that is added. */
export function withInstruction(prompt: Prompt, text: string): Prompt {
  const index = prompt.messages.findIndex(({ role }) => role === 'system');
  const system = prompt.messages[index];
  if (system === undefined) return { ...prompt, messages: [{ role: 'system', content: text }, ...prompt.messages] };
  return { ...prompt, messages: prompt.messages.with(index, extended(system, text)) };
}

function extended(message: ChatMessage, text: string): ChatMessage {
  const { content } = message;
  return {
    ...message,
    content: typeof content === 'string' ? `${content}\n\n${text}` : [...content, { kind: 'text', text }],
  };
}
