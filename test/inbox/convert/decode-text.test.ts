import { describe, expect, test } from '@jest/globals';
import { decodeText } from '../../../src/inbox/convert/decode-text.ts';

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('decoding', () => {
  test.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from('grün 😀'), 'grün 😀'],
    ['UTF-8 with a mark', Buffer.from('\uFEFFgrün'), 'grün'],
    ['a mark alone', Buffer.from('\uFEFF'), ''],
    ['UTF-16 LE with a mark', utf16('grün 😀'), 'grün 😀'],
    ['UTF-16 BE with a mark', utf16('grün 😀').swap16(), 'grün 😀'],
    ['UTF-16 LE without a mark', utf16('Zeile 1\r\nGrüße, naïve – 日').subarray(2), 'Zeile 1\r\nGrüße, naïve – 日'],
    ['UTF-16 BE without a mark', utf16('text').swap16().subarray(2), 'text'],
    ['ISO-2022-JP', latin1('a \x1B$BF|K\\8l\x1B(B b'), 'a 日本語 b'],
    [
      'XML that declares ISO-8859-1',
      latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>gr\xFCn</a>'),
      '<?xml version="1.0" encoding="ISO-8859-1"?><a>grün</a>',
    ],
    [
      'XML that declares Windows-1252',
      latin1("<?xml version='1.0' encoding='windows-1252'?><a>5 \x80 \x84x\x93</a>"),
      "<?xml version='1.0' encoding='windows-1252'?><a>5 € „x“</a>",
    ],
    [
      'HTML that declares Shift_JIS',
      latin1('<html><head><meta charset="Shift_JIS"></head>\x93\xFA\x96\x7B'),
      '<html><head><meta charset="Shift_JIS"></head>日本',
    ],
    [
      'HTML that declares KOI8-R the old way',
      latin1('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">\xC4\xC1'),
      '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">да',
    ],
    [
      'CSS that declares ISO-8859-15',
      latin1('@charset "iso-8859-15";\na::before{content:"\xA4"}'),
      '@charset "iso-8859-15";\na::before{content:"€"}',
    ],
    [
      'Python with a coding line',
      latin1('#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = "\xE9"'),
      '#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = "é"',
    ],
    [
      'Emacs Lisp with a coding line',
      latin1(';; -*- mode: lisp; coding: euc-jp -*-\n\xC6\xFC'),
      ';; -*- mode: lisp; coding: euc-jp -*-\n日',
    ],
    ['UTF-8 that declares something else', Buffer.from('<meta charset="latin1">grün'), '<meta charset="latin1">grün'],
    ['ASCII that declares what ends in the same', Buffer.from('<meta charset="cp850">a'), '<meta charset="cp850">a'],
    ['a heading that looks like a coding line', Buffer.from('# On coding: rules\n'), '# On coding: rules\n'],
    ['carriage returns, tabs and form feeds', Buffer.from('a\r\tb\f'), 'a\r\tb\f'],
    ['colours of a terminal', Buffer.from('\u001B[31mred\u001B[0m'), '\u001B[31mred\u001B[0m'],
    ['escapes of ISO-2022-JP among others', Buffer.from('\u001B$B and \u001B[0m'), '\u001B$B and \u001B[0m'],
    ['as many control characters as are forgiven', Buffer.from(`${'a'.repeat(99)}\u0001`), `${'a'.repeat(99)}\u0001`],
    ['a stray control character', Buffer.from(`${'a'.repeat(200)}\u0001`), `${'a'.repeat(200)}\u0001`],
    ['a replacement character that was written as such', Buffer.from('a\uFFFDb'), 'a\uFFFDb'],
  ])('%s is text', (_name, bytes, text) => {
    expect(decodeText(bytes)).toEqual({ kind: 'text', text });
  });

  test.each<[string, Buffer, string, RegExp]>([
    ['Latin-1', latin1('gr\xFCn'), 'wrong-encoding', /not valid UTF-8.*Save it as UTF-8/],
    ['UTF-8 cut inside a character', Buffer.from('grü').subarray(0, 3), 'wrong-encoding', /not valid UTF-8/],
    ['UTF-16 of an odd length', utf16('grün').subarray(0, 5), 'wrong-encoding', /not valid UTF-16/],
    ['UTF-16 with half a pair', utf16('a\uD83D'), 'wrong-encoding', /not valid UTF-16/],
    [
      'a declared encoding that no one knows',
      latin1('<?xml version="1.0" encoding="klingon"?>\xFC'),
      'wrong-encoding',
      /klingon/,
    ],
    ['HTML that declares UTF-7', Buffer.from('<meta charset=utf-7>gr+APw-n'), 'wrong-encoding', /utf-7/],
    ['XML that declares HZ', Buffer.from('<?xml version="1.0" encoding="HZ-GB-2312"?>~{VP~}'), 'wrong-encoding', /HZ/],
    ['HTML that declares ISO-2022-KR', Buffer.from('<meta charset=iso-2022-kr>x'), 'wrong-encoding', /iso-2022-kr/],
    ['a declared UTF-8 that is none', latin1('<?xml version="1.0" encoding="UTF-8"?>\xFC'), 'wrong-encoding', /UTF-8/],
    [
      'a declared UTF-16 that is none',
      latin1('<?xml version="1.0" encoding="UTF-16"?>\xFC'),
      'wrong-encoding',
      /UTF-16/,
    ],
    ['a declared Shift_JIS that is none', latin1('<meta charset="shift_jis">\x80\xFF'), 'wrong-encoding', /shift_jis/],
    ['a declared encoding without that character', latin1('<meta charset="iso-8859-15">\x80'), 'wrong-encoding', /15/],
    [
      'a declaration in the middle of a line',
      latin1('we say coding: latin1 and \xFC'),
      'wrong-encoding',
      /not valid UTF-8/,
    ],
    ['UTF-16 without a mark, too short', utf16('abc').subarray(2), 'not-text', /zero bytes/],
    ['UTF-16 without a mark, mostly Chinese', utf16('中文中文中文 a').subarray(2), 'not-text', /zero bytes/],
    ['numbers of two bytes', Buffer.from(Uint16Array.from([1, 2, 3, 4, 5, 65]).buffer), 'not-text', /zero bytes/],
    ['zero bytes', Buffer.from('a\0b'), 'not-text', /zero bytes/],
    ['control characters', Buffer.from('\u0001\u0002\u0003abc'), 'not-text', /control characters/],
    ['one control character too many', Buffer.from(`${'a'.repeat(98)}\u0001\u0001`), 'not-text', /control characters/],
    ['UTF-16 zero characters', utf16('ab\0\0'), 'not-text', /control characters/],
  ])('%s is refused', (_name, bytes, code, reason) => {
    expect(decodeText(bytes)).toEqual({ kind: 'refused', code, reason: expect.stringMatching(reason) });
  });
});
