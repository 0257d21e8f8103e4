import { beforeAll, describe, expect, test } from '@jest/globals';
import { isTokenizerOf, loadTokenCounter, tokensAtMost } from '../../src/llm/tokens.ts';

describe('the token counter', () => {
  let count: (text: string) => number;
  beforeAll(async () => {
    count = await loadTokenCounter();
  });

  test.each([
    ['', 0],
    ['hello world', 2],
    ['The quick brown fox jumps over the lazy dog.', 10],
    ['antidisestablishmentarianism', 6],
    ['東京都', 1],
  ])('counts %j as %d', (text, tokens) => {
    expect(count(text)).toBe(tokens);
  });

  test('takes a special token in a text for text', () => {
    expect(count('<|endoftext|>')).toBeGreaterThan(1);
  });

  test('counts a long text in pieces, and is off by next to nothing', () => {
    const sentence = 'The quick brown fox jumps over the lazy dog. ';
    const tokens = count(sentence.repeat(1000));
    expect(tokens).toBeGreaterThanOrEqual(10_000);
    expect(tokens).toBeLessThan(10_100);
  });

  test.each([
    ['English', 'The harvest was late, and prices rose again because the quay had not been mended in time.\n', 2],
    ['German', 'Der Ausschuss des Hafens beschloss, dass die Kaimauer instand gesetzt werden soll.\n', 2],
    ['Russian', 'Комитет порта собрался второго мая и решил починить набережную.\n', 2],
    ['Markdown', '| item 7 | **12.50 EUR** | [see](https://example.org/a-b) |\n', 2],
    ['Chinese', '港口委员会于五月二日开会，决定修复码头。', 3],
    ['figures', '2026-11-30 14:05:59.123 7781 0.25\n', 2],
    ['hashes', '7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069\n', 3],
    ['dot leaders', 'Chapter 7 . . . . . . . . . . . . . . . . . . . . . . . . . . . . 12\n', 2],
  ])('counts %s as no more than the bound, which is not much higher', (_, text, times) => {
    const tokens = count(text.repeat(50));
    expect(tokensAtMost(text.repeat(50))).toBeGreaterThanOrEqual(tokens);
    expect(tokensAtMost(text.repeat(50))).toBeLessThan(tokens * times);
  });

  test.each([
    ['letters', 'a'],
    ['blanks', ' '],
    ['ideographs', '東京都'],
  ])('a megabyte of %s without a break is counted', (_, text) => {
    expect(count(text.repeat(1_000_000 / text.length / 4))).toBeGreaterThan(0);
  });
});

test.each([
  ['openai/gpt-5-mini', true],
  ['gpt-4o-2024-08-06', true],
  ['openai/o3-mini', true],
  ['o4-mini', true],
  ['openai/gpt-oss-120b', false],
  ['openai/gpt-4-turbo', false],
  ['anthropic/claude-sonnet-4.5', false],
  ['meta-llama/llama-3.3-70b-instruct:free', false],
])('%s counts by this tokenizer: %j', (model, fits) => {
  expect(isTokenizerOf(model)).toBe(fits);
});
