import { TextDecoder } from 'node:util';

/**
 * Text in an encoding that is named as the WHATWG names it; null where the encoding is not known, or a byte is none of
 * it. Byte order marks are not looked for.
 */
export function decodeStrictly(bytes: Buffer, encoding: string): string | null {
  try {
    const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes);
    return decoder.encoding === 'windows-1252' ? asWindows1252(text) : refuseC1(text);
  } catch {
    return null;
  }
}

/** What the bytes 0x80 to 0x9F mean in Windows-1252; those that mean nothing are left blank. */
const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';
const FIRST_C1 = 0x80;
const C1 = /[\x80-\x84\x86-\x9F]/;
const C1_OR_NEXT_LINE = /[\x80-\x9F]/g;

/** Node 20 leaves these bytes as they are, as if it were ISO-8859-1. */
function asWindows1252(text: string): string | null {
  const mended = text.replace(
    C1_OR_NEXT_LINE,
    (character) => WINDOWS_1252[character.charCodeAt(0) - FIRST_C1]?.trim() || character,
  );
  return refuseC1(mended);
}

/** ICU passes bytes on that an encoding has no character for, as control characters that no text has. */
function refuseC1(text: string): string | null {
  return C1.test(text) ? null : text;
}
