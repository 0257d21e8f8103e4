import { expect, test } from '@jest/globals';
import { documentAt, isFolderDocument } from '../../src/inbox/folder-document.ts';

test.each([
  ['x.doc', 'x.doc'],
  ['x.doc/a.txt', 'x.doc'],
  ['q1/x.doc/deep/a.txt', 'q1/x.doc'],
  ['y.doc/x.doc/a.txt', 'y.doc'],
  ['x.docs/a.txt', 'x.docs/a.txt'],
  ['x.DOC/a.txt', 'x.DOC/a.txt'],
  ['a.txt', 'a.txt'],
  ['', ''],
])('what happens at %j concerns %j', (id, document) => {
  expect(documentAt(id)).toBe(document);
});

test('the ending tells, in small letters', () => {
  expect(['x.doc', 'q1/x.doc', 'x.DOC', 'x.docx', 'doc'].map(isFolderDocument)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
