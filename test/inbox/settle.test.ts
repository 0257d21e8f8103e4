import { describe, expect, test } from '@jest/globals';
import type { DocumentEntry } from '../../src/inbox/entry.ts';
import { currentTime, SettlingFiles } from '../../src/inbox/settle.ts';

const START = 1_000_000;

/** Both clocks, a number of milliseconds after the start; the wall clock may have been set. */
const at = (ms: number, wallJump = 0) => ({ wall: START + ms + wallJump, monotonic: 5000 + ms });

const file = (changes: { size?: number; mtimeMs?: number; inode?: number } = {}): DocumentEntry => {
  const { size = 1, mtimeMs = START, inode = 1 } = changes;
  return { kind: 'document', document: { id: 'a.txt', size, mtimeMs }, state: inode };
};

describe('settling', () => {
  test('an old file stands still on sight', () => {
    const settling = new SettlingFiles(2);
    expect(settling.see(file({ mtimeMs: START - 2000 }), at(0))).toBe(true);
    expect(settling.size).toBe(0);
  });

  test('a young file stands still when its mtime is old enough', () => {
    const settling = new SettlingFiles(2);
    expect(settling.see(file({ mtimeMs: START - 1500 }), at(0))).toBe(false);
    expect(settling.see(file({ mtimeMs: START - 1500 }), at(499))).toBe(false);
    expect(settling.see(file({ mtimeMs: START - 1500 }), at(500))).toBe(true);
    expect(settling.size).toBe(0);
  });

  test('a future mtime counts from when it was first seen', () => {
    const settling = new SettlingFiles(2);
    const future = file({ mtimeMs: START + 1e9 });
    expect(settling.see(future, at(0))).toBe(false);
    expect(settling.see(future, at(1999))).toBe(false);
    expect(settling.see(future, at(2000))).toBe(true);
  });

  test.each([
    ['size', { size: 2, mtimeMs: START + 1e9 }],
    ['mtime', { mtimeMs: START + 2e9 }],
    ['inode', { inode: 2, mtimeMs: START + 1e9 }],
  ])('another %s begins the wait again', (_what, changes) => {
    const settling = new SettlingFiles(2);
    settling.see(file({ mtimeMs: START + 1e9 }), at(0));
    expect(settling.see(file(changes), at(1900))).toBe(false);
    expect(settling.see(file(changes), at(3899))).toBe(false);
    expect(settling.see(file(changes), at(3900))).toBe(true);
  });

  test('a clock that is set does not shorten a wait that began', () => {
    const settling = new SettlingFiles(2);
    settling.see(file(), at(0));
    expect(settling.see(file(), at(100, 3_600_000))).toBe(false);
    expect(settling.see(file(), at(2000, -3_600_000))).toBe(true);
  });

  test('what is unfinished does not stand still, and is due again after the settle time', () => {
    const settling = new SettlingFiles(2);
    const unfinished = { ...file({ mtimeMs: START - 9000 }), unfinished: true };
    expect(settling.see(unfinished, at(0))).toBe(false);
    expect(settling.due(at(1999))).toEqual([]);
    expect(settling.due(at(2000))).toEqual(['a.txt']);
    expect(settling.see(unfinished, at(2000))).toBe(false);
    expect(settling.due(at(3999))).toEqual([]);
    expect(settling.see(file({ mtimeMs: START - 9000 }), at(4000))).toBe(true);
    expect(settling.size).toBe(0);
    expect(new SettlingFiles(0).see(unfinished, at(0))).toBe(false);
  });

  test('what is due is told, the rest is not', () => {
    const settling = new SettlingFiles(2);
    settling.see(file(), at(0));
    expect(settling.due(at(1999))).toEqual([]);
    expect(settling.due(at(2000))).toEqual(['a.txt']);
    expect(settling.ids()).toEqual(['a.txt']);
  });

  test('a forgotten file is not waited for', () => {
    const settling = new SettlingFiles(2);
    settling.see(file(), at(0));
    settling.forget('a.txt');
    expect(settling.due(at(9000))).toEqual([]);
  });

  test('without a settle time everything stands still on sight', () => {
    expect(new SettlingFiles(0).see(file({ mtimeMs: START + 1e9 }), at(0))).toBe(true);
  });

  test('the current time is that of both clocks', () => {
    const before = performance.now();
    expect(currentTime().monotonic).toBeGreaterThanOrEqual(before);
    expect(currentTime().wall).toBeGreaterThan(START);
  });
});
