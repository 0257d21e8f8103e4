import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FileLedger, openMemoryLedger } from '../../src/ledger/open.ts';
import { begunOf, doneOf, versionOf } from './lives.ts';

let ledger: FileLedger;

beforeEach(() => {
  ledger = openMemoryLedger();
});

afterEach(() => ledger.close());

async function done(id: string, result: string, bytes = 'x'): Promise<void> {
  await ledger.settle(doneOf(versionOf(id, bytes), 'f', result));
}

describe('ownerOf', () => {
  test.each([
    ['a.txt', 'a.txt.md'],
    ['q1/a.b.c', 'q1/a.b.c.json'],
    ['film', 'film.en.srt'],
    ['a.txt', 'by name/summary.csv'],
    ['a.txt', 'a.txt'],
    ['x'.repeat(255), `${'x'.repeat(228)}-12345678.md`],
    ['a', 'ab.md'],
    ['50%_a', '50%_a.md'],
  ])('of the result of %j at %j is that document', async (id, result) => {
    await done('other', 'other.md');
    await done(id, result);
    expect(ledger.ownerOf(result)).toBe(id);
    expect(ledger.ownerOf('other.md')).toBe('other');
  });

  test('is no document where no result was filed', async () => {
    expect(ledger.ownerOf('a.txt.md')).toBeUndefined();
    await ledger.begin(begunOf(versionOf('a.txt')));
    expect(ledger.ownerOf('a.txt.md')).toBeUndefined();
  });

  test('stays the document while it is asked again, until its result lies elsewhere', async () => {
    await done('a.txt', 'summary.md', '1');
    await ledger.begin(begunOf(versionOf('a.txt', '2')));
    expect(ledger.ownerOf('summary.md')).toBe('a.txt');
    await done('a.txt', 'a.txt.md', '2');
    expect([ledger.ownerOf('summary.md'), ledger.ownerOf('a.txt.md')]).toEqual([undefined, 'a.txt']);
  });
});
