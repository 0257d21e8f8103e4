import type { ChatMessage, LinkedImage, TextPart } from '../domain/request.ts';

/** A message of a template, with a place for the document. */
export interface RenderedMessage {
  readonly role: ChatMessage['role'];
  readonly pieces: readonly Piece[];
}

export type Piece = TextPart | LinkedImage | { readonly kind: 'document' };

/**
 * Takes a rendered template apart at its marks: every second piece is one of `role <role>`, `image <url>` and `document`.
 * White space around a message goes, and with it messages that hold nothing else.
 */
export function splitMessages(rendered: string, mark: string): readonly RenderedMessage[] {
  const messages: { role: ChatMessage['role']; pieces: Piece[] }[] = [{ role: 'user', pieces: [] }];
  for (const [index, text] of rendered.split(mark).entries()) {
    const role = index % 2 === 1 && text.startsWith('role ') ? text.slice('role '.length) : null;
    if (role !== null) messages.push({ role: roleOf(role), pieces: [] });
    else messages.at(-1)?.pieces.push(index % 2 === 1 ? commanded(text) : { kind: 'text', text });
  }
  return messages
    .map(({ role, pieces }) => ({ role, pieces: trimmed(pieces) }))
    .filter(({ pieces }) => pieces.length > 0);
}

function commanded(command: string): Piece {
  return command === 'document' ? { kind: 'document' } : { kind: 'linked image', url: command.slice('image '.length) };
}

/** dotprompt calls the assistant `model`. */
function roleOf(role: string): ChatMessage['role'] {
  return role === 'system' || role === 'user' ? role : 'assistant';
}

function trimmed(pieces: readonly Piece[]): readonly Piece[] {
  return pieces
    .map((piece, index) => {
      if (piece.kind !== 'text') return piece;
      const text = index === 0 ? piece.text.trimStart() : piece.text;
      return { kind: piece.kind, text: index === pieces.length - 1 ? text.trimEnd() : text };
    })
    .filter((piece) => piece.kind !== 'text' || piece.text !== '');
}
