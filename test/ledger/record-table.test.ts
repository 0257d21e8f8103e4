import { describe, expect, test } from '@jest/globals';
import type { DocumentRecord } from '../../src/domain/ledger.ts';
import { RecordTable } from '../../src/ledger/records.ts';

function recordOf(number: number): DocumentRecord {
  return {
    state: (['pending', 'done', 'failed', 'held', 'replaced'] as const)[number % 5] ?? 'done',
    size: number * 1_000_003,
    mtimeMs: 1_700_000_000_000 + number / 8,
    api: number % 2 === 0 ? 'simulator' : 'https://openrouter.ai/api/v1',
    recipe: number % 3 === 0 ? null : `recipe ${number % 7}`,
    dueAt: number % 4 === 0 ? 1_800_000_000_000 + number : null,
  };
}

describe('RecordTable', () => {
  test('gives back what was set, through all its growth, and knows no other', () => {
    const table = new RecordTable();
    const ids = Array.from({ length: 50_000 }, (_, number) => `q${number % 4}/report-${number}.md`);
    ids.forEach((id, number) => table.set(id, recordOf(number)));
    expect(table.size).toBe(50_000);
    const wrong = ids.filter((id, number) => JSON.stringify(table.get(id)) !== JSON.stringify(recordOf(number)));
    expect(wrong).toEqual([]);
    expect(ids.filter((id) => table.get(`${id}x`) !== undefined)).toEqual([]);
  });

  test('has the last word of a document', () => {
    const table = new RecordTable();
    table.set('a', recordOf(4));
    table.set('a', recordOf(3));
    expect(table.get('a')).toEqual(recordOf(3));
    expect(table.size).toBe(1);
  });

  test('tells documents apart whose names differ in one place, in order, or in letters beyond Latin', () => {
    const ids = [
      '',
      'a',
      'b',
      'ab',
      'ba',
      'aab',
      'aba',
      'ä',
      'a\u0308',
      '日本',
      '本日',
      '😀',
      '\u0000',
      'a\u0000',
      'q/a',
      'q_a',
    ];
    const table = new RecordTable();
    ids.forEach((id, number) => table.set(id, recordOf(number)));
    expect(ids.map((id) => table.get(id))).toEqual(ids.map((_, number) => recordOf(number)));
  });
});
