export interface AttachedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** A part of a `multipart`; its bytes are the characters of its content, up to `\xff`, or else UTF-8. */
export function part(type: string, content: string, fields = ''): string {
  return `Content-Type: ${type}\r\n${fields === '' ? '' : `${fields}\r\n`}\r\n${content}`;
}

/** An e-mail of several parts; `fields` go above its type. */
export function multipart(subtype: string, parts: readonly string[], fields = ''): Buffer {
  const boundary = `in-${subtype}`;
  const body = parts.map((each) => `--${boundary}\r\n${each}\r\n`).join('');
  const whole = `${fields}Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`;
  return Buffer.from(whole, /[^\0-\xFF]/.test(whole) ? 'utf8' : 'latin1');
}

/** An e-mail with a text in plain, or in HTML, and files attached to it. */
export function email(body: string, attached: readonly AttachedFile[] = [], type = 'text/plain'): Buffer {
  const parts = [
    `Content-Type: ${type}; charset=utf-8\r\n\r\n${body}`,
    ...attached.map(
      ({ name, type: mediaType, bytes }) =>
        `Content-Type: ${mediaType}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${bytes.toString('base64')}`,
    ),
  ];
  const head = [
    'From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>',
    'To: a@example.org, "B, C" <b@example.org>',
    'Cc: c@example.org',
    'Date: Tue, 24 Nov 2026 10:00:00 +0100',
    'Subject: =?iso-8859-1?Q?Gr=FC=DFe?=',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="part"',
  ];
  return Buffer.from(
    `${head.join('\r\n')}\r\n\r\n${parts.map((each) => `--part\r\n${each}\r\n`).join('')}--part--\r\n`,
  );
}

/** What `email` has above its text, as it is converted. */
export const EMAIL_HEAD =
  'From: Jürgen <j@example.org>\nTo: a@example.org, "B, C" <b@example.org>\nCc: c@example.org\nDate: Tue, 24 Nov 2026 10:00:00 +0100\nSubject: Grüße';
