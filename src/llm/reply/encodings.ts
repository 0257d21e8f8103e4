import { OMITTED } from './passages.ts';

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

/** As long as 20 bytes are in base64, wherever it begins, with the lines that follow; or 20 bytes of hex, apart. */
const RUN = /[\w+/-]{28,}(?:\r?\n[\w+/-]+)*={0,2}|(?:[\da-f]{2}[ :]){19,}[\da-f]{2}/gi;

const LEAST_BYTES = 20;

/** Takes out every run of base64 or hex that hides text. Identifiers, names and digests hide none: they stay. */
export function withoutEncodedText(text: string): string {
  return text.replace(RUN, (run) => (readingsOf(run.replace(/[\s:]/g, '')).some(holdsText) ? OMITTED : run));
}

/** What stands before the encoded text may be part of the run, so that any letter may be its first. */
function readingsOf(run: string): readonly Buffer[] {
  const hex = run.match(/[\da-f]{40,}/gi) ?? [];
  return [
    ...[0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64')),
    ...hex.flatMap((digits) => [digits, digits.slice(1)]).map((digits) => Buffer.from(digits, 'hex')),
  ];
}

/** Bytes that were never text are no UTF-8, or control characters, long before the twentieth. */
function holdsText(reading: Buffer): boolean {
  if (!mayHoldText(reading)) return false;
  const stretches = reading.toString().split(/(?!\s)[\p{Cc}\uFFFD]/u);
  return stretches.some((stretch) => Buffer.byteLength(stretch) >= LEAST_BYTES);
}

/** Tells most of what holds none by its bytes alone: an identifier comes with every reply. */
function mayHoldText(reading: Buffer): boolean {
  let stretch = 0;
  for (const byte of reading) {
    stretch = OF_TEXT[byte] === 1 ? stretch + 1 : 0;
    if (stretch === LEAST_BYTES) return true;
  }
  return false;
}

/** 1 for each byte that may stand in UTF-8 text: no control character but white space, and none that UTF-8 never has. */
const OF_TEXT = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isControl = (byte < 0x20 && (byte < 0x09 || byte > 0x0d)) || byte === 0x7f;
  return isControl || byte === 0xc0 || byte === 0xc1 || byte > 0xf4 ? 0 : 1;
});

/** An encoded form that is shorter might stand in any text. */
const SHORTEST_FORM = 8;

/** A secret as it may stand in a text without encodings: as it is, in a form's data, in hex, and anywhere in base64. */
export function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const encoded = [hex, hex.toUpperCase(), ...[0, 1, 2].flatMap((lead) => withinBase64(bytes, lead))];
  const plain = withoutEncodings(secret);
  return [plain, plain.replaceAll(' ', '+'), ...encoded.filter(({ length }) => length >= SHORTEST_FORM)];
}

/** The letters of base64 that are all the secret's own where `lead` bytes stand before it, in both alphabets. */
function withinBase64(bytes: Buffer, lead: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(lead), bytes]);
  const first = Math.ceil((lead * 8) / 6);
  const end = Math.floor((whole.length * 8) / 6);
  return (['base64', 'base64url'] as const).map((alphabet) => whole.toString(alphabet).slice(first, end));
}
