/** Encodings lie within each other: an API quotes in JSON what a provider quoted in JSON. */
const DEEPEST = 4;

/** Undoes, at any depth, what servers put on what they quote: the escapes of JSON, URLs and HTML. */
export function withoutEncodings(text: string): string {
  let plain = text;
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const decoded = withoutEntities(withoutPercents(withoutEscapes(plain)));
    if (decoded === plain) break;
    plain = decoded;
  }
  return plain;
}

const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function withoutEscapes(text: string): string {
  return text.replace(/\\(?:u([\da-f]{4})|([bfnrt"\\/]))/gi, (_, code: string | undefined, letter: string) =>
    code === undefined ? (CONTROLS[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function withoutPercents(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', nbsp: ' ', quot: '"' };

const HIGHEST_CODE = 0x10ffff;

function withoutEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7}|x[\da-f]{1,6})|([a-z]{2,4}));/gi,
    (entity, code: string | undefined, name: string) =>
      code === undefined ? (NAMED[name] ?? entity) : String.fromCodePoint(Math.min(codeOf(code), HIGHEST_CODE)),
  );
}

function codeOf(digits: string): number {
  return Number(digits.replace(/^x/i, '0x'));
}
