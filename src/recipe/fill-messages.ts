import type { ChatMessage, FixedPart, LinkedImage, Part } from '../domain/request.ts';
import type { Piece, RenderedMessage } from './split-messages.ts';

type Content = Part | FixedPart | LinkedImage;

/**
 * The messages with the document in its places; where a template has none for it, it is the last user message. What is
 * one text in the end is plain content.
 *
 * @param fixed texts before the document, to be marked for the provider's cache
 */
export function fillMessages(
  rendered: readonly RenderedMessage[],
  parts: readonly Part[],
  fixed: number,
): readonly ChatMessage[] {
  const placed = rendered.some(({ pieces }) => pieces.some(({ kind }) => kind === 'document'));
  const messages = placed
    ? rendered
    : [...rendered, { role: 'user' as const, pieces: [{ kind: 'document' as const }] }];
  let before = 0;
  return messages.map(({ role, pieces }) => {
    const mark = fixed - before - 1;
    before += pieces.length;
    return { role, content: contentOf(pieces, parts, mark) };
  });
}

/** @param mark index of the piece up to which a provider's cache may keep the prompt, where it is one of these */
function contentOf(pieces: readonly Piece[], parts: readonly Part[], mark: number): ChatMessage['content'] {
  const content: Content[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'document') addAll(content, parts);
    else if (piece.kind === 'text' && index === mark) content.push({ ...piece, cacheable: true });
    else addAll(content, [piece]);
  }
  const [only, ...others] = content;
  return only?.kind === 'text' && others.length === 0 && !('cacheable' in only) ? only.text : content;
}

/** A single text grows together with the text before it: many parts of a document stay apart. */
function addAll(content: Content[], added: readonly (Part | LinkedImage)[]): void {
  const [first, ...others] = added;
  const last = content.at(-1);
  if (first?.kind === 'text' && others.length === 0 && last?.kind === 'text' && !('cacheable' in last))
    content[content.length - 1] = { kind: 'text', text: last.text + first.text };
  else content.push(...added);
}
