import { describe, expect, test } from '@jest/globals';
import { answerValue } from '../../../src/cli/inspect/answer-value.ts';
import { answerCells, RECEIPT_COLUMNS, receiptCells } from '../../../src/cli/inspect/export-rows.ts';
import { receiptOf } from '../../../src/domain/receipt.ts';
import { attemptOf, RECIPE } from '../../support/filled-ledger.ts';

const extras = { reasoning: 'Long.', reasoningTokens: 7, annotations: [{ type: 'file' }] };
const receipt = receiptOf({
  document: { id: 'a.txt', size: 7 },
  sha256: 'ab',
  result: 'a.txt.md',
  fingerprint: 'print',
  recipe: RECIPE,
  answer: {
    text: '',
    extras,
    notes: ['It was cut.', 'It was joined.'],
    leftOut: {},
    readers: [],
    document: 'a.txt',
    attempt: attemptOf(1),
  },
  attempts: [attemptOf(1)],
});

describe('answerCells', () => {
  test.each([
    ['text', 'It says so.', { answer: 'It says so.' }],
    ['text that is almost JSON', '{"a": 1', { answer: '{"a": 1' }],
    ['a JSON list', '[1, 2]', { answer: '[1,2]' }],
    ['a JSON number', '42', { answer: '42' }],
    ['an empty object', '{}', { answer: '{}' }],
    [
      'fields',
      '{"sum": 1.5, "paid": true, "by": null}',
      { 'answer.sum': 1.5, 'answer.paid': 'true', 'answer.by': null },
    ],
    [
      'fields within fields',
      '{"from": {"name": "A", "at": {"city": "B"}}}',
      { 'answer.from.name': 'A', 'answer.from.at.city': 'B' },
    ],
    ['lists', '{"items": [{"n": 1}], "none": {}}', { 'answer.items': '[{"n":1}]', 'answer.none': '{}' }],
    [
      'numbers to the last digit',
      '{"invoice": 12345678901234567890, "big": 1e400, "sums": [1.10], "all": {"sum": 1.10}}',
      {
        'answer.invoice': '12345678901234567890',
        'answer.big': '1e400',
        'answer.sums': '[1.10]',
        'answer.all.sum': '1.10',
      },
    ],
    [
      'keys with dots',
      '{"a": {"b.c": 1}, "a.b.c": 2}',
      { [String.raw`answer.a.b\.c`]: 1, [String.raw`answer.a\.b\.c`]: 2 },
    ],
    [
      'names of our own columns',
      '{"document": "x", "__proto__": "y"}',
      { 'answer.document': 'x', 'answer.__proto__': 'y' },
    ],
  ])('of %s', (_, answer, cells) => {
    expect(answerCells(answerValue(answer))).toEqual(cells);
  });

  test('of nothing are none, also within an object', () => {
    expect(answerCells(undefined)).toEqual({});
    expect(answerCells({ sum: 1, lines: undefined })).toEqual({ 'answer.sum': 1 });
  });
});

test('receiptCells fills every column', () => {
  expect(Object.keys(receiptCells(receipt))).toEqual(RECEIPT_COLUMNS);
  expect(receiptCells(receipt)).toMatchObject({
    model: 'acme/small-2',
    promptTokens: 100,
    costUsd: 0.25,
    seconds: 0.5,
    reasoningTokens: 7,
    notes: 'It was cut. It was joined.',
  });
});

test('receiptCells leaves out what may be large', () => {
  const cells = receiptCells(receipt);
  expect(['reasoning', 'annotations'].filter((column) => column in cells)).toEqual([]);
  expect(receiptCells({ ...receipt, notes: [] })['notes']).toBeNull();
});
