import { describe, expect, test } from '@jest/globals';
import { createConverter } from '../../../src/inbox/convert/converter.ts';
import { converted, textOf } from './converted-in.ts';
import { png, STARTS } from './media-files.ts';
import { docx, docxParagraph } from './office-files.ts';
import { LOCKED, manyPages, pdfFile } from './pdf-file.ts';

const text = (content: string): Buffer => Buffer.from(content);

/** What no reader of ours was needed for. */
const UNREAD = { kind: 'converted', leftOut: {}, readers: [] };

describe('converting', () => {
  test('a text is converted at once', async () => {
    const document = { id: 'a.txt', size: 1, mtimeMs: 1 };
    const content = { document, sha256: '', files: [{ name: 'a.txt', bytes: text('grün') }] };
    const outcomes: unknown[] = [];
    void createConverter({ worker: null })
      .convert(content, null)
      .then((outcome) => outcomes.push(outcome));
    await Promise.resolve();
    expect(outcomes).toEqual([{ ...UNREAD, parts: [{ kind: 'text', text: 'grün' }] }]);
  });

  test('pictures, sounds and PDFs pass as they are', async () => {
    const pdf = pdfFile(['x']);
    const image = png(3);
    expect(await converted({ 'a.pdf': pdf })).toEqual({
      ...UNREAD,
      parts: [{ kind: 'file', name: 'a.pdf', mediaType: 'application/pdf', bytes: pdf }],
    });
    expect(await converted({ 'a.png': image })).toEqual({
      ...UNREAD,
      parts: [{ kind: 'image', mediaType: 'image/png', bytes: image }],
    });
    expect(await converted({ 'a.mp3': STARTS.mp3 })).toEqual({
      ...UNREAD,
      parts: [{ kind: 'audio', format: 'mp3', bytes: STARTS.mp3 }],
    });
  });

  test.each([
    ['cut to so many characters, an emoji one of them', 12, 'File: a.txt\n'],
    ['whole where it has no more', 27, 'File: a.txt\n\n😀\n\nFile: b.png'],
    ['with its pictures whole', 1, 'F'],
  ])('the text of a document is %s', async (_name, truncate, sent) => {
    const image = png(3);
    const files = { 'a.txt': text('😀'), 'b.png': image };
    const outcome = await converted(files, null, createConverter({ worker: null, truncate }));
    expect(outcome).toEqual({
      ...UNREAD,
      parts: [
        { kind: 'text', text: sent },
        { kind: 'image', mediaType: 'image/png', bytes: image },
      ],
    });
  });

  test('what is refused is refused, however little of it is sent', async () => {
    const converter = createConverter({ worker: null, truncate: 1 });
    expect(await converted({ 'b.mp4': STARTS.mp4 }, null, converter)).toMatchObject({ kind: 'refused' });
  });

  test('the files of a folder stand below their names, and neighbouring texts are one', async () => {
    const image = png(3);
    const files = {
      'a.txt': text('one'),
      'b/b.docx': docx(docxParagraph('two')),
      'c.png': image,
      'd.txt': text('four'),
    };
    expect(await converted(files)).toEqual({
      ...UNREAD,
      readers: ['docx/2'],
      parts: [
        { kind: 'text', text: 'File: a.txt\n\none\n\nFile: b/b.docx\n\ntwo\n\nFile: c.png' },
        { kind: 'image', mediaType: 'image/png', bytes: image },
        { kind: 'text', text: 'File: d.txt\n\nfour' },
      ],
    });
  });

  test('a file that cannot be taken refuses its whole folder, and is named', async () => {
    expect(await converted({ 'a.txt': text('one'), 'b.mp4': STARTS.mp4 })).toEqual({
      kind: 'refused',
      code: 'unsupported-type',
      reason: expect.stringMatching(/^b\.mp4: It is .*video/),
    });
  });

  test.each<[string, Readonly<Record<string, Buffer>>]>([
    ['a text of white space', { 'a.txt': text(' \n\t') }],
    ['a text of characters without width', { 'a.txt': text('\u200B\u2060\n\uFEFF\u200D\u00AD') }],
    ['a page of them', { 'a.docx': docx(docxParagraph('\u200B')) }],
    ['a folder of such texts', { 'a.txt': text(' '), 'b.txt': text('\n') }],
    ['a Word document without a word', { 'a.docx': docx('') }],
    ['no file at all', {}],
  ])('%s is blank', async (_name, files) => {
    expect(await converted(files)).toEqual({
      kind: 'refused',
      code: 'blank',
      reason: 'There is nothing in it but white space.',
    });
  });
});

describe('PDFs as text', () => {
  test('pages are numbered', async () => {
    expect(await textOf('a.pdf', pdfFile(['Hello', '', 'Third']), 'text')).toBe(
      '--- Page 1 of 3 ---\n\nHello\n\n--- Page 2 of 3 ---\n\n--- Page 3 of 3 ---\n\nThird',
    );
  });

  test.each<[string, Buffer, string, RegExp]>([
    ['without text', pdfFile(['', '']), 'no-text-in-pdf', /scan.*another engine.*`sluice.pdf: native`/],
    ['with a password', pdfFile(['x'], LOCKED), 'encrypted', /password/],
    ['of a thousand million pages, each the same', manyPages(), 'too-complex', /pages/],
    ['that is cut', pdfFile(['x']).subarray(0, 60), 'broken-document', /Save it again/],
  ])('one %s is refused', async (_name, bytes, code, reason) => {
    expect(await converted({ 'a.pdf': bytes }, 'text')).toEqual({
      kind: 'refused',
      code,
      reason: expect.stringMatching(reason),
    });
  });
});
