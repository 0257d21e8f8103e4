import { hash } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import type { Part } from '../../src/domain/request.ts';
import { isRecord } from '../../src/lib/json.ts';
import { png, STARTS, wav } from '../inbox/convert/media-files.ts';
import * as office from '../inbox/convert/office-files.ts';
import { LOCKED, pdfFile } from '../inbox/convert/pdf-file.ts';
import { type SampleFile, sampleFiles } from '../inbox/convert/sample-files.ts';
import { loadChatRequestSchema } from '../wire/chat-request-schema.ts';
import { type DecodedPart, decodedParts } from '../wire/decoded-parts.ts';
import { type Sending, type Sent, send } from './on-the-wire.ts';
import { setTheStage } from './stage.ts';

jest.setTimeout(120_000);

const stage = setTheStage();
const flawsOf = loadChatRequestSchema();
const ALL_EATER = 'google/gemini-2.5-flash';

/** What OpenRouter's schema finds wrong with each body that the tests sent. */
const flaws: (readonly string[])[] = [];

async function sendAndCheck(sending: Sending): Promise<Sent> {
  const sent = await send(stage, sending);
  if (flawsOf !== null) flaws.push(...sent.bodies.map(flawsOf));
  return sent;
}

/** The messages of a body, with the hashes of what is in them: a difference in megabytes is no message. */
function digest(body: unknown): string {
  return decodedParts(body).map(described).join(' + ');
}

function described({ role, kind, mediaType, name, bytes }: DecodedPart): string {
  return `${role}: ${kind} ${mediaType} ${name ?? ''} ${bytes.length} bytes ${hash('sha256', bytes)}`;
}

/** What a user message of these parts comes to. */
function asDecoded(part: Part): DecodedPart {
  const role = 'user';
  switch (part.kind) {
    case 'text':
      return { role, kind: 'text', mediaType: 'text/plain', name: null, bytes: Buffer.from(part.text) };
    case 'image':
      return { ...part, role, name: null };
    case 'audio':
      return { role, kind: 'audio', mediaType: `audio/${part.format}`, name: null, bytes: part.bytes };
    case 'file':
      return { ...part, role };
  }
}

const SYSTEM = 'Say what it is about.';
const SYSTEM_MESSAGE = described({
  role: 'system',
  kind: 'text',
  mediaType: 'text/plain',
  name: null,
  bytes: Buffer.from(SYSTEM),
});

function joined(parts: readonly Part[]): string {
  return parts.map((part) => described(asDecoded(part))).join(' + ');
}

function engine(name: string): object {
  return { plugins: [{ id: 'file-parser', pdf: { engine: name } }] };
}

function recipe(head: string): string {
  return `---\n${head}\n---\n{{role "system"}}${SYSTEM}\n{{role "user"}}{{document}}`;
}

/** Documents of the same bytes are asked once. */
function unlike(samples: readonly SampleFile[]): readonly SampleFile[] {
  const versions = new Map(samples.map((sample) => [hash('sha256', sample.bytes), sample]));
  return [...versions.values()];
}

const kindOf = ({ parts: [part] }: SampleFile) => part?.kind ?? 'text';

/** In a folder for each kind, so that each kind can have a recipe. */
function inbox(samples: readonly SampleFile[]): Readonly<Record<string, Buffer>> {
  return Object.fromEntries(samples.map((sample) => [`${kindOf(sample)}/${sample.name}`, sample.bytes]));
}

