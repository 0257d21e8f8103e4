import { describe, expect, test } from '@jest/globals';
import { resultName as nameOf } from '../../src/outbox/safe-names.ts';

const LIMIT = 4000;
const resultName = (name: string, limit: number, ending = '.md') => nameOf({ name, ending }, limit);
const HASHED = /-[0-9a-f]{8}$/;
const bytes = (text: string) => Buffer.byteLength(text);

describe('the name of a result', () => {
  test.each([
    'a',
    'a.md',
    'q1/report.pdf',
    'notes.md.txt',
    'new\nline',
    '-rf',
    'ünï/c😀de.txt',
    '..a/..b',
    'a'.repeat(233),
    'notes.md.receipts',
  ])('keeps %j', (id) => {
    expect(resultName(id, LIMIT)).toBe(id);
  });

  test.each([
    ['plain', 'a'.repeat(255)],
    ['two-byte', 'é'.repeat(127)],
    ['emoji', '😀'.repeat(63)],
    ['one byte too many', 'a'.repeat(234)],
  ])('cuts a long %s name at a character, and adds a hash', (_kind, id) => {
    const name = resultName(id, LIMIT);
    expect(name).toMatch(HASHED);
    expect(bytes(`${name}.json.receipt.json`)).toBeLessThanOrEqual(255);
    expect(id.startsWith(name.replace(HASHED, ''))).toBe(true);
    expect(bytes(name)).toBeGreaterThan(233);
  });

  test('cuts long names apart that differ at their ends only', () => {
    expect(resultName(`${'a'.repeat(250)}1`, LIMIT)).not.toBe(resultName(`${'a'.repeat(250)}2`, LIMIT));
  });

  test('never gives a cut name to a document that is called like one', () => {
    const cut = resultName('a'.repeat(255), LIMIT);
    expect(resultName(cut, LIMIT)).not.toBe(cut);
  });

  test('cuts a long folder alike for all that lies in it', () => {
    const folder = 'f'.repeat(255);
    const [one, two] = [`${folder}/one`, `${folder}/two`].map((id) => resultName(id, LIMIT).split('/'));
    expect(one?.[0]).toBe(two?.[0]);
    expect(one?.[0]).toMatch(HASHED);
    expect([one?.[1], two?.[1]]).toEqual(['one', 'two']);
  });

  test.each(['a.md/x', 'a.MD/x', 'a.error.json/x', 'b/a.json/c/x'])(
    'keeps the folder out of the way of results: %s',
    (id) => {
      const folders = resultName(id, LIMIT).split('/').slice(0, -1);
      expect(folders.every((folder) => !/\.(md|json)$/i.test(folder))).toBe(true);
      expect(folders.some((folder) => HASHED.test(folder))).toBe(true);
    },
  );

  test.each(['notes.md.receipt', 'NOTES.JSON.Receipt', 'q1/notes.md.receipt'])(
    'keeps a result out of the way of receipts: %s',
    (id) => {
      const name = resultName(id, LIMIT);
      expect(name).toMatch(HASHED);
      expect(resultName(name, LIMIT)).not.toBe(name);
    },
  );

  test.each([
    ['notes.md.reasoning', '.md'],
    ['notes.srt.reasoning', '.md'],
    ['notes.json.annotations', '.json'],
    ['notes.html.receipt', '.json'],
    ['notes.md.image-12', '.png'],
    ['notes.md', '.reasoning.md'],
  ])('keeps a result out of the way of what lies beside another: %s%s', (id, ending) => {
    const name = resultName(id, LIMIT, ending);
    expect(name).toMatch(HASHED);
    expect(resultName(name, LIMIT, ending)).not.toBe(name);
  });

  test.each([
    ['notes.reasoning', '.md'],
    ['notes.md.annotations', '.md'],
    ['notes.srt.receipt', '.md'],
    ['notes.md.image-1', '.md'],
    ['a.txt', '.srt'],
    ['v1.2/a.csv/b.srt', '.md'],
    ['v1.2/a.csv/b.srt', '.html'],
  ])('keeps %s in %s: nothing else is called like it', (id, ending) => {
    expect(resultName(id, LIMIT, ending)).toBe(id);
  });

  test.each(['a.srt/x', 'a.SRT/x', 'b/a.srt-12345678/x'])(
    'keeps the folder out of the way of results in another ending: %s',
    (id) => {
      const name = resultName(id, LIMIT, '.srt');
      expect(name).toMatch(/-[0-9a-f]{8}\/x$/);
      expect(name).not.toBe(id);
    },
  );

  test('never gives the folder of results to a folder that is called like it', () => {
    const [folder] = resultName('a.md/x', LIMIT).split('/');
    expect(resultName(`${folder}/x`, LIMIT)).not.toBe(`${folder}/x`);
  });

  test('puts a path that would be too long at the top', () => {
    const id = `${'folder/'.repeat(30)}x`;
    const name = resultName(id, 200);
    expect(name).toMatch(/^folder_folder_[a-z_]*-[0-9a-f]{8}$/);
    expect(bytes(name)).toBeLessThanOrEqual(237);
  });

  test.each(['', '.', '..', '../a', 'a/../b', '/a', 'a/', 'a//b', './a', 'a/..', 'a\0b'])(
    'refuses %j, which is no id',
    (id) => {
      expect(() => resultName(id, LIMIT)).toThrow('No file can be called');
    },
  );
});
