const PIECES = [
  'a',
  'quick',
  'brown',
  'Größe',
  '日本語',
  '😀',
  '👩‍👩‍👧',
  '. ',
  '! ',
  '\n',
  '\n\n',
  '\r\n\r\n',
  ' ',
  ' ',
  '\t',
  '{"x":1}',
  '。',
];

/** Words, signs, pictures and blanks of all kinds, of about so many characters. */
export function randomText(random: () => number, length: number): string {
  let text = '';
  while (text.length < length)
    text += `${PIECES[Math.floor(random() * PIECES.length)]}${Math.floor(random() * 1e6).toString(36)}`;
  return text;
}
