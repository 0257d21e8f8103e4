import type { Reading } from './reading.ts';

const BASE64 = ';base64,';
const TYPE = /data:(image|font|application)\/[\w.+-]+(?:;[\w.+=-]+)*$/;
const LONGEST_TYPE = 200;
const NO_BASE64 = /[^\w+/=%\s-]/;
/** Shorter files are signs, and cost little. */
const FEWEST_LETTERS = 1000;

/** SVG or HTML without the letters of its pictures and fonts, which tell a model nothing: pictures are told. */
export function withoutEmbeddedPictures(text: string, reading: Reading): string {
  const [first = '', ...rest] = text.split(BASE64);
  const kept: string[] = [];
  let before = first;
  for (const piece of rest) {
    const end = piece.search(NO_BASE64);
    const letters = end < 0 ? piece.length : end;
    const type = letters < FEWEST_LETTERS ? null : TYPE.exec(before.slice(-LONGEST_TYPE));
    if (type === null) {
      kept.push(before, BASE64);
      before = piece;
    } else {
      kept.push(before.slice(0, -type[0].length), type[1] === 'image' ? reading.leave('picture') : 'data:,');
      before = piece.slice(letters);
    }
  }
  return [...kept, before].join('');
}
