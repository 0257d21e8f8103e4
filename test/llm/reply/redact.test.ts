import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createScrubs } from '../../../src/llm/reply/redact.ts';

const KEY = 'sk-or-v1-abcdef';
const DOCUMENT =
  'The harbour committee met on the second of May and decided to dredge the eastern basin before winter.';

const scrub = createScrubs(KEY)([DOCUMENT]);

describe('text of a server', () => {
  test.each([
    "This endpoint's maximum context length is 200000 tokens.",
    'gen-1731000000-AbCdEfGhIjKlMnOpQrSt',
    'chatcmpl-3f2b8c1e9d7a4f60b5c2e8d1a7f3946b',
    'resp_68af3c1b9d7a4f60b5c2e8d1a7f3946b0e5d2c8f1a9b7e63',
    'Request 123e4567-e89b-12d3-a456-426614174000 at 2026-05-02T10:00:00+00:00',
    'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8-Original is not a valid model ID',
    'See https://openrouter.ai/docs/api-reference/errors-and-debugging?from=a%20b&to=C%2B%2B#limits',
    'unsupported_country_region_territory_for_this_organization',
    `Digest ${createHash('sha256').update('page').digest('hex')} or ${createHash('sha512').update('page').digest('base64')}`,
    '{"error":"Can\\u0027t read \\"C:\\\\new\\" &amp; &#39;C:\\\\old&#39;"}',
    'Bad entity &bogus; &#99999999; 100%zz \\u12 \\',
  ])('stays as it is where it is its own: %s', (message) => {
    expect(scrub(message)).toBe(message);
  });

  test('loses the key', () => {
    expect(scrub('Bad key: Bearer sk-or-v1-abcdef!')).toBe('Bad key: Bearer […]!');
  });

  test('loses a passage of the document, wherever it begins and ends', () => {
    for (let start = 0; start < 40; start += 1) {
      for (const length of [29, 30, 45]) {
        const passage = DOCUMENT.slice(start, start + length);
        for (const lead of ['', 'x', 'Refused: ', 'This was refused: '])
          expect(scrub(`${lead}${passage} END`)).not.toContain(passage.slice(0, 20));
      }
    }
  });

  test('loses the document where it is quoted as JSON', () => {
    const poem = 'Ebb und Flut\n"gehen"\nüber die Schwelle des Hafens\nund kommen zurück';
    const clean = createScrubs(null)([poem])(`Got: ${JSON.stringify({ content: poem })}`);
    expect(clean).not.toMatch(/Schwelle|gehen|Flut/);
    const ascii = JSON.stringify(poem).replace(/ü/g, '\\u00fc');
    expect(createScrubs(null)([poem])(`Got: ${ascii}`)).not.toMatch(/Schwelle|gehen|Flut/);
  });

  const CSV = Array.from({ length: 40 }, (_, row) => `${row},Ann ${row * 7},\t${row * 13}`).join('\r\n');

  test.each([
    ['blanks for line ends', (text: string) => text.replace(/\r\n/g, '  ')],
    ['one blank for each run', (text: string) => text.replace(/\s+/g, ' ')],
    ['other line ends', (text: string) => text.replace(/\r/g, '')],
    ['more blanks', (text: string) => text.replace(/\s+/g, '$&\n   ')],
    ['a form with one plus for each run', (text: string) => text.replace(/\s+/g, '+')],
  ])('loses a document of short lines that comes back with %s', (_, echo) => {
    const clean = createScrubs(null)([CSV]);
    for (let start = 0; start < 60; start += 1)
      expect(clean(`Refused: "${echo(CSV.slice(start, start + 100))}".`)).not.toMatch(/Ann.*Ann/);
    const short = 'PIN\r\n4711,\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nmore';
    expect(createScrubs(null)([short])(`Refused: "${echo(short)}".`)).toMatch(/^Refused: .*\[…\]/);
  });

  test('is cleaned beside a document of blanks alone', () => {
    const blanks = `begin${' '.repeat(10_000_000)}end of this document of blanks`;
    expect(createScrubs(null)([blanks])('Refused: begin end of this document of blanks')).not.toContain('document');
  });

  test('loses a short document as a whole', () => {
    expect(createScrubs(null)([' PIN 4711 \n'])('flagged: "PIN 4711"')).toBe('flagged: "[…]"');
  });

  test('becomes one line of 300 characters at most', () => {
    expect(scrub('a\n\tb\u0000\u001b[31mc')).toBe('a b [31mc');
    const long = scrub('word '.repeat(200));
    expect(long).toHaveLength(300);
    expect(long.endsWith('…')).toBe(true);
  });

  test.each([
    ['anthropic/claude-sonnet-4.5', 'anthropic/claude-sonnet-4.5'],
    ['gen-1731000000-AbCdEfGhIjKlMnOpQrSt', 'gen-1731000000-AbCdEfGhIjKlMnOpQrSt'],
    ['The context is too long.', '[…]'],
    [KEY, '[…]'],
  ])('is kept beside a prompt that is gone where it is a name or an id: %s', (text, kept) => {
    expect(createScrubs(KEY)(null)(text)).toBe(kept);
  });

  test('loses a key that stands where the text is cut', () => {
    for (let lead = 280; lead < 300; lead += 1)
      expect(scrub(`${'.'.repeat(lead)}sk-or-v1-abcdef`)).not.toContain('sk-or');
  });
});

