import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { Converter } from '../../../src/domain/ports.ts';
import { CONVERT_WORKER, createConverter } from '../../../src/inbox/convert/converter.ts';
import { until } from '../../support/until.ts';
import { converted } from './converted-in.ts';
import { email } from './email-file.ts';
import { png } from './media-files.ts';
import { docx, docxParagraph, epub, numberCell, pptx, xlsx } from './office-files.ts';
import { pdfFile } from './pdf-file.ts';

const document = (text: string): Readonly<Record<string, Buffer>> => ({ 'a.docx': docx(docxParagraph(text)) });

const NOTHING = { kind: 'converted', parts: [] };
/** Says by a file, named by the second one, that it began. */
const STUCK_WITH_DOCX = `import { writeFileSync } from 'node:fs';
parentPort.on('message', ({ files: [first, second] }) => {
  if (second !== undefined) writeFileSync(second.name, '');
  while (first.name.endsWith('.docx')) {}
  parentPort.postMessage(${JSON.stringify(NOTHING)});
});`;
const PATIENCE_MS = 60_000;

/** As the program's own threads are bundled: node alone runs no TypeScript. */
async function bundle(folder: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(CONVERT_WORKER)],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
  });
}

describe('the workshop', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'workshop-'));
    await bundle(folder);
  }, PATIENCE_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function converterOf(code: string, seconds: number): Promise<Converter> {
    const file = join(folder, `${code.length}.mjs`);
    await writeFile(file, `import { parentPort } from 'node:worker_threads';\n${code}`);
    return createConverter({ worker: pathToFileURL(file), seconds, megabytes: 32, threads: 1 });
  }

  test(
    'converts in threads what it converts on the spot, several at once',
    async () => {
      const converter = createConverter({ worker: pathToFileURL(join(folder, 'convert-worker.mjs')), threads: 2 });
      const mail = { 'a.eml': email('x', [{ name: 'p.png', type: 'image/png', bytes: png(20) }]) };
      const book = { 'a.epub': epub(['<h1>One</h1>']) };
      const workbook = { 'a.xlsx': xlsx({ S: [numberCell('A1', '1')] }) };
      const slides = { 'a.pptx': pptx([{ title: 'One', text: 'two' }]) };
      const pdf = { 'a.pdf': pdfFile(['Hello']) };
      const all = [document('one'), mail, book, workbook, slides, pdf];
      const [apart, here] = await Promise.all([
        Promise.all(all.map((files) => converted(files, 'text', converter))),
        Promise.all(all.map((files) => converted(files, 'text'))),
      ]);
      expect(here.map(({ kind }) => kind)).toEqual(all.map(() => 'converted'));
      expect(apart).toEqual(here);
    },
    PATIENCE_MS,
  );

  test(
    'a conversion that takes for ever is stopped, and the next one goes on',
    async () => {
      const converter = await converterOf(STUCK_WITH_DOCX, 3);
      const [stuck, next] = await Promise.all([
        converted(document('x'), null, converter),
        converted({ 'b.zip': docx('') }, null, converter),
      ]);
      expect(stuck).toEqual({ kind: 'refused', code: 'too-complex', reason: expect.stringContaining('3 seconds') });
      expect(next).toEqual(NOTHING);
    },
    PATIENCE_MS,
  );

  test(
    'a conversion that nobody waits for any more is stopped',
    async () => {
      const converter = await converterOf(STUCK_WITH_DOCX, 100);
      const started = join(folder, 'started');
      const files = [
        { name: 'a.docx', bytes: Buffer.from('PK\u0003\u0004') },
        { name: started, bytes: Buffer.from('x') },
      ];
      const content = { document: { id: 'a.doc', size: 1, mtimeMs: 1 }, sha256: '', files };
      const left = converter.convert(content, null).subscribe();
      await until('the conversion began', () => existsSync(started));
      left.unsubscribe();
      expect(await converted({ 'b.zip': docx('') }, null, converter)).toEqual(NOTHING);
    },
    PATIENCE_MS,
  );

  test('a conversion that takes all memory is stopped', async () => {
    const converter = await converterOf(
      "parentPort.on('message', () => { const all = []; for (;;) all.push({ more: new Array(100).fill(all.length) }); });",
      100,
    );
    expect(await converted(document('x'), null, converter)).toEqual({
      kind: 'refused',
      code: 'too-complex',
      reason: expect.stringContaining('32 MB'),
    });
  });

  test('a thread that fails refuses its document alone', async () => {
    const converter = await converterOf(
      "parentPort.on('message', () => { throw new Error('what the document says'); });",
      100,
    );
    expect(await converted(document('x'), null, converter)).toEqual({
      kind: 'refused',
      code: 'broken-document',
      reason: 'It could not be converted. Save it again.',
    });
  });
});
