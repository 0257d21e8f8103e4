const LETTERS = 26;
const MOST_ROMAN = 3999;
/** A numeral of letters gets as long as this; beyond it, figures stand. */
const MOST_LETTERS = 16_384;

const ROMAN: readonly (readonly [value: number, letters: string])[] = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i'],
];

/** How lists are numbered; each format has its own names for these. */
export type NumberStyle = 'decimal' | 'padded' | 'letters' | 'LETTERS' | 'roman' | 'ROMAN';

/** A number as it stands before an item of a list: `3`, `03`, `c`, `C`, `iii`, `III`. */
export function numeral(style: NumberStyle, value: number): string {
  switch (style) {
    case 'decimal':
      return String(value);
    case 'padded':
      return String(value).padStart(2, '0');
    case 'letters':
      return letters(value);
    case 'LETTERS':
      return letters(value).toUpperCase();
    case 'roman':
      return roman(value);
    case 'ROMAN':
      return roman(value).toUpperCase();
  }
}

/** As columns of sheets are counted: a, b, …, z, aa, ab. */
function letters(value: number): string {
  if (value < 1 || value > MOST_LETTERS) return String(value);
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor((rest - 1) / LETTERS))
    text = String.fromCharCode(97 + ((rest - 1) % LETTERS)) + text;
  return text;
}

function roman(value: number): string {
  if (value < 1 || value > MOST_ROMAN) return String(value);
  let text = '';
  let rest = value;
  for (const [worth, sign] of ROMAN) {
    text += sign.repeat(Math.floor(rest / worth));
    rest %= worth;
  }
  return text;
}

/** Letters as Word counts on after z: aa, bb, cc. Null for a number below 1, and where there would be more than `most`. */
export function repeatedLetters(value: number, most: number): string | null {
  const times = Math.ceil(value / LETTERS);
  return value < 1 || times > most ? null : letters(((value - 1) % LETTERS) + 1).repeat(times);
}

/** A cell of a sheet by its column and its row, which count from 1: `B7`. */
export function cellReference(column: number, row: number): string {
  return `${letters(column).toUpperCase()}${row}`;
}

/** Milliseconds as hours, minutes and seconds: `36:30:00`, `-00:00:01.500`. */
export function clock(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) =>
    String(Math.floor(part)).padStart(2, '0'),
  );
  const fraction = Math.abs(ms) % 1000;
  const tail = fraction === 0 ? '' : `.${String(fraction).padStart(3, '0')}`;
  return `${ms < 0 ? '-' : ''}${parts.join(':')}${tail}`;
}
