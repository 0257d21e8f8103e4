import { describe, expect, test } from '@jest/globals';
import { ignoredName } from '../../src/inbox/entry.ts';

describe('names that are left alone', () => {
  test.each([
    ['.hidden', 'hidden names'],
    ['.gitignore', 'hidden names'],
    ['._photo.jpg', 'hidden names'],
    ['.nfs000001', 'hidden names'],
    ['.fuse_hidden0001', 'hidden names'],
    ['.DS_Store', 'editor and download leftovers'],
    ['Thumbs.db', 'editor and download leftovers'],
    ['desktop.ini', 'editor and download leftovers'],
    ['notes.txt~', 'editor and download leftovers'],
    ['line\nbreak~', 'editor and download leftovers'],
    ['.notes.txt.swp', 'editor and download leftovers'],
    ['.notes.txt.swx', 'editor and download leftovers'],
    ['#notes.txt#', 'editor and download leftovers'],
    ['.#notes.txt', 'editor and download leftovers'],
    ['~$report.docx', 'editor and download leftovers'],
    ['.~lock.report.odt#', 'editor and download leftovers'],
    ['.syncthing.report.txt.tmp', 'editor and download leftovers'],
    ['~syncthing~report.txt.tmp', 'editor and download leftovers'],
    ['upload.tmp', 'editor and download leftovers'],
    ['upload.TMP', 'editor and download leftovers'],
    ['film.part', 'editor and download leftovers'],
    ['film.partial', 'editor and download leftovers'],
    ['film.crdownload', 'editor and download leftovers'],
    ['film.download', 'editor and download leftovers'],
    ['_recipe.md', 'names that begin with _'],
    ['@eaDir', 'folders of other programs'],
    ['__MACOSX', 'folders of other programs'],
    ['.stfolder', 'folders of other programs'],
    ['.stversions', 'folders of other programs'],
  ])('%j counts as %s', (name, kind) => {
    expect(ignoredName(name)).toBe(kind);
  });

  test.each([
    'a.txt',
    'report_.md',
    'C#',
    '#1 idea.md',
    'tmp',
    'part',
    'a~b',
    'b.swp.txt',
    '-rf',
    '$(id)',
    '😀.md',
    'ü',
    ' ',
  ])('%j is a document', (name) => {
    expect(ignoredName(name)).toBeNull();
  });
});
