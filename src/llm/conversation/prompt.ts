import type { Inquiry } from '../../domain/ports.ts';
import type { Modality, Part, Prompt } from '../../domain/request.ts';
import { errorMessage } from '../../lib/errors.ts';
import { asArray } from '../../lib/json.ts';

/** The texts of a prompt. */
export function textsOf({ messages }: Pick<Prompt, 'messages'>): readonly string[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string' ? content : content.flatMap((part) => (part.kind === 'text' ? part.text : [])),
  );
}

/** UTF-8 bytes of the texts of a prompt: it has no more tokens than that. */
export function textBytes(prompt: Pick<Prompt, 'messages'>): number {
  return textsOf(prompt).reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
}

/** What a prompt holds beside text, each once. */
export function inputsOf({ messages }: Pick<Prompt, 'messages'>): readonly Modality[] {
  const inputs: Modality[] = [];
  for (const { content } of messages) {
    if (typeof content === 'string') continue;
    for (const { kind } of content) {
      const input = kind === 'linked image' ? 'image' : kind;
      if (input !== 'text' && !inputs.includes(input)) inputs.push(input);
    }
  }
  return inputs;
}

/** What the recipe says of the API's plugins. */
export function pluginsOf({ fields = {} }: Prompt): readonly unknown[] {
  return asArray(fields['plugins']);
}

/** The prompt with a field of ours; it stays the recipe's if that says something of it, too. */
export function withField(prompt: Prompt, name: string, value: unknown): Prompt {
  const { fields = {}, added = [] } = prompt;
  const ours = name in fields ? added : [...added, name];
  return { ...prompt, fields: { ...fields, [name]: value }, ...(ours.length > 0 && { added: ours }) };
}

/** Why a document cannot be asked as it is. Caught where the next request is made: no one else sees it. */
export class CannotAskError extends Error {
  override readonly name = 'CannotAskError';
  /** A stable word. */
  readonly code: string;

  constructor(code: string, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** The first prompt of some parts of a document. Rejects with CannotAskError. */
export async function renderPrompt({ recipe, document }: Inquiry, parts: readonly Part[]): Promise<Prompt> {
  try {
    return await recipe.render(document, parts);
  } catch (error) {
    throw new CannotAskError('not-rendered', errorMessage(error));
  }
}
