import { describe, expect, test } from '@jest/globals';
import { decodeText } from '../../src/inbox/decode-text.ts';

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');

describe('decoding', () => {
  test.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from('grün 😀'), 'grün 😀'],
    ['UTF-8 with a mark', Buffer.from('\uFEFFgrün'), 'grün'],
    ['a mark alone', Buffer.from('\uFEFF'), ''],
    ['UTF-16 LE with a mark', utf16('grün 😀'), 'grün 😀'],
    ['UTF-16 BE with a mark', utf16('grün 😀').swap16(), 'grün 😀'],
    ['carriage returns, tabs and form feeds', Buffer.from('a\r\tb\f'), 'a\r\tb\f'],
    ['colours of a terminal', Buffer.from('\u001B[31mred\u001B[0m'), '\u001B[31mred\u001B[0m'],
    ['a stray control character', Buffer.from(`${'a'.repeat(200)}\u0001`), `${'a'.repeat(200)}\u0001`],
    ['a replacement character that was written as such', Buffer.from('a\uFFFDb'), 'a\uFFFDb'],
  ])('%s is text', (_name, bytes, text) => {
    expect(decodeText(bytes)).toEqual({ kind: 'text', text });
  });

  test.each<[string, Buffer, string, RegExp]>([
    ['Latin-1', Buffer.from('gr\xFCn', 'latin1'), 'wrong-encoding', /not valid UTF-8/],
    ['UTF-8 cut inside a character', Buffer.from('grü').subarray(0, 3), 'wrong-encoding', /not valid UTF-8/],
    ['UTF-16 of an odd length', utf16('grün').subarray(0, 5), 'wrong-encoding', /not valid UTF-16/],
    ['UTF-16 with half a pair', utf16('a\uD83D'), 'wrong-encoding', /not valid UTF-16/],
    ['UTF-32', Buffer.from('\xFF\xFE\0\0a\0\0\0', 'latin1'), 'wrong-encoding', /UTF-32/],
    ['UTF-32 BE', Buffer.from('\0\0\xFE\xFF\0\0\0a', 'latin1'), 'wrong-encoding', /UTF-32/],
    ['UTF-16 without a mark', utf16('text').subarray(2), 'not-text', /zero bytes/],
    ['zero bytes', Buffer.from('a\0b'), 'not-text', /zero bytes/],
    ['control characters', Buffer.from('\u0001\u0002\u0003abc'), 'not-text', /control characters/],
    ['UTF-16 zero characters', utf16('ab\0\0'), 'not-text', /control characters/],
    ['a PDF', Buffer.from('%PDF-1.7 all of it readable'), 'not-text', /PDF/],
    ['a PNG', Buffer.from('\x89PNG\r\n', 'latin1'), 'not-text', /PNG/],
    ['a JPEG', Buffer.from('\xFF\xD8\xFF\xE0', 'latin1'), 'not-text', /JPEG/],
    ['a GIF', Buffer.from('GIF89a'), 'not-text', /GIF/],
    ['an Office document', Buffer.from('PK\x03\x04'), 'not-text', /ZIP/],
    ['a gzip archive', Buffer.from('\x1F\x8B\x08', 'latin1'), 'not-text', /gzip/],
  ])('%s is refused', (_name, bytes, code, reason) => {
    expect(decodeText(bytes)).toEqual({ kind: 'refused', code, reason: expect.stringMatching(reason) });
  });
});
