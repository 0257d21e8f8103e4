import type { Prompt } from '../domain/request.ts';
import type { Piece } from './chain.ts';

/** The last request of a document in parts: it makes one answer of theirs. What they say is data. */
export function combinePrompt(first: Prompt, combine: string, pieces: readonly Piece[]): Prompt {
  const answers = pieces.map(({ text }, index) => `Part ${index + 1} of ${pieces.length}:\n\n${text.trim()}`);
  return {
    ...first,
    messages: [
      { role: 'system', content: combine },
      { role: 'user', content: answers.join('\n\n') },
    ],
  };
}
