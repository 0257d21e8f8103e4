import { describe, expect, test } from '@jest/globals';
import { ResultOwners } from '../../src/outbox/result-owners.ts';

describe('the owner of a path', () => {
  test('is the first document that asks, however often', () => {
    const owners = new ResultOwners();
    expect(owners.claim('a', 'summary.md')).toBeNull();
    expect(owners.claim('b', 'summary.md')).toBe('a');
    expect(owners.claim('a', 'summary.md')).toBeNull();
    expect(owners.claim('b', 'summary.md')).toBe('a');
  });

  test('has that one, and no other', () => {
    const owners = new ResultOwners();
    owners.claim('a', 'summary.md');
    expect(owners.claim('b', 'summary.json')).toBeNull();
    expect(owners.claim('c', 'Summary.md')).toBeNull();
    expect(owners.claim('d', '__proto__')).toBeNull();
  });

  test.each([
    ['film.srt', 'film.srt/scene/a.md'],
    ['q1/film.srt', 'q1/film.srt/a.md'],
  ])('of %s keeps %s out, which needs a folder there; and the other way round', (file, below) => {
    const [one, other] = [new ResultOwners(), new ResultOwners()];
    one.claim('a', file);
    expect(one.claim('b', below)).toBe('a');
    other.claim('x', 'film.md');
    other.claim('a', below);
    expect(other.claim('b', file)).toBe('a');
  });

  test('lets others share its folders, and what begins like its path', () => {
    const owners = new ResultOwners();
    const paths = ['q1/a.md', 'q1/b.md', 'q1/a.md.md', 'q', 'q1/a'];
    expect(paths.map((path) => owners.claim(path, path))).toEqual(paths.map(() => null));
  });

  test('is nobody once it was released, with the folders above it', () => {
    const owners = new ResultOwners();
    owners.claim('a', 'q1/a/summary.md');
    owners.claim('b', 'q1/summary.md');
    owners.release('a');
    owners.release('a');
    expect(owners.claim('c', 'q1/a/summary.md')).toBeNull();
    expect(owners.claim('d', 'q1')).toBe('b');
    owners.release('b');
    expect(owners.claim('d', 'q1')).toBe('c');
    owners.release('c');
    expect(owners.claim('d', 'q1')).toBeNull();
  });

  test('has one path: the one that it asked for last', () => {
    const owners = new ResultOwners();
    owners.claim('a', 'summary.md');
    owners.claim('a', 'summary.json');
    expect(owners.claim('b', 'summary.md')).toBeNull();
    expect(owners.claim('c', 'summary.json')).toBe('a');
  });
});