type Encoding = (plain: string) => string;

const inBase64: Encoding = (plain) => Buffer.from(plain).toString('base64');
const inHex: Encoding = (plain) => Buffer.from(plain).toString('hex');
const inForm: Encoding = (plain) => new URLSearchParams({ q: plain }).toString().slice('q='.length);
const inLines =
  (length: number): Encoding =>
  (plain) =>
    inBase64(plain).replace(new RegExp(`.{${length}}(?=.)`, 'g'), '$&\r\n');
const inEntities =
  (radix: 10 | 16): Encoding =>
  (plain) =>
    Array.from(plain, (letter) => `&#${radix === 16 ? 'x' : ''}${letter.codePointAt(0)?.toString(radix)};`).join('');
const inPage: Encoding = (plain) =>
  plain.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;').replaceAll('<', '&lt;');

/** How a server may spell what it got. */
const ENCODINGS: readonly (readonly [string, Encoding])[] = [
  ['base64', inBase64],
  ['base64url', (plain) => Buffer.from(plain).toString('base64url')],
  ['base64 in lines of 76', inLines(76)],
  ['base64 in lines of 64, in JSON', (plain) => JSON.stringify(inLines(64)(plain))],
  ['base64 in a URL', (plain) => encodeURIComponent(inBase64(plain))],
  ['base64 twice', (plain) => inBase64(inBase64(plain))],
  ['hex', inHex],
  ['capital hex', (plain) => inHex(plain).toUpperCase()],
  ['hex by the byte', (plain) => inHex(plain).replace(/..(?=.)/g, '$& ')],
  ['percents', encodeURIComponent],
  ['percents twice', (plain) => encodeURIComponent(encodeURIComponent(plain))],
  ['a form', inForm],
  ['a form in JSON', (plain) => JSON.stringify({ query: inForm(plain) })],
  ['a page', inPage],
  ['decimal entities', inEntities(10)],
  ['hexadecimal entities', inEntities(16)],
  ['JSON', (plain) => JSON.stringify(plain)],
  ['JSON in JSON', (plain) => JSON.stringify(JSON.stringify(plain))],
  ['JSON in a page', (plain) => inPage(JSON.stringify({ content: plain }))],
  ['nothing', (plain) => plain],
];

const message = (encoded: string): string => `Bad input "${encoded}" was refused.`;

