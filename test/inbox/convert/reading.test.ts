import { describe, expect, test } from '@jest/globals';
import { outdatedFormats, READER_REVISIONS } from '../../../src/inbox/convert/reading.ts';

const current = Object.entries(READER_REVISIONS).map(([format, revision]) => `${format}/${revision}`);

describe('the formats that another revision of a reader read', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['none of a text, which no reader made', [], []],
    ['none of readers that are as they were', current, []],
    ['an older one', [`docx/${READER_REVISIONS.docx - 1}`, `eml/${READER_REVISIONS.eml}`], ['docx']],
    ['a newer one, of a version that was here before', [`docx/${READER_REVISIONS.docx + 1}`], ['docx']],
    ['one that there is no more', ['wordperfect/3'], ['wordperfect']],
  ])('are %s', (_, readers, formats) => {
    expect(outdatedFormats(readers, 'whatever.docx', true)).toEqual(formats);
  });

  test.each<[string, boolean, readonly string[]]>([
    ['q1/Contract.DOCX', false, ['docx']],
    ['sheet.xlsm', false, ['xlsx']],
    ['deck.pptx', false, ['pptx']],
    ['letter.odt', false, ['odt']],
    ['mail.eml', false, ['eml']],
    ['book.epub', false, ['epub']],
    ['scan.pdf', true, ['pdf']],
    ['scan.pdf', false, []],
    ['notes.md', true, []],
    ['page.html', true, []],
    ['docx', true, []],
    ['case.doc', true, []],
  ])('where none were recorded, are those of its ending: %s (pdf as text: %p)', (id, readsPdf, formats) => {
    expect(outdatedFormats(null, id, readsPdf)).toEqual(formats);
  });
});