describe('a corpus of documents', () => {
  const samples = unlike(sampleFiles());
  /** Texts of five megabytes are too long for any model. */
  const short = samples.filter((sample) => kindOf(sample) !== 'text' || sample.bytes.length < 4_000_000);

  test('has each type, in sizes from a byte to five megabytes', () => {
    expect(samples.length).toBeGreaterThanOrEqual(60);
    expect(new Set(samples.map(kindOf))).toEqual(new Set(['text', 'image', 'audio', 'file']));
    const sizes = samples.map(({ bytes }) => bytes.length);
    expect(sizes.filter((size) => size > 900_000 && size < 2_000_000).length).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeGreaterThan(5_000_000);
    expect(Math.min(...sizes)).toBe(1);
  });

  /** Whatever of config shapes a body stands in one of these. */
  const BY_KIND = {
    'recipes/text.prompt': recipe(
      'model: anthropic/claude-sonnet-4.5\nconfig:\n  temperature: 0\n  provider: {sort: price}\noutput:\n  format: json\n' +
        '  schema:\n    about: string\n    words?: integer',
    ),
    'recipes/image.prompt': recipe('model: openai/gpt-5-mini\nconfig:\n  models: [anthropic/claude-haiku-4.5]'),
    'recipes/audio.prompt': recipe('model: google/gemini-2.5-flash\nconfig:\n  service_tier: flex'),
    'recipes/file.prompt': recipe('model: meta-llama/llama-3.3-70b-instruct:free\nsluice:\n  pdf: cloudflare-ai'),
  };

  test.each([
    ['by the recipe of its kind', BY_KIND],
    ['by one recipe for all', { 'recipes/default.md': SYSTEM }],
  ])('arrives whole and byte by byte, %s', async (_, recipes) => {
    const { program, bodies } = await sendAndCheck({ documents: inbox(short), recipes, flags: ['--model', ALL_EATER] });
    expect(program.summary).toMatchObject({ documents: short.length, succeeded: short.length, attempts: short.length });
    expect(bodies.map(digest).toSorted()).toEqual(
      short.map(({ parts }) => `${SYSTEM_MESSAGE} + ${joined(parts)}`).toSorted(),
    );
  });

  test('is asked without a recipe as if each document were the prompt', async () => {
    const few = short.filter(({ bytes }) => bytes.length < 100_000);
    const { program, bodies } = await sendAndCheck({ documents: inbox(few), flags: ['--model', ALL_EATER] });
    expect(program.code).toBe(0);
    expect(bodies.map(digest).toSorted()).toEqual(few.map(({ parts }) => joined(parts)).toSorted());
  });

  test('of texts that are too long arrives in parts that make up the whole', async () => {
    const long = Array.from({ length: 250_000 }, (_, line) => `Grüße ${line} 0123456\n`).join('');
    const { program, bodies } = await sendAndCheck({
      documents: { 'a.txt': long },
      recipes: { 'recipes/default.prompt': recipe('sluice:\n  on_too_long: split') },
      flags: ['--concurrency', '1'],
    });
    expect(program.summary).toMatchObject({ succeeded: 1, attempts: bodies.length });
    expect(bodies.length).toBeGreaterThan(1);
    const texts = bodies.map((body) => decodedParts(body).at(-1)?.bytes ?? Buffer.alloc(0));
    expect(hash('sha256', Buffer.concat(texts))).toBe(hash('sha256', long));
  });

  test('of folders is one request each, its files in the order of their names', async () => {
    const [picture, sound, pdf] = [png(3), wav(100), pdfFile(['Hello'])];
    const files = {
      'mixed.doc/1 notes.txt': Buffer.from('Look:'),
      'mixed.doc/2.docx': office.docx(office.docxParagraph('In the second file.')),
      'mixed.doc/3/picture.png': picture,
      'mixed.doc/4.wav': sound,
      'mixed.doc/5.pdf': pdf,
      'texts.doc/b.txt': Buffer.from('second'),
      'texts.doc/a.txt': Buffer.from('first'),
    };
    const { program, bodies } = await sendAndCheck({
      documents: files,
      recipes: { 'recipes/default.md': SYSTEM },
      flags: ['--model', ALL_EATER, '--concurrency', '1'],
    });
    expect(program.summary).toMatchObject({ documents: 2, succeeded: 2 });
    const parts = bodies.map((body) => decodedParts(body).slice(1));
    const texts = parts.map((all) => all.filter(({ kind }) => kind === 'text').map(({ bytes }) => bytes.toString()));
    expect(texts).toEqual(
      expect.arrayContaining([
        [
          'File: 1 notes.txt\n\nLook:\n\nFile: 2.docx\n\nIn the second file.\n\nFile: 3/picture.png',
          'File: 4.wav',
          'File: 5.pdf',
        ],
        ['File: a.txt\n\nfirst\n\nFile: b.txt\n\nsecond'],
      ]),
    );
    const mixed = parts.find((all) => all.length > 1) ?? [];
    expect(mixed.map(({ kind }) => kind)).toEqual(['text', 'image', 'text', 'audio', 'text', 'file']);
    expect(mixed.filter(({ kind }) => kind !== 'text').map(({ bytes }) => hash('sha256', bytes))).toEqual(
      [picture, sound, pdf].map((bytes) => hash('sha256', bytes)),
    );
  });
});

describe('the rest of what a request says', () => {
  const PICTURE = { 'a.jpg': STARTS.jpeg };
  const PDF = { 'a.pdf': pdfFile(['Hello']) };

  test.each<[string, string, Readonly<Record<string, Buffer>>, object]>([
    [
      'the engine of a PDF that the model cannot read',
      'model: meta-llama/llama-3.3-70b-instruct:free',
      PDF,
      engine('cloudflare-ai'),
    ],
    ['the engine of a PDF that the model can read', 'model: openai/gpt-5', PDF, engine('native')],
    ['the paid engine, where it is asked for', 'sluice.pdf: mistral-ocr', PDF, engine('mistral-ocr')],
    ['what stands in for the model', 'config:\n  models: [openai/gpt-5]', PICTURE, { models: ['openai/gpt-5'] }],
    ['any other field', 'config:\n  service_tier: flex\n  seed: 7', PICTURE, { service_tier: 'flex', seed: 7 }],
    [
      'a schema, and that only providers are asked that know it',
      'output:\n  format: json\n  schema:\n    about: string',
      PICTURE,
      {
        response_format: { type: 'json_schema', json_schema: { strict: true, schema: { required: ['about'] } } },
        provider: { require_parameters: true },
      },
    ],
  ])('is %s', async (_, head, documents, expected) => {
    const { program, bodies } = await sendAndCheck({ documents, recipes: { 'recipes/default.prompt': recipe(head) } });
    expect(program.code).toBe(0);
    expect(bodies).toEqual([expect.objectContaining({ messages: expect.anything() })]);
    expect(bodies[0]).toMatchObject(expected);
  });

  test('is no engine where the PDF is sent as text', async () => {
    const { bodies } = await sendAndCheck({
      documents: PDF,
      recipes: { 'recipes/default.prompt': recipe('sluice.pdf: text') },
    });
    const [body] = bodies;
    expect(decodedParts(body).map(({ kind }) => kind)).toEqual(['text', 'text']);
    expect(decodedParts(body).at(-1)?.bytes.toString()).toContain('Hello');
    expect(isRecord(body) && 'plugins' in body).toBe(false);
  });
});

