import { describe, expect, test } from '@jest/globals';
import { receiptOf } from '../../src/domain/receipt.ts';
import { answerCells, exportObject, RECEIPT_COLUMNS, receiptCells } from '../../src/report/export-row.ts';
import { attemptOf, RECIPE } from '../support/filled-ledger.ts';

const receipt = receiptOf({
  document: { id: 'a.txt', size: 7 },
  sha256: 'ab',
  result: 'a.txt.md',
  fingerprint: 'print',
  recipe: RECIPE,
  answer: { text: '', document: 'a.txt', attempt: attemptOf(1) },
  attempts: [attemptOf(1)],
});

describe('answerCells', () => {
  test.each([
    ['text', 'It says so.', { answer: 'It says so.' }],
    ['text that is almost JSON', '{"a": 1', { answer: '{"a": 1' }],
    ['a JSON list', '[1, 2]', { answer: '[1, 2]' }],
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
      'names of our own columns',
      '{"document": "x", "__proto__": "y"}',
      { 'answer.document': 'x', 'answer.__proto__': 'y' },
    ],
  ])('of %s', (_, answer, cells) => {
    expect(answerCells(answer)).toEqual(cells);
  });
});

test('receiptCells fills every column', () => {
  expect(Object.keys(receiptCells(receipt))).toEqual(RECEIPT_COLUMNS);
  expect(receiptCells(receipt)).toMatchObject({
    model: 'acme/small-2',
    promptTokens: 100,
    costUsd: 0.25,
    seconds: 0.5,
  });
});

describe('exportObject', () => {
  test('nests the JSON of an answer', () => {
    expect(exportObject(receipt, '{"sum": 1}')).toMatchObject({ document: 'a.txt', answer: { sum: 1 }, costUsd: 0.25 });
  });

  test('leaves text as it is', () => {
    expect(exportObject(receipt, '42')).toMatchObject({ answer: '42' });
  });
});
