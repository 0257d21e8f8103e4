export interface AttachedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
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
    `${head.join('\r\n')}\r\n\r\n${parts.map((part) => `--part\r\n${part}\r\n`).join('')}--part--\r\n`,
  );
}

/** What `email` has above its text, as it is converted. */
export const EMAIL_HEAD =
  'From: Jürgen <j@example.org>\nTo: a@example.org, B, C <b@example.org>\nCc: c@example.org\nDate: 2026-11-24T09:00:00.000Z\nSubject: Grüße';