describe('a document that cannot be sent', () => {
  const REFUSED: readonly (readonly [string, Buffer, string])[] = [
    ['empty.txt', Buffer.alloc(0), 'empty'],
    ['blank.txt', Buffer.from(' \n\t\n'), 'blank'],
    ['latin.txt', Buffer.from('Gr\xFC\xDFe', 'latin1'), 'wrong-encoding'],
    ['zeros.bin', Buffer.alloc(100), 'not-text'],
    ['film.mp4', STARTS.mp4, 'unsupported-type'],
    ['film.webm', STARTS.webm, 'unsupported-type'],
    ['scan.tiff', STARTS.tiff, 'unsupported-type'],
    ['picture.bmp', STARTS.bmp, 'unsupported-type'],
    ['picture.heic', STARTS.heic, 'unsupported-type'],
    ['packed.gz', STARTS.gzip, 'unsupported-type'],
    ['packed.zip', office.archive({ 'a.txt': 'x' }), 'unsupported-type'],
    ['old.xls', STARTS.oldOffice, 'unsupported-type'],
    ['program', STARTS.executable, 'unsupported-type'],
    ['cut.docx', office.docx(office.docxParagraph('x'.repeat(5000))).subarray(0, 700), 'broken-document'],
    [
      'locked.odt',
      office.archive({
        mimetype: 'application/vnd.oasis.opendocument.text',
        'META-INF/manifest.xml': '<encryption-data/>',
      }),
      'encrypted',
    ],
    ['text/scan.pdf', pdfFile(['', '']), 'no-text-in-pdf'],
    ['text/locked.pdf', pdfFile(['x'], LOCKED), 'encrypted'],
    ['large.txt', Buffer.alloc(600_001, 'x'), 'too-large'],
    ['long/a.txt', Buffer.alloc(100_000, 'Some words. '), 'too-long'],
    ['deaf/a.mp3', STARTS.mp3, 'unsupported-input'],
    ['blind/a.jpg', STARTS.jpeg, 'unsupported-input'],
    ['folder.doc/a.txt', Buffer.from('text'), 'unsupported-type'],
    ['folder.doc/b.mp4', STARTS.mp4, 'unsupported-type'],
  ];

  test('is refused before any call, with the reason', async () => {
    const recipes = {
      'recipes/text.prompt': recipe('sluice:\n  pdf: text'),
      'recipes/long.prompt': recipe('model: google/gemma-2-9b-it'),
      'recipes/deaf.prompt': recipe('model: anthropic/claude-sonnet-4.5'),
      'recipes/blind.prompt': recipe('model: microsoft/phi-4'),
    };
    const { program, workspace, bodies } = await sendAndCheck({
      documents: Object.fromEntries(REFUSED.map(([id, bytes]) => [id, bytes])),
      recipes,
      flags: ['--max-bytes', '600k'],
    });
    const ids = [...new Set(REFUSED.map(([id]) => (id.startsWith('folder.doc') ? 'folder.doc' : id)))];
    const codes: [string, unknown][] = [];
    for (const id of ids) codes.push([id, (await workspace.report(id))['code']]);
    expect(Object.fromEntries(codes)).toEqual(
      Object.fromEntries(REFUSED.map(([id, , code]) => [id.replace(/(?<=\.doc)\/.*/, ''), code])),
    );
    expect(program.summary).toMatchObject({ documents: ids.length, failed: ids.length, attempts: 0 });
    expect(bodies).toEqual([]);
    expect((await workspace.report('deaf/a.mp3'))['reason']).toContain('google/gemini-2.5-flash');
  });
});

(flawsOf === null ? describe.skip : describe)("OpenRouter's schema of a ChatRequest", () => {
  test('is met by every body that was sent above', () => {
    expect(flaws.length).toBeGreaterThan(100);
    expect(flaws.flat()).toEqual([]);
  });
});
