import { describe, expect, test } from '@jest/globals';
import { fencedBlocks } from '../../../src/llm/conversation/find-json.ts';

describe('the code blocks of a text', () => {
  test.each([
    ['with a language', 'a\n```srt\n1\n2\n```\nb', [{ info: 'srt', content: '1\n2', closed: true }]],
    ['with tildes', '~~~\nx\n~~~', [{ info: '', content: 'x', closed: true }]],
    ['with a longer fence', '````md\n```\nx\n```\n````', [{ info: 'md', content: '```\nx\n```', closed: true }]],
    ['that is not closed', '```\nx\n``', [{ info: '', content: 'x\n``', closed: false }]],
    ['with Windows line ends', '```\r\nx\r\n```\r\n', [{ info: '', content: 'x', closed: true }]],
    [
      'two of them',
      '```\na\n```\n```\nb\n```',
      [
        { info: '', content: 'a', closed: true },
        { info: '', content: 'b', closed: true },
      ],
    ],
    ['none: code in a line', '```x``` is code', []],
    ['none', 'x', []],
  ])('%s', (_name, text, blocks) => {
    expect(fencedBlocks(text)).toEqual(blocks);
  });

  test('are found among very many in no time', () => {
    expect(fencedBlocks('```\nx\n```\n'.repeat(100_000))).toHaveLength(100_000);
  });
});
