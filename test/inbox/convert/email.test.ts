import { describe, expect, test } from '@jest/globals';
import { converted, textOf } from './converted-in.ts';
import { EMAIL_HEAD, email, multipart, part } from './email-file.ts';
import { png, STARTS } from './media-files.ts';
import { docx, docxParagraph } from './office-files.ts';
import { pdfFile } from './pdf-file.ts';

const TYPE = 'application/octet-stream';

/** What is read of an e-mail without a head. */
function bodyOf(bytes: Buffer | string): Promise<string> {
  return textOf('a.eml', typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
}

function named(disposition: string): Buffer {
  return multipart('mixed', [part('text/x-log', 'y', `Content-Disposition: attachment; ${disposition}`)]);
}

describe('of a plain text and a page that say the same', () => {
  test.each([
    [
      'an address is only in the page',
      'see here',
      '<a href="https://x.test/a">see here</a>',
      '[see here](https://x.test/a)',
    ],
    [
      'the address is in both',
      'see here https://x.test/a',
      '<a href="https://x.test/a">see here</a>',
      'see here https://x.test/a',
    ],
    [
      'a sign is a letter in the plain text',
      'done J',
      '<p>done <span style="font-family:Wingdings">J</span></p>',
      'done ☺',
    ],
    ['the page has the same words', 'a b', '<p>a <b>b</b></p>', 'a b'],
  ])('%s', async (_, plain, html, read) => {
    expect(await bodyOf(multipart('alternative', [part('text/plain', plain), part('text/html', html)]))).toBe(read);
  });
});

describe('the head of an e-mail', () => {
  test('stands above the text', async () => {
    expect(await textOf('a.eml', email('Hello\r\nthere'))).toBe(`${EMAIL_HEAD}\n\nHello\nthere`);
  });

  test.each([
    [
      'groups with quoted names',
      'To: Team: "Doe, J" <j@x.test>, b@x.test;',
      'To: Team: "Doe, J" <j@x.test>, b@x.test;',
    ],
    ['folded fields', 'Subject: one\r\n two', 'Subject: one two'],
    ['words that are cut within a character', 'Subject: =?utf-8?B?4oI=?= =?utf-8?B?rA==?=', 'Subject: €'],
    ['Windows-1252 that calls itself Latin-1', 'Subject: =?iso-8859-1?Q?5_=80?=', 'Subject: 5 €'],
    ['UTF-8 as it is', 'Subject: Grüße', 'Subject: Grüße'],
    ['who shall be answered', 'Reply-To: r@x.test\r\nSender: s@x.test', 'Sender: s@x.test\nReply-To: r@x.test'],
  ])('%s', async (_, field, shown) => {
    expect(await bodyOf(`${field}\r\n\r\nText`)).toBe(`${shown}\n\nText`);
  });

  test('is in the encoding of the text below, where it is not encoded', async () => {
    const bytes = Buffer.from('Subject: Gr\xfc\xdfe\r\nContent-Type: text/plain; charset=latin1\r\n\r\nx', 'latin1');
    expect(await bodyOf(bytes)).toBe('Subject: Grüße\n\nx');
  });

  test.each([
    ['German', 'Gr\xfc\xdfe aus K\xf6ln', 'Grüße aus Köln'],
    ['what is another letter in Czech', 'Nov\xe1\xe8ek', 'Nov[Left out: 2 unreadable characters]ek'],
    ['Russian', '\xf0\xd2\xc9\xd7\xc5\xd4', '[Left out: 6 unreadable characters]'],
    ['quotes of Windows', '\x93a\x94', '[Left out: 1 unreadable character]a[Left out: 1 unreadable character]'],
  ])('is read in Windows-1252 where nothing says what it is, if it is certain: %s', async (_, subject, shown) => {
    const rest = 'To: a@x.test\r\nDate: Mon, 30 Nov 2026 10:00:00 +0000\r\n\r\nText without any such letter';
    const bytes = Buffer.from(`Subject: ${subject}\r\n${rest}`, 'latin1');
    expect(await bodyOf(bytes)).toContain(`Subject: ${shown}\n`);
  });

  test.each([
    ['a byte order mark', '\xef\xbb\xbf'],
    ['empty lines', '\r\n\n'],
    ['the line of a mailbox', 'From a@x.test Tue Mar  3 10:00:00 2026\n'],
  ])('may stand below %s', async (_, start) => {
    expect(await bodyOf(Buffer.from(`${start}Subject: S\r\n\r\nText`, 'latin1'))).toBe('Subject: S\n\nText');
  });
});

describe('the text of an e-mail', () => {
  test.each([
    ['windows-1252', '\x935 \x80\x94', '“5 €”'],
    ['iso-8859-1', '\x935 \x80\x94 \x96 \x85', '“5 €” – …'],
    ['us-ascii', 'Gr\xc3\xbc\xc3\x9fe', 'Grüße'],
    ['cp850', 'Gr\x81\xe1e', 'Grüße'],
    ['koi8-r', '\xf0\xd2\xc9\xd7\xc5\xd4', 'Привет'],
    ['gb2312', '\xc4\xe3\xba\xc3\x81\x40', '你好丂'],
    ['iso-2022-jp', '\x1b$B$3$s\x1b(B', 'こん'],
    ['utf-7', '+IKw-5', '€5'],
    ['x-unknown', 'Gr\xc3\xbc\xc3\x9fe', 'Grüße'],
    ['utf-8', '\xef\xbb\xbfx', 'x'],
  ])('in %s', async (charset, bytes, text) => {
    const head = `Content-Type: text/plain; charset="${charset}"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`;
    expect(await bodyOf(Buffer.from(head + bytes, 'latin1'))).toBe(text);
  });

  test('with few unreadable characters names them where they stand', async () => {
    const bytes = Buffer.from(`Content-Type: text/plain; charset=utf-8\r\n\r\n${'word '.repeat(10)}Gr\xfcn`, 'latin1');
    expect(await converted({ 'a.eml': bytes })).toMatchObject({
      parts: [{ text: expect.stringMatching(/Gr\[Left out: 1 unreadable character\]n$/) }],
      leftOut: { 'unreadable character': 1 },
    });
  });

  test('with many is refused', async () => {
    const bytes = Buffer.from('Content-Type: text/plain; charset=utf-8\r\n\r\n\xc4\xe3\xba\xc3', 'latin1');
    expect(await converted({ 'a.eml': bytes })).toMatchObject({ kind: 'refused', code: 'wrong-encoding' });
  });

  test('in HTML is in the encoding that the HTML names, if the part names none', async () => {
    const html = '<meta charset="windows-1251"><p>\xcf\xf0\xe8</p>';
    expect(await bodyOf(Buffer.from(`Content-Type: text/html\r\n\r\n${html}`, 'latin1'))).toBe('При');
  });

  test.each([
    ['quoted-printable', 'a=20b=\r\nc =3D \r\nd=C3=BC', 'a bc =\ndü'],
    ['base64', 'SGVsbG8s\r\nIHlvdQ==', 'Hello, you'],
    ['base64', 'SGk=\r\nSGk=', 'HiHi'],
    ['x-uuencode', 'begin 644 a.txt\n%2&5L;&\\\n`\nend\n', 'Hello'],
    ['8 bit', 'as it is', 'as it is'],
  ])('is unpacked from %s', async (encoding, packed, text) => {
    expect(await bodyOf(`Content-Transfer-Encoding: ${encoding}\r\n\r\n${packed}`)).toBe(text);
  });

  test('that flows is joined, quote by quote', async () => {
    const head = 'Content-Type: text/plain; format=flowed\r\n\r\n';
    const lines = ['One ', 'line', '>> deep ', '>> goes on', '> less ', 'mine', ' >from', '-- ', 'Ann'];
    expect(await bodyOf(head + lines.join('\r\n'))).toBe('One line\n>> deep goes on\n> less \nmine\n>from\n-- \nAnn');
  });

  test('is the plain text, if every word of the HTML is in it', async () => {
    const both = multipart('alternative', [part('text/plain', 'Total 99.50'), part('text/html', '<b>Total</b> 99.50')]);
    expect(await bodyOf(both)).toBe('Total 99.50');
  });

  test('is the HTML, if the plain text is a hint', async () => {
    const html = part('text/html', '<h1>Invoice</h1><p>Total 99.50</p>');
    const both = multipart('alternative', [part('text/plain', 'Use an HTML reader.'), html]);
    expect(await bodyOf(both)).toContain('Total 99.50');
    expect(await bodyOf(both)).not.toContain('reader');
  });

  test('may come in several parts', async () => {
    expect(await bodyOf(multipart('mixed', [part('text/plain', 'one'), part('text/plain', 'two')]))).toBe('one\n\ntwo');
  });
});

describe('what is attached', () => {
  test('is converted by its bytes, or named as left out', async () => {
    const image = png(3);
    const pdf = pdfFile(['x']);
    const bytes = email('See below', [
      { name: 'a.bin', type: TYPE, bytes: docx(docxParagraph('inner')) },
      { name: 'film.mp4', type: 'video/mp4', bytes: STARTS.mp4 },
      { name: 'p.png', type: 'image/png', bytes: image },
      { name: 'q.pdf', type: TYPE, bytes: pdf },
    ]);
    expect(await converted({ 'a.eml': bytes })).toMatchObject({
      kind: 'converted',
      parts: [
        {
          kind: 'text',
          text: expect.stringMatching(
            /See below\n\nAttachment: a\.bin[^]*\[Left out: 1 attachment\] film\.mp4: It is .*video.*\n\nAttachment: p\.png$/,
          ),
        },
        { kind: 'image', mediaType: 'image/png', bytes: image },
        { kind: 'text', text: 'Attachment: q.pdf' },
        { kind: 'file', name: 'q.pdf', mediaType: 'application/pdf', bytes: pdf },
      ],
      leftOut: { attachment: 1 },
    });
  });

  test('as text is in the encoding that its part names', async () => {
    const csv = part('text/csv; charset=windows-1252; name="a.csv"', 'pr\x80s;5', 'Content-Disposition: attachment');
    expect(await bodyOf(multipart('mixed', [part('text/plain', 'x'), csv]))).toBe('x\n\nAttachment: a.csv\n\npr€s;5');
  });

  test('has its name, however it is encoded', async () => {
    expect(await bodyOf(named("filename*0*=utf-8''%E2%82%AC; filename*1*=.txt"))).toContain('Attachment: €.txt');
    expect(await bodyOf(named('filename="=?utf-8?B?4oKs?=.txt"'))).toContain('Attachment: €.txt');
  });

  test('as a picture that the HTML shows is named where it stands', async () => {
    const picture = part(
      'image/png; name="logo.png"',
      png(1).toString('base64'),
      'Content-ID: <logo@x>\r\nContent-Transfer-Encoding: base64',
    );
    const html = part('text/html', '<p>Before <img alt="" src="cid:logo@x"> after</p>');
    const outcome = await converted({ 'a.eml': multipart('related', [html, picture]) });
    expect(outcome).toMatchObject({
      parts: [
        { text: expect.stringMatching(/Before \[Attachment: logo\.png\] after\n\nAttachment: logo\.png/) },
        { kind: 'image' },
      ],
      leftOut: {},
    });
  });

  test('as a message has its own head', async () => {
    const inner = email('Inner').toString();
    const bytes = multipart('mixed', [part('text/plain', 'Outer'), part('message/rfc822', inner)], 'Subject: Fwd\r\n');
    expect(await bodyOf(bytes)).toBe(`Subject: Fwd\n\nOuter\n\nAttachment: message.eml\n\n${EMAIL_HEAD}\n\nInner`);
  });

  test('in messages in messages is left out from a depth on', async () => {
    let bytes = email('innermost');
    for (let depth = 0; depth < 8; depth += 1) bytes = email(`depth ${depth}`, [{ name: 'm.eml', type: TYPE, bytes }]);
    const text = await textOf('a.eml', bytes);
    expect(text).toContain('depth 2');
    expect(text).not.toContain('depth 1');
    expect(text).toMatch(/\[Left out: 1 attachment\] m\.eml: It is too deep/);
  });

  test.each([
    [
      'an invitation',
      'text/calendar; method=REQUEST',
      'BEGIN:VCALENDAR',
      'Attachment: text/calendar\n\nBEGIN:VCALENDAR',
    ],
    [
      'a report of delivery',
      'message/delivery-status',
      'Status: 5.1.1',
      'Attachment: message/delivery-status\n\nStatus: 5.1.1',
    ],
    [
      'winmail.dat',
      'application/ms-tnef; name="winmail.dat"',
      'x',
      '[Left out: 1 attachment] winmail.dat: Only Outlook reads it.',
    ],
    [
      'a piece of a message',
      'message/partial; number=1',
      'x',
      '[Left out: 1 attachment] message/partial: It is a piece',
    ],
    [
      'a file that lies elsewhere',
      'message/external-body; access-type=URL; URL="https://example.org/x"',
      'Content-Type: text/plain',
      '[Left out: 1 attachment] message/external-body: It lies elsewhere',
    ],
    [
      'an encrypted message',
      'application/pkcs7-mime; name="smime.p7m"',
      'x',
      '[Left out: 1 attachment] smime.p7m: It is encrypted',
    ],
  ])('as %s is given or told', async (_, type, content, shown) => {
    expect(await bodyOf(multipart('mixed', [part('text/plain', 'x'), part(type, content)]))).toContain(`x\n\n${shown}`);
  });

  test('to say who signed it is not told', async () => {
    const signed = multipart('signed', [part('text/plain', 'x'), part('application/pgp-signature', 'y')]);
    expect(await converted({ 'a.eml': signed })).toMatchObject({ parts: [{ text: 'x' }], leftOut: {} });
  });
});

describe('an e-mail that is refused', () => {
  const film = part('video/mp4; name="f.mp4"', STARTS.mp4.toString('base64'), 'Content-Transfer-Encoding: base64');

  test.each([
    ['without a text, if something was left out', multipart('mixed', [film], 'Subject: S\r\n'), 'blank'],
    ['encrypted', Buffer.from('Content-Type: application/pkcs7-mime\r\n\r\nx'), 'encrypted'],
    ['encrypted with PGP', multipart('encrypted', [part('application/pgp-encrypted', 'x')]), 'encrypted'],
    [
      'a mailbox',
      Buffer.from('From a@x Tue Mar 3 10:00:00 2026\nTo: b\n\nx\n\nFrom a@x Tue Mar 3 10:00:00 2026\nTo: b\n\ny\n'),
      'unsupported-type',
    ],
    [
      'of very many parts',
      multipart(
        'mixed',
        Array.from({ length: 2001 }, () => part('text/plain', '')),
      ),
      'too-complex',
    ],
    ['of which only the head is there', Buffer.from('Subject: S\r\n'), 'blank'],
  ])('%s', async (_, bytes, code) => {
    expect(await converted({ 'a.eml': bytes })).toMatchObject({ kind: 'refused', code });
  });

  test('is not one with a subject alone', async () => {
    expect(await bodyOf('Subject: Call me\r\n\r\n')).toBe('Subject: Call me');
  });
});

describe('an e-mail that is cut off', () => {
  const attached = { name: 'a.docx', type: TYPE, bytes: docx(docxParagraph('inner')) };
  const whole = email('Some text', [attached]);

  test('at any byte is refused or says so', async () => {
    const silent: number[] = [];
    // Before that, nothing says that it is an e-mail.
    for (let at = 'From:'.length; at < whole.length - '--part--\r\n'.length; at += 7) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const outcome = await converted({ 'a.eml': whole.subarray(0, at) });
      if (outcome.kind === 'converted' && !('truncated part' in outcome.leftOut)) silent.push(at);
    }
    expect(silent).toEqual([]);
    expect(await converted({ 'a.eml': whole })).toMatchObject({ leftOut: {} });
  });

  test.each([
    ['base64', 'SGVsbG8sI'],
    ['quoted-printable', 'Hello=C'],
  ])('within %s says so', async (encoding, packed) => {
    const text = await bodyOf(`Content-Transfer-Encoding: ${encoding}\r\n\r\n${packed}`);
    expect(text).toMatch(/^Hello.*\n\n\[Left out: 1 truncated part\]$/);
  });
});

test('a part that is cut with its e-mail is counted once', async () => {
  const attachment = part('text/csv; name="a.csv"\r\nContent-Transfer-Encoding: base64', 'YTtiCjE7M');
  const whole = multipart('mixed', [part('text/plain', 'x'), attachment]);
  const bytes = Buffer.from(whole.slice(0, whole.lastIndexOf('7M') + 2));
  expect(await converted({ 'a.eml': bytes })).toMatchObject({ leftOut: { 'truncated part': 1 } });
  // Of another one in the same folder, it is told as well.
  expect(await converted({ 'a.eml': bytes, 'b.eml': bytes })).toMatchObject({ leftOut: { 'truncated part': 2 } });
});

test('parts below another boundary than the one that is named are read', async () => {
  const bytes =
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--B\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--\r\n--c\r\nthird\r\n';
  const text = await bodyOf(bytes);
  expect(text).toMatch(/first[^]*second[^]*third/);
});
