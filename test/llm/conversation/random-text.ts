/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

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
