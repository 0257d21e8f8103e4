import { expect, test } from '@jest/globals';
import type { Prompt } from '../../../src/domain/request.ts';
import { ocrFeeUsdAtMost } from '../../../src/llm/request/size.ts';

function promptWith(engine: string | null, ...sizes: readonly number[]): Prompt {
  const files = sizes.map((size) => {
    return { kind: 'file', name: 'a.pdf', mediaType: 'application/pdf', bytes: Buffer.alloc(size) } as const;
  });
  const fields = engine === null ? {} : { plugins: [{ id: 'file-parser', pdf: { engine } }] };
  return { model: 'a/b', messages: [{ role: 'user', content: files }], fields };
}

test.each([
  ['no plugin', promptWith(null, 1000), 0],
  ['an engine that is free', promptWith('cloudflare-ai', 1000), 0],
  ['an engine that is paid, by the pages that a file may have', promptWith('mistral-ocr', 4000), 0.02],
  ['several files', promptWith('mistral-ocr', 4000, 8000), 0.06],
  ['a file with more bytes than pages can be read of', promptWith('mistral-ocr', 20_000_000), 2],
  ['no file', { model: 'a/b', messages: [{ role: 'user', content: 'Hello.' }] } satisfies Prompt, 0],
] as const)('the fee of %s', (_, prompt, usd) => {
  expect(ocrFeeUsdAtMost(prompt)).toBeCloseTo(usd, 9);
});
