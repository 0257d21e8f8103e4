import { describe, expect, test } from '@jest/globals';
import { answerText } from '../../src/simulator/answer-text.ts';

/** Without the closing line that says what it is. */
function made(document: string): string {
  const parts = answerText(document).split('\n\n');
  return parts.slice(0, -1).join('\n\n');
}

describe('answerText', () => {
  test('says in its last line that no model made it', () => {
    expect(answerText('Hello.').split('\n').at(-1)).toMatch(/^_.*simulator, not from a model.*_$/);
  });

  test.each([
    ['# Notes\n\nOne. Two! Three? Four.\n', '# Notes\n\nOne. Two! Three?'],
    ['Short title\n\nOne.\nTwo.\n', '# Short title\n\nOne. Two.'],
    [
      '---\n\n## A **bold** `title`\n\n> See [the plan](https://example.org).\n- and <b>this</b>\n',
      '# A bold title\n\nSee the plan. and this',
    ],
    [
      '# 天気\n\n東京は晴れです。明日は雨でしょう。寒いです。最後の文。',
      '# 天気\n\n東京は晴れです。明日は雨でしょう。寒いです。',
    ],
    ['# Été\r\n\r\nÇa va ? Oui 👍🏽 très bien.\r\n', '# Été\n\nÇa va ? Oui 👍🏽 très bien.'],
    ['name,price\nradio,12\n', '# name,price\n\nradio,12'],
    [
      '<!DOCTYPE html>\n<html><head><style>p { color: red }</style></head>\n<body><h1>Fair</h1>\n<p>One. Two.</p>',
      '# Fair\n\nOne. Two.',
    ],
    ['👍', '# 👍'],
    [' \n\n', '# Untitled'],
  ])('answers %j', (document, expected) => {
    expect(made(document)).toBe(expected);
  });

  test('cuts a long first line for its heading, and keeps the line', () => {
    const line = `${'word '.repeat(30)}end.`;
    expect(made(line)).toBe(`# ${'word '.repeat(15)}word…\n\n${line}`);
  });

  test('stays short and whole however long the document', () => {
    for (const text of ['x'.repeat(1_000_000), '😀'.repeat(100_000), `a${'😀'.repeat(100_000)}`, '<'.repeat(100_000)]) {
      const answer = answerText(text);
      expect(answer.length).toBeLessThan(1_000);
      expect(Buffer.from(answer).toString()).toBe(answer);
    }
  });
});
