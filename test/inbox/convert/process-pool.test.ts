import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { NEVER, type Observable, Subject } from 'rxjs';
import { StoppedError } from '../../../src/domain/errors.ts';
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
/** Comes to an end, but far too late. */
const SLOW = `parentPort.on('message', () => {
  for (const start = Date.now(); Date.now() < start + 10_000; );
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

describe('the worker pool', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'worker-pool-'));
    await bundle(folder);
  }, PATIENCE_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function converterOf(code: string, seconds: number, closing: Observable<unknown> = NEVER): Promise<Converter> {
    const file = join(folder, `${code.length}.mjs`);
    await writeFile(file, `import { parentPort } from 'node:worker_threads';\n${code}`);
    return createConverter({ worker: pathToFileURL(file), seconds, megabytes: 32, threads: 1, closing });
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

  test('a conversion is stopped in time, also after garbage was collected', async () => {
    setFlagsFromString('--expose-gc');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the flag adds
    const collect = runInNewContext('gc') as () => void;
    const converter = await converterOf(SLOW, 1);
    const collecting = setInterval(collect, 100);
    const stuck = converted(document('x'), null, converter).finally(() => clearInterval(collecting));
    expect(await stuck).toMatchObject({ kind: 'refused', code: 'too-complex' });
  }, 20_000);

  test(
    'nothing is converted any more when it is closed: not what is under way, what waits, or what comes',
    async () => {
      const closing = new Subject<void>();
      const converter = await converterOf(STUCK_WITH_DOCX, 100, closing);
      const started = join(folder, 'started');
      const files = { 'a.docx': Buffer.from('PK\u0003\u0004'), [started]: Buffer.from('x') };
      const stopped = [converted(files, null, converter), converted({ 'b.zip': docx('') }, null, converter)];
      await until('the conversion began', () => existsSync(started));
      closing.next();
      stopped.push(converted({ 'c.zip': docx('') }, null, converter));
      const outcomes = await Promise.allSettled(stopped);
      expect(outcomes).toEqual(stopped.map(() => ({ status: 'rejected', reason: expect.any(StoppedError) })));
      expect(await converted({ 'd.txt': Buffer.from('x') }, null, converter)).toMatchObject({ kind: 'converted' });
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
