import { describe, expect, test } from '@jest/globals';
import { converted, textOf } from './converted-in.ts';
import { EMAIL_HEAD, email } from './email-file.ts';
import { png, STARTS } from './media-files.ts';
import { docx, docxParagraph } from './office-files.ts';
import { pdfFile } from './pdf-file.ts';

const TYPE = 'application/octet-stream';

describe('e-mails', () => {
  test('the head stands above the text', async () => {
    expect(await textOf('a.eml', email('Hello\r\nthere'))).toBe(`${EMAIL_HEAD}\n\nHello\nthere`);
  });

  test('HTML becomes Markdown where there is no plain text', async () => {
    const html = email('<style>p{}</style><p>a <b>b</b></p>', [], 'text/html');
    expect(await textOf('a.eml', html)).toBe(`${EMAIL_HEAD}\n\na **b**`);
  });

  test('what is attached is converted by its bytes, or named as left out', async () => {
    const image = png(3);
    const pdf = pdfFile(['x']);
    const bytes = email('See below', [
      { name: 'a.bin', type: TYPE, bytes: docx(docxParagraph('inner')) },
      { name: 'film.mp4', type: 'video/mp4', bytes: STARTS.mp4 },
      { name: 'p.png', type: 'image/png', bytes: image },
      { name: 'q.pdf', type: TYPE, bytes: pdf },
    ]);
    expect(await converted({ 'a.eml': bytes })).toEqual({
      kind: 'converted',
      parts: [
        {
          kind: 'text',
          text: expect.stringMatching(
            /See below\n\nAttachment: a\.bin\n\ninner\n\nAttachment left out: film\.mp4\. It is .*video.*\n\nAttachment: p\.png$/,
          ),
        },
        { kind: 'image', mediaType: 'image/png', bytes: image },
        { kind: 'text', text: 'Attachment: q.pdf' },
        { kind: 'file', name: 'q.pdf', mediaType: 'application/pdf', bytes: pdf },
      ],
    });
  });

  test('a message that is forwarded as it was is one of the attachments', async () => {
    const inner = email('Inner');
    const outer = Buffer.from(
      `Subject: Fwd\r\nContent-Type: multipart/mixed; boundary="outer"\r\n\r\n--outer\r\n\r\nOuter\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n${inner.toString()}\r\n--outer--\r\n`,
    );
    expect(await textOf('a.eml', outer)).toBe(
      `Subject: Fwd\n\nOuter\n\nAttachment: message.eml\n\n${EMAIL_HEAD}\n\nInner`,
    );
  });

  test('messages in messages are left out from a depth on', async () => {
    let bytes = email('innermost');
    for (let depth = 0; depth < 8; depth += 1) bytes = email(`depth ${depth}`, [{ name: 'm.eml', type: TYPE, bytes }]);
    const text = await textOf('a.eml', bytes);
    expect(text).toContain('depth 2');
    expect(text).not.toContain('depth 1');
    expect(text).toMatch(/Attachment left out: m\.eml\. It is too deep/);
  });
});
