import { describe, expect, test } from '@jest/globals';
import { fileKind } from '../../../src/inbox/convert/file-kind.ts';
import { png, STARTS, wav } from './media-files.ts';

const text = (content: string): Buffer => Buffer.from(content);
const latin1 = (content: string): Buffer => Buffer.from(content, 'latin1');

/** A compound file with a stream of that name, and perhaps with a class at its root. */
function oldOffice(stream: string, rootClass = ''): Buffer {
  const bytes = Buffer.concat([STARTS.oldOffice, Buffer.alloc(512), Buffer.from(`${stream}\0`, 'utf16le')]);
  bytes.writeUInt16LE(9, 30);
  bytes.write(rootClass, 512 + 80, 'hex');
  return bytes;
}

/** Its second line says that it is binary, as the standard wants. */
const BINARY_PDF = '%PDF-1.7\n%\xE2\xE3\xCF\xD3\n';

test('damaged UTF-16 is told as such, and is no sound', async () => {
  const bytes = Buffer.from('\uFEFFname;größe', 'utf16le').subarray(0, -1);
  expect(await fileKind({ name: 'a.csv', bytes })).toMatchObject({ kind: 'refused', code: 'wrong-encoding' });
});

describe('the kind of a file', () => {
  test.each<[string, Buffer, object]>([
    ['PNG', png(2), { kind: 'image', mediaType: 'image/png' }],
    ['JPEG', STARTS.jpeg, { kind: 'image', mediaType: 'image/jpeg' }],
    ['GIF', STARTS.gif, { kind: 'image', mediaType: 'image/gif' }],
    ['WebP', STARTS.webp, { kind: 'image', mediaType: 'image/webp' }],
    ['WAV', wav(4), { kind: 'audio', format: 'wav' }],
    ['MP3', STARTS.mp3, { kind: 'audio', format: 'mp3' }],
    ['FLAC', STARTS.flac, { kind: 'audio', format: 'flac' }],
    ['Ogg Vorbis', STARTS.ogg, { kind: 'audio', format: 'ogg' }],
    ['Ogg Opus', STARTS.opus, { kind: 'audio', format: 'ogg' }],
    ['M4A', STARTS.m4a, { kind: 'audio', format: 'm4a' }],
    ['AAC', STARTS.aac, { kind: 'audio', format: 'aac' }],
    ['AIFF', STARTS.aiff, { kind: 'audio', format: 'aiff' }],
    ['PDF', text('%PDF-1.7'), { kind: 'pdf' }],
    ['PDF with blanks before it', text('\r\n%PDF-1.7'), { kind: 'pdf' }],
    ['PDF with an HTTP head before it', latin1(`HTTP/1.1 200 OK\r\n\r\n${BINARY_PDF}`), { kind: 'pdf' }],
    ['PDF at the end of where its mark is looked for', latin1(`${' x'.repeat(509)}${BINARY_PDF}`), { kind: 'pdf' }],
    ['ZIP', text('PK\u0003\u0004'), { kind: 'archive' }],
    ['SVG', text('<svg/>'), { kind: 'text', text: '<svg/>' }],
    ['text about PDF', text('It begins with %PDF-'), { kind: 'text', text: 'It begins with %PDF-' }],
    ['text that begins like a head', text('From: a\n\nb'), { kind: 'text', text: 'From: a\n\nb' }],
  ])('%s is told by its bytes, whatever its name', async (_name, bytes, kind) => {
    expect(await fileKind({ name: 'misleading.docx', bytes })).toEqual(kind);
  });

  test.each<[string, Buffer, string, RegExp]>([
    ['TIFF', STARTS.tiff, 'unsupported-type', /image\/tiff.*PNG or JPEG/],
    ['BMP', STARTS.bmp, 'unsupported-type', /image\/bmp.*PNG or JPEG/],
    ['HEIC', STARTS.heic, 'unsupported-type', /image\/heic.*PNG or JPEG/],
    ['MP4', STARTS.mp4, 'unsupported-type', /video\/mp4.*sound as MP3/],
    ['WebM', STARTS.webm, 'unsupported-type', /video\/webm.*sound as MP3/],
    ['gzip', STARTS.gzip, 'unsupported-type', /gzip/],
    ['AVIF', latin1('\0\0\0\x18ftypavif\0\0\0\0mif1avif'), 'unsupported-type', /image\/avif.*PNG or JPEG/],
    ['JPEG XL', latin1('\0\0\0\x0CJXL \x0D\x0A\x87\x0A'), 'unsupported-type', /image\/jxl.*PNG or JPEG/],
    ['RTF', text('{\\rtf1 x}'), 'unsupported-type', /RTF.*docx/],
    ['a saved page', text('From: <Saved by Blink>\nSnapshot-Content-Location: x\n\n'), 'unsupported-type', /mht.*HTML/],
    ['an old Office file', STARTS.oldOffice, 'unsupported-type', /old Office.*Save it as docx/],
    ['an old document', oldOffice('WordDocument'), 'unsupported-type', /\(doc\).*docx/],
    ['an old workbook', oldOffice('Workbook'), 'unsupported-type', /\(xls\).*xlsx/],
    ['an old presentation', oldOffice('PowerPoint Document'), 'unsupported-type', /\(ppt\).*pptx/],
    ['a message of Outlook', oldOffice('__properties_version1.0'), 'unsupported-type', /\(msg\).*eml/],
    ['an old document with a workbook in it', oldOffice('Workbook', '06090200'), 'unsupported-type', /\(doc\).*docx/],
    [
      'an Office file with a password',
      Buffer.concat([STARTS.oldOffice, Buffer.from('EncryptedPackage', 'utf16le')]),
      'encrypted',
      /password/,
    ],
    ['a PDF further down', latin1(`${' x'.repeat(510)}${BINARY_PDF}`), 'wrong-encoding', /UTF-8/],
    ['a program', STARTS.executable, 'unsupported-type', /elf/],
    ['bytes that no one knows', text('a\0\u0001\u0002\0\u0003'), 'not-text', /binary/],
    ['Latin-1', Buffer.from('gr\xFCn', 'latin1'), 'wrong-encoding', /UTF-8/],
  ])('%s is refused, whatever its name', async (_name, bytes, code, reason) => {
    const kind = await fileKind({ name: 'misleading.txt', bytes });
    expect(kind).toEqual({ kind: 'refused', code, reason: expect.stringMatching(reason) });
  });

  test('a text that may have pictures in it is told', async () => {
    const svg = '<svg><image href="data:image/png;base64,AAAA"/></svg>';
    expect(await fileKind({ name: 'a.svg', bytes: text(svg) })).toEqual({ kind: 'markup', text: svg });
    const note = 'data:image/png;base64,AAAA';
    expect(await fileKind({ name: 'a.svg', bytes: text(note) })).toEqual({ kind: 'text', text: note });
  });

  test('an e-mail is told by its name and its head together', async () => {
    expect(await fileKind({ name: 'a.EML', bytes: text('Received: x\n\n') })).toEqual({ kind: 'email' });
    expect(await fileKind({ name: 'a.eml', bytes: text('no head') })).toEqual({ kind: 'text', text: 'no head' });
  });
});