describe('encoded text of a server', () => {
  const LEADS = ['', 'a', 'ab', 'abc'];

  test.each(ENCODINGS)('loses the key in %s', (_, encode) => {
    const key = 'sk-or-v1-0f/1e+2d3c4b5a69788796a5b4c3d2e1f0&ff"=';
    const clean = createScrubs(key)([]);
    for (const lead of LEADS) {
      const left = clean(message(encode(lead + key)));
      expect(left).toContain('[…]');
      expect(left.length).toBeLessThan(60);
    }
  });

  const DOCUMENTS = [
    DOCUMENT,
    'Der Ausschuß für Häfen tagte am 2. Mai & beschloß: "Das Becken wird \'vertieft\'", <sofort>, A+B und C++.',
    '港湾委員会は五月二日に会合を開き、冬の前に東側の泊地を浚渫することを決定した。反対は一票もなかった。',
    'We \\noindent write \\textbf{bold} \\u0041nd \\\\ AT&amp;T &quot;as is&quot; with 100%25 care, and \\n\\n on.',
  ];
  const rows = DOCUMENTS.flatMap((document) => ENCODINGS.map(([name, encode]) => ({ name, document, encode })));

  test.each(rows)('loses a document in $name: $document', ({ document, encode }) => {
    const clean = createScrubs(null)([document]);
    for (const lead of LEADS) {
      const left = clean(message(encode(lead + document)));
      expect(left).toContain('[…]');
      expect(left.length).toBeLessThan(60);
    }
  });

  const forShort = ENCODINGS.filter(([name]) => name !== 'hex by the byte');

  test.each(forShort)('loses a short document in %s', (_, encode) => {
    const document = 'PIN 4711 & "more"';
    const left = createScrubs(null)([document])(encode(document));
    expect(left).toContain('[…]');
    expect(left.replace('[…]', '').length).toBeLessThan('{"content":""}'.length + 1);
  });

  test.each(['base64', 'base64url', 'hex'] as const)('loses a key within %s of what is no text', (alphabet) => {
    for (const lead of [0, 1, 2]) {
      const bytes = Buffer.concat([Buffer.alloc(lead, 0xff), Buffer.from('sk-or-v1-ab'), Buffer.alloc(30, 0xff)]);
      const clean = createScrubs('sk-or-v1-ab')([])(`Got ${bytes.toString(alphabet)}`);
      expect(clean).toContain('[…]');
      expect(clean).toContain(bytes.subarray(-12).toString(alphabet).slice(0, 8));
    }
  });

  test.each([
    ['base64', inBase64],
    ['hex', inHex],
    ['capital hex', (plain: string) => inHex(plain).toUpperCase()],
  ])('loses all of %s, whatever letters stand right before it', (_, encode) => {
    for (const letters of ['', 'a', 'ab', 'abc', 'the/page_'])
      expect(scrub(`Got ${letters}${encode(DOCUMENT)} here.`)).toBe('Got […] here.');
  });

  test.each(['x', 'xx', 'xx0', 'the/page_7'])('loses hex after %s, wherever its bytes begin', (letters) => {
    expect(scrub(`Got ${letters}${inHex(DOCUMENT)}`)).toMatch(/^Got \S*\[…\]/);
    expect(scrub(`Got ${letters}${inHex(DOCUMENT)}`)).not.toContain(inHex(DOCUMENT).slice(0, 20));
  });

  test('loses all lines of base64, also a short last one', () => {
    expect(scrub(`Got ${inLines(64)(DOCUMENT)} here.`)).toBe('Got […] here.');
  });

  test('loses a key that looks encoded itself', () => {
    expect(createScrubs('sk-%41%42&amp;x')([])('Bad key sk-%41%42&amp;x!')).toBe('Bad key […]!');
  });

  test('loses text in base64 whoever wrote it', () => {
    const token = `${inBase64('{"alg":"HS256"}')}.${inBase64('{"sub":"somebody else, not to be named"}')}`;
    expect(scrub(`Token ${token} expired.`)).toMatch(/^Token [\w=]+\.\[…\] expired\.$/);
  });

  test('keeps the words around it', () => {
    expect(scrub(`Bad input ${inBase64(DOCUMENT)} at position 7.`)).toBe('Bad input […] at position 7.');
    expect(scrub(`Bad key ${encodeURIComponent(KEY)}, see https://host/keys.`)).toBe(
      'Bad key […], see https://host/keys.',
    );
  });

  test('loses an encoded key that stands where no more is read', () => {
    const filler = inBase64('Somebody wrote this. '.repeat(80));
    for (const encode of [(plain: string) => plain, inBase64, inHex]) {
      for (let cut = 1; cut < 40; cut += 1) {
        const clean = scrub(`${filler.slice(0, 1199 - cut)} ${encode(KEY)}`);
        expect(clean).not.toContain(encode(KEY).slice(0, 4));
      }
    }
  });

  describe('beside a very long document', () => {
    const long = Array.from({ length: 400_000 }, (_, line) => `Line ${line} of "the" very long log, A&amp;B.\n`).join(
      '',
    );
    const clean = createScrubs(KEY)([long]);

    test('loses passages of it, wherever they stand', () => {
      for (const line of [1, 199_999, 399_999]) {
        const left = clean(
          `This was refused, and it said so: B.\nLine ${line} of "the" very long log, A; that is all.`,
        );
        expect(left).toMatch(/^This was refused, .*\[…\].*all\.$/);
        expect(left).not.toContain('Line');
      }
    });

    test.each(ENCODINGS)('loses it in %s', (_, encode) => {
      const left = clean(message(encode(long.slice(8_000_000, 8_000_200))));
      expect(left).not.toMatch(/Line|log|TGluZ|4c696e/);
    });

    test('keeps what was said before the first encoding', () => {
      const said = 'The context is too long for the model. '.repeat(3);
      const left = clean(`${said}Got: &quot;${long.slice(0, 90)}`);
      expect(left.length).toBeGreaterThan(50);
      expect(said).toContain(left.replace(/…$/, ''));
    });

    test('is cleaned in no time', () => {
      const words = 'The provider of the model says that this is wrong, and says it at great length. '.repeat(3);
      for (let reply = 0; reply < 30; reply += 1) expect(clean(`${words}${reply}`)).toBe(`${words}${reply}`);
    });
  });

  test.each(['A', '%41', '\\', '&#39;', '+', 'ab ', '41 ', '\\u0041'])(
    'is cleaned however long it is: %j without end',
    (piece) => {
      expect(scrub(piece.repeat(Math.ceil(10_000_000 / piece.length))).length).toBeLessThanOrEqual(300);
    },
  );
});
