import { describe, expect, test } from '@jest/globals';
import { ReservedPaths } from '../../src/outbox/reserved-paths.ts';

describe('the owner of a path', () => {
  test('is the first document that asks, however often', () => {
    const owners = new ReservedPaths();
    expect(owners.reserve('a', 'summary.md')).toBeNull();
    expect(owners.reserve('b', 'summary.md')).toBe('a');
    expect(owners.reserve('a', 'summary.md')).toBeNull();
    expect(owners.reserve('b', 'summary.md')).toBe('a');
  });

  test('has that one, and no other', () => {
    const owners = new ReservedPaths();
    owners.reserve('a', 'summary.md');
    expect(owners.reserve('b', 'summary.json')).toBeNull();
    expect(owners.reserve('c', 'Summary.md')).toBeNull();
    expect(owners.reserve('d', '__proto__')).toBeNull();
  });

  test.each([
    ['film.srt', 'film.srt/scene/a.md'],
    ['q1/film.srt', 'q1/film.srt/a.md'],
  ])('of %s keeps %s out, which needs a folder there; and the other way round', (file, below) => {
    const [one, other] = [new ReservedPaths(), new ReservedPaths()];
    one.reserve('a', file);
    expect(one.reserve('b', below)).toBe('a');
    other.reserve('x', 'film.md');
    other.reserve('a', below);
    expect(other.reserve('b', file)).toBe('a');
  });

  test('lets others share its folders, and what begins like its path', () => {
    const owners = new ReservedPaths();
    const paths = ['q1/a.md', 'q1/b.md', 'q1/a.md.md', 'q', 'q1/a'];
    expect(paths.map((path) => owners.reserve(path, path))).toEqual(paths.map(() => null));
  });

  test('is none once it was released, with the folders above it', () => {
    const owners = new ReservedPaths();
    owners.reserve('a', 'q1/a/summary.md');
    owners.reserve('b', 'q1/summary.md');
    owners.release('a');
    owners.release('a');
    expect(owners.reserve('c', 'q1/a/summary.md')).toBeNull();
    expect(owners.reserve('d', 'q1')).toBe('b');
    owners.release('b');
    expect(owners.reserve('d', 'q1')).toBe('c');
    owners.release('c');
    expect(owners.reserve('d', 'q1')).toBeNull();
  });

  test('has one path: the one that it asked for last', () => {
    const owners = new ReservedPaths();
    owners.reserve('a', 'summary.md');
    owners.reserve('a', 'summary.json');
    expect(owners.reserve('b', 'summary.md')).toBeNull();
    expect(owners.reserve('c', 'summary.json')).toBe('a');
  });
});
