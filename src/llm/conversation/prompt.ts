import type { ChatMessage, Prompt } from '../../domain/request.ts';

type Content = Exclude<ChatMessage['content'], string>[number];

/** What stands in the messages of a prompt, in order; texts as text parts. */
export function contentsOf({ messages }: Pick<Prompt, 'messages'>): readonly Content[] {
  return messages.flatMap(({ content }) => (typeof content === 'string' ? [{ kind: 'text', text: content }] : content));
}

/** The texts of a prompt. */
export function textsOf({ messages }: Pick<Prompt, 'messages'>): readonly string[] {
  return messages.flatMap(({ content }) => (typeof content === 'string' ? content : content.flatMap(textOf)));
}

function textOf(content: Content): readonly string[] {
  return content.kind === 'text' ? [content.text] : [];
}

/** UTF-8 bytes of the texts of a prompt: it has no more tokens than that. */
export function textBytes(prompt: Pick<Prompt, 'messages'>): number {
  return textsOf(prompt).reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
}
