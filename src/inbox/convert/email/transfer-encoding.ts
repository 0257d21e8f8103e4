/** As it is counted among what is left out. */
type Damage = 'truncated part' | 'damaged part';

/** The bytes of a part of an e-mail. Without damage, all of them are there, as far as anybody can tell. */
export interface Unpacked {
  readonly bytes: Buffer;
  readonly damage: Damage | null;
}

/** Names for no encoding at all: the standard's, and what programs write. */
const AS_IT_IS = /^(?:|[678][ -]?bits?|binary|none)$/;

/** Undoes a Content-Transfer-Encoding (RFC 2045); null if it is not known. */
export function unpackTransfer(raw: Buffer, encoding: string): Unpacked | null {
  switch (encoding) {
    case 'base64':
      return unpackBase64(raw);
    case 'quoted-printable':
      return { bytes: unpackQuoted(raw), damage: null };
    case 'x-uuencode':
    case 'uuencode':
    case 'x-uue':
    case 'uue':
      return unpackUuencoded(raw);
    default:
      return AS_IT_IS.test(encoding) ? { bytes: raw, damage: null } : null;
  }
}

const NOT_BASE64 = /[^A-Za-z0-9+/=\s]/;
/** Padding ends a piece, and another may follow. */
const PIECE = /[^=]+={0,2}/g;

/** Lines that are no base64 are passed over: lists and virus scanners write below what they pass on. */
function unpackBase64(raw: Buffer): Unpacked {
  let text = raw.toString('latin1');
  const isDamaged = NOT_BASE64.test(text);
  if (isDamaged) {
    const lines = text.split('\n');
    text = lines.filter((line) => !NOT_BASE64.test(line)).join('\n');
  }
  const packed = text.replaceAll(/\s+/g, '');
  const padding = packed.indexOf('=');
  const isCut = packed.length % 4 !== 0 && (padding < 0 || packed.length % 4 === 1);
  const damage = isDamaged ? 'damaged part' : isCut ? 'truncated part' : null;
  // Node reads as far as the first padding.
  if (padding < 0 || padding >= packed.length - 2) return { bytes: Buffer.from(packed, 'base64'), damage };
  const pieces = Array.from(packed.matchAll(PIECE), ([piece]) => Buffer.from(piece, 'base64'));
  return { bytes: Buffer.concat(pieces), damage };
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const EQUALS = 0x3d;

/** What is no escape stands for itself. */
function unpackQuoted(raw: Buffer): Buffer {
  const bytes = Buffer.alloc(raw.length);
  let length = 0;
  /** Blanks behind this place may have been added on the way: they go where the line ends. */
  let solid = 0;
  for (let at = 0; at < raw.length; at += 1) {
    let byte = raw[at] ?? 0;
    if (byte === EQUALS) {
      const next = lineAfter(raw, at + 1);
      if (next !== null) {
        at = next - 1;
        solid = length;
        continue;
      }
      const digits = raw.toString('latin1', at + 1, at + 3);
      if (/^[\dA-F]{2}$/i.test(digits)) {
        byte = Number.parseInt(digits, 16);
        at += 2;
      }
      solid = length + 1;
    } else if (byte === LINE_FEED || byte === RETURN) {
      length = solid;
      solid += 1;
    } else if (byte !== SPACE && byte !== TAB) solid = length + 1;
    bytes[length] = byte;
    length += 1;
  }
  return bytes.subarray(0, length);
}

/** Where the next line begins, if nothing but blanks are left of this one; null otherwise. */
function lineAfter(raw: Buffer, start: number): number | null {
  let at = start;
  while (raw[at] === SPACE || raw[at] === TAB) at += 1;
  if (raw[at] === RETURN) at += 1;
  if (raw[at] === LINE_FEED) return at + 1;
  return at >= raw.length ? at : null;
}

const UUENCODED_START = /^begin [0-7]{3,4} .*\n/m;

/** POSIX: each line says how many bytes are in it, and each character holds six bits. */
function unpackUuencoded(raw: Buffer): Unpacked | null {
  const text = raw.toString('latin1');
  const start = UUENCODED_START.exec(text);
  if (start === null) return null;
  const pieces: Buffer[] = [];
  for (const line of text.slice(start.index + start[0].length).split('\n')) {
    if (/^end\b/.test(line)) return { bytes: Buffer.concat(pieces), damage: null };
    pieces.push(unpackUuencodedLine(line.trimEnd()));
  }
  return { bytes: Buffer.concat(pieces), damage: 'truncated part' };
}

function unpackUuencodedLine(line: string): Buffer {
  const [length = 0, ...sixes] = Array.from(line, (character) => (character.charCodeAt(0) - SPACE) & 0x3f);
  const bytes = Buffer.alloc(Math.ceil(sixes.length / 4) * 3);
  for (let at = 0; at < sixes.length; at += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = sixes.slice(at, at + 4);
    bytes.writeUIntBE((a << 18) | (b << 12) | (c << 6) | d, (at / 4) * 3, 3);
  }
  return bytes.subarray(0, length);
}
