import { fencedBlocks } from './fenced-blocks.ts';
import type { Reading } from './reading.ts';

/** What the first code block of an answer holds, with a line break at its end. */
export function readFencedAnswer(text: string): Reading {
  const block = fencedBlocks(text).find(({ content }) => content.trim() !== '');
  if (block === undefined) return NO_BLOCK;
  return { kind: 'sound', text: `${block.content}\n`, notes: block.closed ? [] : [NOT_CLOSED] };
}

const NOT_CLOSED = 'The code block of the answer was not closed: it was taken to the end.';

const NO_BLOCK: Reading = {
  kind: 'broken',
  code: 'no-code-block',
  message: 'The answer holds no code block, which the recipe asks for (output.extract: fenced)',
  complaint: null,
};
