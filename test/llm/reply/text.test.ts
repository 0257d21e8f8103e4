import { describe, expect, test } from '@jest/globals';
import { createReplyReader } from '../../../src/llm/reply/parse.ts';
import { answerBody, chunkBody, events } from '../support.ts';

function read(body: object | string) {
  const reader = createReplyReader();
  reader.push(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
  const { content, reasoning } = reader.end(true);
  return { content, reasoning };
}

const answered = (content: unknown, rest: object = {}) =>
  read(answerBody('', { choices: [{ index: 0, finish_reason: 'stop', message: { content, ...rest } }] }));

describe('what a model thinks is no part of its answer', () => {
  test.each<[string, unknown, string, string]>([
    ['in tags at the beginning', '<think>\nHm.\n</think>\n\nYes.', 'Yes.', 'Hm.'],
    ['in tags after blanks', '\n <think>Hm.</think>Yes.', 'Yes.', 'Hm.'],
    ['twice', '<think>Hm.</think>\n<think>So.</think>\nYes.', 'Yes.', 'Hm.\n\nSo.'],
    [
      'before a tag that was opened in the prompt',
      'So {"a":1} it is.\n</think>\n{"a":2}',
      '{"a":2}',
      'So {"a":1} it is.',
    ],
    ['before a tag in the same line', 'So {"a":1} it is.</think>{"a":2}', '{"a":2}', 'So {"a":1} it is.'],
    ['that ends with a quotation', 'It says "no"</think>No.', 'No.', 'It says "no"'],
    ['with a code block in it', '```\ndraft\n```\n</think>\n```\nfinal\n```', '```\nfinal\n```', '```\ndraft\n```'],
    ['to the end, if it is never closed', '<think>Hm. Let me', '', 'Hm. Let me'],
    [
      'in parts of their own',
      [
        { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
        { type: 'text', text: 'Yes.' },
      ],
      'Yes.',
      'Hm.',
    ],
    [
      'in parts that are called reasoning',
      [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Yes.' },
      ],
      'Yes.',
      'Hm.',
    ],
  ])('%s', (_, content, text, reasoning) => {
    expect(answered(content)).toEqual({ content: text, reasoning });
  });

  test.each([
    ['reasoning', { reasoning: 'Hm.' }],
    ['reasoning_content', { reasoning_content: 'Hm.' }],
    ['both, of which one is empty', { reasoning: '', reasoning_content: 'Hm.' }],
    ['both, alike', { reasoning: 'Hm.', reasoning_content: 'Hm.' }],
    ['details', { reasoning_details: [{ type: 'reasoning.summary', summary: 'Hm.' }] }],
  ])('in a field of its own: %s', (_, fields) => {
    expect(answered('Yes.', fields)).toEqual({ content: 'Yes.', reasoning: 'Hm.' });
  });

  test('in a field and in tags', () => {
    expect(answered('<think>So.</think>Yes.', { reasoning: 'Hm.' })).toEqual({
      content: 'Yes.',
      reasoning: 'Hm.\n\nSo.',
    });
  });

  test('in tags that come in pieces', () => {
    const pieces = ['<th', 'ink>H', 'm.</thi', 'nk>\n', 'Yes.'].map((content) => chunkBody({ content }));
    expect(read(events(...pieces, chunkBody({}, 'stop'), '[DONE]'))).toEqual({ content: 'Yes.', reasoning: 'Hm.' });
  });
});

describe('a text that only speaks of thinking stays as it is', () => {
  test.each([
    '{"note":"so\\n</think>\\nit ends"}',
    ' ["<think>a</think>"]\n',
    'It writes <think>so</think> first.',
    'The tag `</think>` ends it.',
    'The tag "</think>" ends it.',
    'They end with </think> as a rule.',
    'First comes thinking, then </think>, then the answer.',
    'It ends so:\n\n```\nHm.\n</think>\n```\n',
  ])('%j', (text) => {
    expect(answered(text)).toEqual({ content: text, reasoning: null });
  });
});

test('very long texts are split in no time', () => {
  const lines = '\n'.repeat(1_000_000);
  expect(answered(`${lines}</think>Yes.`)).toEqual({ content: 'Yes.', reasoning: null });
  expect(answered(`${lines}x </think> y`)).toMatchObject({ reasoning: null });
  expect(answered('<think>a</think>'.repeat(20_000)).content).toBe('');
});
