import type { Inquiry } from '../../domain/ports.ts';
import type { ChatMessage, Part, Prompt } from '../../domain/request.ts';
import { errorMessage } from '../../lib/errors.ts';
import { isRecord, type JsonRecord } from '../../lib/json.ts';
import { CannotAskError } from './errors.ts';

type PromptContent = Exclude<ChatMessage['content'], string>[number];

/** What stands in the messages of a prompt, in order; texts as text parts. */
export function contentsOf({ messages }: Pick<Prompt, 'messages'>): readonly PromptContent[] {
  return messages.flatMap(({ content }) => (typeof content === 'string' ? [{ kind: 'text', text: content }] : content));
}

/** The texts of a prompt. */
export function textsOf({ messages }: Pick<Prompt, 'messages'>): readonly string[] {
  return messages.flatMap(({ content }) => (typeof content === 'string' ? content : content.flatMap(textOf)));
}

function textOf(content: PromptContent): readonly string[] {
  return content.kind === 'text' ? [content.text] : [];
}

/** UTF-8 bytes of the texts of a prompt: it has no more tokens than that. */
export function textBytes({ messages }: Pick<Prompt, 'messages'>): number {
  let bytes = 0;
  for (const { content } of messages) {
    if (typeof content === 'string') bytes += Buffer.byteLength(content);
    else for (const part of content) if (part.kind === 'text') bytes += Buffer.byteLength(part.text);
  }
  return bytes;
}

/** The prompt with a plugin; as it is if the recipe says something of that plugin itself. */
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

/** The first prompt of some parts of a document. Rejects with CannotAskError. */
export async function renderPrompt({ recipe, document }: Inquiry, parts: readonly Part[]): Promise<Prompt> {
  try {
    return await recipe.render(document, parts);
  } catch (error) {
    throw new CannotAskError('not-rendered', errorMessage(error));
  }
}
