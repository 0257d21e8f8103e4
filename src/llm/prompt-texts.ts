import type { ChatMessage, Prompt } from '../domain/request.ts';
import { asArray, asObject } from './json.ts';

/** All text that may be quoted of a prompt: also what an API parsed out of its files, and nothing else of what is no text. */
export function promptTexts({ messages }: Pick<Prompt, 'messages'>): readonly string[] {
  return messages.flatMap(({ content, annotations = [] }) => [
    ...contentTexts(content),
    ...annotations.flatMap(parsedTexts),
  ]);
}

function contentTexts(content: ChatMessage['content']): readonly string[] {
  return typeof content === 'string' ? [content] : content.flatMap((part) => (part.kind === 'text' ? part.text : []));
}

/** What an API parsed out of a file is the document's text, too. */
function parsedTexts(annotation: unknown): readonly string[] {
  const parts = asArray(asObject(asObject(annotation)['file'])['content']);
  return parts.map((part) => asObject(part)['text']).filter((text) => typeof text === 'string');
}
