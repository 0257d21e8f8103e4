import type { Part } from '../domain/request.ts';

/** The same parts with neighbouring texts made one, an empty line between them. */
export function joinTexts(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === 'text' && last?.kind === 'text')
      joined[joined.length - 1] = { kind: 'text', text: `${last.text}\n\n${part.text}` };
    else joined.push(part);
  }
  return joined;
}
