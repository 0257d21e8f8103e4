import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRedactions } from '../../../src/llm/reply/redact.ts';

const KEY = 'sk-or-v1-abcdef';
const DOCUMENT =
  'The harbour committee met on the second of May and decided to dredge the eastern basin before winter.';

const redact = createRedactions([KEY])([DOCUMENT]);

// As in a process that runs for long: once V8 has compiled many patterns, it no longer optimizes new ones.
beforeAll(() => setFlagsFromString('--no-regexp-optimization'));
afterAll(() => setFlagsFromString('--regexp-optimization'));

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
    expect(redact(message)).toBe(message);
  });

  test('loses the key in whatever case', () => {
    expect(redact('Bad key: SK-OR-V1-ABCDEF, Sk-Or-V1-AbCdEf!')).toBe('Bad key: […], […]!');
  });

  describe('whose prompt is no longer at hand', () => {
    const blind = createRedactions([KEY, 'context-length'])(null);
    test.each([
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 250012 tokens. Please reduce the length of the messages.",
      'Input tokens exceed the configured limit of 272,000 tokens. Your messages resulted in 300000 tokens. Please reduce the length of the messages.',
      "This model's maximum context length is 128000 tokens. However, you requested 314012 tokens (250012 in the messages, 64000 in the completion). Please reduce the length of the messages or completion.",
      "This model's maximum prompt length is 131072 but the request contains 250000 tokens.",
      'prompt is too long: 208310 tokens > 200000 maximum',
      'input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000, decrease input length or `max_tokens` and try again',
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).',
      'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
    ])('stays where it can quote nothing: %s', (message) => {
      expect(blind(message)).toBe(message);
    });
    test.each([
      'The prompt is too long: 208310 tokens > 200000 maximum. It begins: Dear Ms Miller',
      'tokens: 4111111111111111',
      'the number is 12',
      'The harbour committee met',
      'context-length of 4096 tokens',
      'too many tökens, tokens',
      'tokens '.repeat(60),
    ])('is lost where it may quote the document: %s', (message) => {
      expect(blind(message)).toBe('[…]');
    });
  });

  test('loses the key', () => {
    expect(redact('Bad key: Bearer sk-or-v1-abcdef!')).toBe('Bad key: Bearer […]!');
  });

  test('loses a passage of the document, wherever it begins and ends', () => {
    for (let start = 0; start < 40; start += 1) {
      for (const length of [29, 30, 45]) {
        const passage = DOCUMENT.slice(start, start + length);
        for (const lead of ['', 'x', 'Refused: ', 'This was refused: '])
          expect(redact(`${lead}${passage} END`)).not.toContain(passage.slice(0, 20));
      }
    }
  });

  test('loses the document where it is quoted as JSON', () => {
    const poem = 'Ebb und Flut\n"gehen"\nüber die Schwelle des Hafens\nund kommen zurück';
    const clean = createRedactions([])([poem])(`Got: ${JSON.stringify({ content: poem })}`);
    expect(clean).not.toMatch(/Schwelle|gehen|Flut/);
    const ascii = JSON.stringify(poem).replace(/ü/g, '\\u00fc');
    expect(createRedactions([])([poem])(`Got: ${ascii}`)).not.toMatch(/Schwelle|gehen|Flut/);
  });

  const CSV = Array.from({ length: 40 }, (_, row) => `${row},Ann ${row * 7},\t${row * 13}`).join('\r\n');

  test.each([
    ['blanks for line ends', (text: string) => text.replace(/\r\n/g, '  ')],
    ['one blank for each run', (text: string) => text.replace(/\s+/g, ' ')],
    ['other line ends', (text: string) => text.replace(/\r/g, '')],
    ['more blanks', (text: string) => text.replace(/\s+/g, '$&\n   ')],
    ['a form with one plus for each run', (text: string) => text.replace(/\s+/g, '+')],
  ])('loses a document of short lines that comes back with %s', (_, echo) => {
    const clean = createRedactions([])([CSV]);
    for (let start = 0; start < 60; start += 1)
      expect(clean(`Refused: "${echo(CSV.slice(start, start + 100))}".`)).not.toMatch(/Ann.*Ann/);
    const short = 'PIN\r\n4711,\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nmore';
    expect(createRedactions([])([short])(`Refused: "${echo(short)}".`)).toMatch(/^Refused: .*\[…\]/);
  });

  test('is cleaned beside a document of blanks alone', () => {
    const blanks = `begin${' '.repeat(10_000_000)}end of this document of blanks`;
    expect(createRedactions([])([blanks])('Refused: begin end of this document of blanks')).not.toContain('document');
  });

  test.each(['\\', '"', '\\u', '+', '&#', '%'])(
    'is cleaned in no time beside a document of %j without end',
    (piece) => {
      const clean = createRedactions([KEY])([piece.repeat(Math.floor(900_000 / piece.length)), DOCUMENT]);
      const start = performance.now();
      const left = clean(`Refused: "${DOCUMENT}" and ${piece.repeat(100)}`);
      expect(left).toContain('[…]');
      expect(left).not.toMatch(/harbour|winter/);
      expect(performance.now() - start).toBeLessThan(5000);
    },
  );

  test('loses a short document as a whole', () => {
    expect(createRedactions([])([' PIN 4711 \n'])('flagged: "PIN 4711"')).toBe('flagged: "[…]"');
  });

  test('becomes one line of 300 characters at most', () => {
    expect(redact('a\n\tb\u0000\u001b[31mc')).toBe('a b [31mc');
    const long = redact('word '.repeat(200));
    expect(long).toHaveLength(300);
    expect(long.endsWith('…')).toBe(true);
  });

  test.each([
    ['anthropic/claude-sonnet-4.5', 'anthropic/claude-sonnet-4.5'],
    ['gen-1731000000-AbCdEfGhIjKlMnOpQrSt', 'gen-1731000000-AbCdEfGhIjKlMnOpQrSt'],
    ['The context is too long.', '[…]'],
    [KEY, '[…]'],
  ])('is kept beside a prompt that is gone where it is a name or an id: %s', (text, kept) => {
    expect(createRedactions([KEY])(null)(text)).toBe(kept);
  });

  test('loses a key that stands where the text is cut', () => {
    for (let lead = 280; lead < 300; lead += 1)
      expect(redact(`${'.'.repeat(lead)}sk-or-v1-abcdef`)).not.toContain('sk-or');
  });
});

