import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NEVER, type Observable, Subject } from 'rxjs';
import { StoppedError } from '../../../src/domain/errors.ts';
import type { Converted, Converter } from '../../../src/domain/ports.ts';
import { CONVERT_WORKER, createConverter } from '../../../src/inbox/convert/converter.ts';
import { until } from '../../support/until.ts';
import { bundledConverter } from './bundled-converter.ts';
import { converted } from './converted-in.ts';
import { email } from './email-file.ts';
import { png } from './media-files.ts';
import { docx, docxParagraph, epub, numberCell, pptx, xlsx } from './office-files.ts';
import { pdfFile } from './pdf-file.ts';

const document = (text: string): Readonly<Record<string, Buffer>> => ({ 'a.docx': docx(docxParagraph(text)) });
/** Of which the threads here make at once what they call nothing. */
const EASY = { 'b.zip': docx('') };

const NOTHING = { kind: 'converted', parts: [], leftOut: {}, readers: [] };
const PATIENCE_MS = 60_000;

/** A thread that does something to Word documents, once the file that a second one is named by says that it began. */
const doing = (what: string): string => `import { existsSync, writeFileSync } from 'node:fs';
parentPort.on('message', ({ files: [first, second] }) => {
  if (second !== undefined) writeFileSync(second.name, String(process.pid));
  if (first.name.endsWith('.docx')) { ${what} }
  parentPort.postMessage(${JSON.stringify(NOTHING)});
});`;
const STUCK = doing('for (;;);');

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the process pool', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'process-pool-'));
    await bundledConverter(folder);
  }, PATIENCE_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const urlOf = (name: string): URL => pathToFileURL(join(folder, name));

  let workers = 0;
  async function workerOf(code: string): Promise<URL> {
    const name = `worker-${(workers += 1)}.mjs`;
    await writeFile(join(folder, name), `import { parentPort } from 'node:worker_threads';\n${code}`);
    return urlOf(name);
  }

  async function converterOf(code: string, seconds: number, closing: Observable<unknown> = NEVER): Promise<Converter> {
    const program = urlOf('convert-worker.mjs');
    return createConverter({ worker: await workerOf(code), program, seconds, megabytes: 64, processes: 1, closing });
  }

  /** A document whose conversion says by a file that it began, and the process that does it. */
  function told(name: string): { files: Readonly<Record<string, Buffer>>; begun: () => Promise<number> } {
    const path = join(folder, name);
    const begun = async (): Promise<number> => {
      await until('the conversion began', () => existsSync(path) && readFileSync(path, 'utf8') !== '');
      return Number(readFileSync(path, 'utf8'));
    };
    return { files: { 'a.docx': Buffer.from('PK\u0003\u0004'), [path]: Buffer.from('x') }, begun };
  }

  test(
    'converts in processes what it converts on the spot, several at once',
    async () => {
      const converter = createConverter({ worker: urlOf('convert-worker.mjs'), processes: 2 });
      const mail = { 'a.eml': email('x', [{ name: 'p.png', type: 'image/png', bytes: png(20) }]) };
      const book = { 'a.epub': epub(['<h1>One</h1>']) };
      const workbook = { 'a.xlsx': xlsx({ S: [numberCell('A1', '1')] }) };
      const slides = { 'a.pptx': pptx([{ title: 'One', text: 'two' }]) };
      const pdf = { 'a.pdf': pdfFile(['Hello']) };
      const all = [document('one'), mail, book, workbook, slides, pdf];
      const apart = await Promise.all(all.map((files) => converted(files, 'text', converter)));
      // One after the other: under jest, modules that are loaded at the same time may be refused.
      const here: Converted[] = [];
      for (const files of all) here.push(await converted(files, 'text'));
      expect(here.map(({ kind }) => kind)).toEqual(all.map(() => 'converted'));
      expect(apart).toEqual(here);
    },
    PATIENCE_MS,
  );

  describe('stops a conversion that', () => {
    test.each<[string, string, number, string, string]>([
      ['takes for ever in one turn', 'for (;;);', 6, 'too-complex', '6 seconds'],
      [
        'takes all memory of V8',
        'for (const all = []; ; ) all.push({ more: [all.length] });',
        100,
        'too-complex',
        '64 MB',
      ],
      ['unpacks too much', 'for (const all = []; ; ) all.push(Buffer.alloc(1e6, 1));', 100, 'too-complex', '64 MB'],
      [
        'throws',
        "throw new Error('what the document says');",
        100,
        'broken-document',
        'It could not be converted. Save',
      ],
      ['ends its thread', 'process.exit();', 100, 'broken-document', 'It could not be converted. Save'],
      // The last two are such that V8 aborts, if they are not stopped before: the process ends as by SIGABRT.
      ['ends its process', "process.kill(process.pid, 'SIGABRT');", 100, 'too-complex', 'made the converter crash'],
      ['makes an array without end', 'for (const all = []; ; ) all.push(first);', 100, 'too-complex', ''],
      ['makes an array over the limit', 'new Array(100_000_000).fill(first);', 100, 'too-complex', ''],
    ])(
      '%s, and the next one goes on',
      async (_name, what, seconds, code, reason) => {
        const converter = await converterOf(doing(what), seconds);
        const outcomes = [document('x'), EASY].map((files) => converted(files, null, converter));
        expect(await Promise.all(outcomes)).toEqual([
          { kind: 'refused', code, reason: expect.stringContaining(reason) },
          NOTHING,
        ]);
      },
      PATIENCE_MS,
    );
  });

  test('a conversion is stopped in time, also after garbage was collected', async () => {
    setFlagsFromString('--expose-gc');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the flag adds
    const collect = runInNewContext('gc') as () => void;
    const converter = await converterOf(STUCK, 1);
    const collecting = setInterval(collect, 100);
    const stuck = converted(document('x'), null, converter).finally(() => clearInterval(collecting));
    expect(await stuck).toMatchObject({ kind: 'refused', code: 'too-complex' });
  }, 20_000);

  test(
    'a conversion is begun anew when its process is interrupted',
    async () => {
      const flag = join(folder, 'interrupted');
      const firstTime = `if (!existsSync(${JSON.stringify(flag)})) { writeFileSync(${JSON.stringify(flag)}, ''); process.kill(process.pid, 'SIGINT'); for (;;); }`;
      const program = await workerOf(
        `process.on('message', () => { ${firstTime} process.send(${JSON.stringify(NOTHING)}); });`.replace(
          /^/,
          "import { existsSync, writeFileSync } from 'node:fs';\n",
        ),
      );
      const converter = createConverter({ worker: CONVERT_WORKER, program, processes: 1 });
      expect(await converted(document('x'), null, converter)).toEqual(NOTHING);
    },
    PATIENCE_MS,
  );

  test(
    'signals to the whole group of processes do not end a conversion',
    async () => {
      const converter = await converterOf(
        doing('if (second !== undefined) for (const end = Date.now() + 500; Date.now() < end; );'),
        100,
      );
      const { files, begun } = told('signalled');
      const outcome = converted(files, null, converter);
      const pid = await begun();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(pid, signal);
      expect(await outcome).toEqual(NOTHING);
    },
    PATIENCE_MS,
  );

  test(
    'nothing is converted any more when it is closed: not what is under way, what waits, or what comes',
    async () => {
      const closing = new Subject<void>();
      const converter = await converterOf(STUCK, 100, closing);
      const { files, begun } = told('closed');
      const stopped = [converted(files, null, converter), converted(EASY, null, converter)];
      const pid = await begun();
      closing.next();
      stopped.push(converted({ 'c.zip': docx('') }, null, converter));
      const outcomes = await Promise.allSettled(stopped);
      expect(outcomes).toEqual(stopped.map(() => ({ status: 'rejected', reason: expect.any(StoppedError) })));
      expect(await converted({ 'd.txt': Buffer.from('x') }, null, converter)).toMatchObject({ kind: 'converted' });
      await until('its process is gone', () => !isRunning(pid));
    },
    PATIENCE_MS,
  );

  /** A program that begins a conversion and says which process does it. */
  function beginning(worker: URL, files: Readonly<Record<string, Buffer>>): ChildProcessWithoutNullStreams {
    const program = JSON.stringify(fileURLToPath(urlOf('convert-worker.mjs')));
    const task = `{ files: ${JSON.stringify(Object.keys(files))}.map((name) => ({ name, bytes: Buffer.from('x') })), pdf: null }`;
    return spawn(process.execPath, [
      '-e',
      `const child = require('node:child_process').fork(${program}, ['${worker.href}', '64'], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      child.send(${task});
      process.stdout.write(String(child.pid));`,
    ]);
  }

  test(
    'no process is left where the program is killed',
    async () => {
      const { files, begun } = told('killed');
      const program = beginning(await workerOf(STUCK), files);
      const pid = await begun();
      program.kill('SIGKILL');
      await until('the process of the conversion is gone', () => !isRunning(pid));
      expect(program.signalCode).toBe('SIGKILL');
    },
    PATIENCE_MS,
  );

  test(
    'no process is left where the program is killed as soon as it has started one',
    async () => {
      const program = beginning(await workerOf(STUCK), told('killed-at-once').files);
      const [pid] = await once(program.stdout, 'data');
      program.kill('SIGKILL');
      await until('the process of the conversion is gone', () => !isRunning(Number(pid)));
      expect(program.signalCode).toBe('SIGKILL');
    },
    PATIENCE_MS,
  );

  test(
    'documents that come one after another are converted in the same process',
    async () => {
      const pids = new Set<number>();
      const converter = await converterOf(doing(''), 100);
      for (const name of ['first', 'second']) {
        const { files, begun } = told(name);
        await converted(files, null, converter);
        pids.add(await begun());
      }
      expect(pids.size).toBe(1);
    },
    PATIENCE_MS,
  );
});
