import { describe, expect, test } from '@jest/globals';
import { mediaSize, promptSize } from '../../../src/llm/request/size.ts';
import { clientFor } from '../support.ts';

const MEGABYTE = Buffer.alloc(1_000_000);

describe('the size of a prompt', () => {
  test('of text alone is that of its body: a token for each byte at most', () => {
    const size = { promptTokensAtMost: 700, likelyPromptTokens: 200 };
    expect(promptSize([{ role: 'user', content: 'x' }], 700)).toEqual(size);
    expect(promptSize([{ role: 'user', content: [{ kind: 'text', text: 'x' }] }], 700)).toEqual(size);
  });

  test.each([
    ['image', { kind: 'image', mediaType: 'image/png', bytes: MEGABYTE } as const, 20_000, 1500],
    ['sound', { kind: 'audio', format: 'mp3', bytes: MEGABYTE } as const, 66_667, 2000],
    ['a file', { kind: 'file', name: 'a', mediaType: 'application/pdf', bytes: MEGABYTE } as const, 1_008_000, 52_500],
    [
      'a file that no model takes whole',
      { kind: 'file', name: 'a', mediaType: 'application/pdf', bytes: Buffer.alloc(60_000_000) } as const,
      2_000_000,
      2_000_000,
    ],
  ])('does not count the base64 of %s', (_, part, atMost, likely) => {
    const client = clientFor('http://127.0.0.1:1');
    const [plain, size] = [[], [part]].map((parts) => {
      const content = [{ kind: 'text', text: 'x' } as const, ...parts];
      return client.prepare({ model: 'a/b', messages: [{ role: 'user', content }] });
    });
    client.close();
    // What describes the part has a few bytes, too.
    expect((size?.promptTokensAtMost ?? 0) - (plain?.promptTokensAtMost ?? 0) - atMost).toBeLessThan(100);
    expect((size?.promptTokensAtMost ?? 0) - (plain?.promptTokensAtMost ?? 0)).toBeGreaterThan(atMost);
    expect((size?.likelyPromptTokens ?? 0) - (plain?.likelyPromptTokens ?? 0) - likely).toBeLessThan(40);
    expect((size?.likelyPromptTokens ?? 0) - (plain?.likelyPromptTokens ?? 0)).toBeGreaterThan(likely);
  });

  test('is known of what is no text alone', () => {
    const file = { kind: 'file', name: 'a', mediaType: 'application/pdf', bytes: MEGABYTE } as const;
    const fixed = { kind: 'text', text: 'x'.repeat(900), cacheable: true } as const;
    expect(
      mediaSize([
        { role: 'system', content: 'x' },
        { role: 'user', content: [fixed, file] },
      ]),
    ).toEqual({
      promptTokensAtMost: 1_008_000,
      likelyPromptTokens: 52_500,
    });
  });

  test('counts an image of the web as any other', () => {
    const content = [{ kind: 'linked image', url: 'https://example.org/a.png' } as const];
    expect(promptSize([{ role: 'user', content }], 70)).toEqual({
      promptTokensAtMost: 20_070,
      likelyPromptTokens: 1520,
    });
  });
});