type Encoding = (plain: string) => string;

const inForm: Encoding = (plain) => new URLSearchParams({ q: plain }).toString().slice('q='.length);
const inPercents: Encoding = (plain) => plain.replace(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
const inEntities =
  (radix: 10 | 16): Encoding =>
  (plain) =>
    Array.from(plain, (letter) => `&#${radix === 16 ? 'x' : ''}${letter.codePointAt(0)?.toString(radix)};`).join('');
const inPage: Encoding = (plain) =>
  plain.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;').replaceAll('<', '&lt;');

/** How a server may escape what it quotes. */
const ENCODINGS: readonly (readonly [string, Encoding])[] = [
  ['percents', encodeURIComponent],
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

describe('escaped text of a server', () => {
  const LEADS = ['', 'a', 'ab', 'abc'];

  test.each(ENCODINGS)('loses the key in %s', (_, encode) => {
    const key = 'sk-or-v1-0f/1e+2d3c4b5a69788796a5b4c3d2e1f0&ff"=';
    const clean = createRedactions([key])([]);
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
    const clean = createRedactions([])([document]);
    for (const lead of LEADS) {
      const left = clean(message(encode(lead + document)));
      expect(left).toContain('[…]');
      expect(left.length).toBeLessThan(60);
    }
  });

  test.each(ENCODINGS)('loses a short document in %s', (_, encode) => {
    const document = 'PIN 4711 & "more"';
    const left = createRedactions([])([document])(encode(document));
    expect(left).toContain('[…]');
    expect(left.replace('[…]', '').length).toBeLessThan('{"content":"\\""}'.length + 1);
  });

  test.each([0, 1, 2])('loses the key in base64, behind %d other bytes', (before) => {
    const encoded = Buffer.from(`${'x'.repeat(before)}${KEY}, and more`).toString('base64');
    const digits = Buffer.from(KEY).toString('base64').slice(4, 20);
    const cleaned = redact(`Refused: ${encoded}.`);
    expect(cleaned).toContain('[…]');
    expect(cleaned).not.toContain(digits);
    expect(cleaned).not.toContain(encoded.slice(4, 20));
  });

  test('loses long base64, as of a file that is sent along', () => {
    const file = Buffer.from(`\u0000\u00ff${DOCUMENT}`, 'latin1').toString('base64');
    expect(redact(`Cannot read data:image/png;base64,${file} here.`)).toBe(
      'Cannot read data:image/png;base64,[…] here.',
    );
  });

  test('loses a key that looks encoded itself', () => {
    expect(createRedactions(['sk-%41%42&amp;x'])([])('Bad key sk-%41%42&amp;x!')).toBe('Bad key […]!');
  });

  test('keeps the words around it', () => {
    expect(redact(`This input was bad: ${encodeURIComponent(DOCUMENT)}, says the server at position 7.`)).toMatch(
      /^This input.*\[…\].* at position 7\.$/,
    );
    expect(redact(`Bad key ${encodeURIComponent(KEY)}, see https://host/keys.`)).toBe(
      'Bad key […], see https://host/keys.',
    );
  });

  test('loses an escaped key that stands where no more is read', () => {
    for (const encode of [(plain: string) => plain, inPercents]) {
      for (let cut = 1; cut < 40; cut += 1) {
        const clean = redact(`${`${DOCUMENT}\n`.repeat(12).slice(0, 1199 - cut)} ${encode(KEY)}`);
        expect(clean).not.toContain(encode(KEY).slice(0, 4));
      }
    }
  });

  describe('beside a very long document', () => {
    const long = Array.from({ length: 20_000 }, (_, line) => `Line ${line} of "the" very long log, A&amp;B.\n`).join(
      '',
    );
    const clean = createRedactions([KEY])([long]);

    test('loses passages of it, wherever they stand', () => {
      for (const line of [1, 9999, 19_999]) {
        const left = clean(
          `This was refused, and it said so: B.\nLine ${line} of "the" very long log, A; that is all.`,
        );
        expect(left).toMatch(/^This was refused, .*\[…\].*all\.$/);
        expect(left).not.toContain('Line');
      }
    });

    test.each(ENCODINGS)('loses it in %s', (_, encode) => {
      const left = clean(message(encode(long.slice(400_000, 400_200))));
      expect(left).not.toMatch(/Line|log/);
    });

    test('keeps what was said before it', () => {
      const said = 'The context is too long for the model. '.repeat(3);
      const left = clean(`${said}Got: &quot;${long.slice(0, 90)}`);
      expect(left.startsWith(said.slice(0, 100))).toBe(true);
      expect(left).not.toContain('Line');
    });

    test('is cleaned in no time', () => {
      const words = 'The provider of the model says that this is wrong, and says it at great length. '.repeat(3);
      for (let reply = 0; reply < 30; reply += 1) expect(clean(`${words}${reply}`)).toBe(`${words}${reply}`);
    });
  });

  test.each(['A', '%41', '\\', '&#39;', '+', 'ab ', '41 ', '\\u0041'])(
    'is cleaned however long it is: %j without end',
    (piece) => {
      expect(redact(piece.repeat(Math.ceil(10_000_000 / piece.length))).length).toBeLessThanOrEqual(300);
    },
  );
});

describe('a key that any server takes', () => {
  const WORDS =
    'Working on the test: none of 2026-11-30 is broken, key and all. The backlog-none-1.txt was not-needed.';

  test.each(['k', '1', 'test', 'none', 'not-needed', 'lm-studio'])('hides no ordinary words: %s', (key) => {
    expect(createRedactions([key])([])(WORDS)).toBe(WORDS);
    expect(createRedactions([key])([])('gen-1731000000-test-none-k')).toBe('gen-1731000000-test-none-k');
  });

  test.each(['k', '1', 'test', 'none'])('is not searched for where it is shorter than 8 characters: %s', (key) => {
    expect(createRedactions([key])([])(`Bad key ${key} in key ${key}.txt`)).toBe(`Bad key ${key} in key ${key}.txt`);
  });

  test.each(['not-needed', 'lm-studio'])('is taken out where a longer one is shown as a key: %s', (key) => {
    const clean = createRedactions([key])([]);
    expect(clean(`Got Authorization: Bearer ${key}, and that is wrong.`)).toBe(
      'Got Authorization: Bearer […], and that is wrong.',
    );
    expect(clean(`{"authorization":"Bearer ${key}"}`)).toBe('{"authorization":"Bearer […]"}');
    expect(clean(`Incorrect API key provided: ${key}.`)).toBe('Incorrect API key provided: […].');
    expect(clean(JSON.stringify({ api_key: key }))).toBe('{"api_key":"[…]"}');
  });

  test('is no other than a key of letters alone that is long', () => {
    const key = 'hf_AbCdEfGhIjKlMnOpQrStUvWxYz';
    expect(createRedactions([key])([])(`Got ${key}!`)).toBe('Got […]!');
  });
});
