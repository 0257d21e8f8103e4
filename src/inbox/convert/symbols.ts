import { codePoint } from 'dingbat-to-unicode';
import type { Reading } from './reading.ts';

/** Fonts whose signs have codes of their own. */
const SYMBOL_FONTS = /^(?:symbol|webdings|wingdings(?: [23])?)$/i;

/** Where Word puts the codes of such fonts (U+F000 to U+F0FF). */
const PRIVATE = 0xf0_00;

/** A sign of a font, by its code. An unknown one is left out. */
export function symbolText(font: string, code: number, reading: Reading): string {
  const sign = signOf(font, code);
  if (sign !== undefined) return sign;
  const isKnown = code >= 0x20 && code < 0x11_00_00 && (code < 0xe0_00 || code > 0xf8_ff);
  return isKnown && !(code >= 0xd8_00 && code < 0xe0_00) ? String.fromCodePoint(code) : reading.leave('symbol');
}

export function isSymbolFont(font: string): boolean {
  return SYMBOL_FONTS.test(font);
}

/** Text that was written in such a font, as it is shown: `þ` in Wingdings is a ticked box. */
export function textInSymbols(font: string, text: string): string {
  return Array.from(text, (sign) => (sign === ' ' ? sign : (signOf(font, sign.codePointAt(0) ?? 0) ?? sign))).join('');
}

/** Signs that few fonts and fewer models know, as those that all know. */
const USUAL_SIGNS: ReadonlyMap<string, string> = new Map([
  ['🗹', '☑'],
  ['🗵', '☒'],
  ['🗷', '☒'],
  ['🞎', '☐'],
  ['🞏', '☐'],
  ['🞐', '☐'],
  ['🗸', '✓'],
  ['🗴', '✗'],
  ['🗶', '✗'],
  ['🡨', '←'],
  ['🡩', '↑'],
  ['🡪', '→'],
  ['🡫', '↓'],
  ['🡬', '↖'],
  ['🡭', '↗'],
  ['🡮', '↘'],
  ['🡯', '↙'],
  ['🡸', '←'],
  ['🡹', '↑'],
  ['🡺', '→'],
  ['🡻', '↓'],
  ['🡼', '↖'],
  ['🡽', '↗'],
  ['🡾', '↘'],
  ['🡿', '↙'],
]);

function signOf(font: string, code: number): string | undefined {
  const place = code >= PRIVATE && code <= PRIVATE + 0xff ? code - PRIVATE : code;
  const sign = isSymbolFont(font) && place <= 0xff ? codePoint(font, place)?.string : undefined;
  return sign === undefined ? undefined : (USUAL_SIGNS.get(sign) ?? sign);
}

/** Text that was written in another font, where only signs that such a font alone has are shown in it. */
export function textWithSymbols(font: string, text: string): string {
  return text.replaceAll(/[\uF000-\uF0FF]/g, (sign) => textInSymbols(font, sign));
}
