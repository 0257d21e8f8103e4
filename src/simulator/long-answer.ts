import { tokensOf } from './usage.ts';

/** An answer of so many tokens at least, made longer by numbered paragraphs, no two of them alike. */
export function longAnswer(answer: string, tokens: number): string {
  const parts = [answer];
  let length = answer.length;
  for (let number = 1; tokensOf(length) < tokens; number += 1) {
    const paragraph = `Paragraph ${number} says that this is paragraph ${number} of a long answer.`;
    parts.push(paragraph);
    length += paragraph.length + 2;
  }
  return parts.join('\n\n');
}
