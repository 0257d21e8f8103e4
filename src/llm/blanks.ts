/** All white space of Unicode, and the plus that stands for a space in a form. */
const BLANKS =
  ' +\t\n\v\f\r\u001c\u001d\u001e\u001f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** A table, for it is asked once for each letter of a document, however long that is. */
const TABLE = new Uint8Array(2 ** 16);
for (const blank of BLANKS) TABLE[blank.charCodeAt(0)] = 1;

/** Whether a character, by its UTF-16 code, is one that servers put for each other or leave out: white space or a plus. */
export function isBlank(code: number): boolean {
  return TABLE[code] === 1;
}
