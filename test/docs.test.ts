import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { setTheStage } from './e2e/stage.ts';
import { Desk, REPOSITORY } from './support/desk.ts';
import { blocksOf, commandsOf, PAGES } from './support/documentation.ts';
import { dropsReport, NOT_RUN, WAYS } from './support/documented-commands.ts';

jest.setTimeout(120_000);

const stage = setTheStage();

const MAKES_WORKSPACE = new Set(['README.md', 'docs/first-run.md']);

test('every command of the documentation is tried, or is named with the reason why it is not', () => {
  const tried = Object.fromEntries(Object.entries(WAYS).map(([page, ways]) => [page, Object.keys(ways)]));
  const written = PAGES.map((page) => [page, commandsOf(page, 'sh')] as const).filter(([, all]) => all.length > 0);
  expect(tried).toEqual(Object.fromEntries(written));
  expect(new Set(Object.keys(NOT_RUN))).toEqual(new Set(PAGES.flatMap((page) => commandsOf(page, 'bash'))));
});

test('no block is written in a language in which commands would not be found', () => {
  const languages = new Set(PAGES.flatMap((page) => blocksOf(page).map(({ language }) => language)));
  expect(languages).toEqual(new Set(['bash', 'sh', 'sql', 'text']));
});

describe('the commands of', () => {
  const shared = setTheStage(afterAll);
  /** The desk of which each page gets a copy, and the API that all ask. */
  let original: { readonly folder: string; readonly environment: Readonly<Record<string, string>> };

  beforeAll(async () => {
    const environment = { SLUICE_API: (await shared.simulator()).url, SLUICE_SETTLE: '0.1' };
    original = { folder: await shared.folder(), environment };
    const desk = new Desk(original.folder, environment);
    desk.write('report.md', 'The year was good. The costs rose. The people stayed. The roof was mended.');
    desk.write('report.pdf', readFileSync(join(REPOSITORY, 'examples/tables-from-pdfs/inbox/bakery.pdf')));
    desk.write('prompt.md', 'Say what this is about.');
    desk.write('letters/one.txt', 'Please pay by Friday.');
    desk.write('letters/two.txt', 'We have paid on Thursday.');
    await desk.run('sluice init papers');
    dropsReport(desk);
    desk.write('papers/inbox/q1/empty.txt', '');
    const { stdout } = await desk.run('sluice run --root papers');
    if (!stdout.includes('1 answered, 1 failed')) throw new Error(stdout);
  });

  /** A copy of what was prepared, in a folder of its own. */
  async function deskFor(page: string): Promise<Desk> {
    const folder = await stage.folder();
    const isLeft = (source: string): boolean =>
      !MAKES_WORKSPACE.has(page) || !source.startsWith(join(original.folder, 'papers'));
    cpSync(original.folder, folder, {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: isLeft,
    });
    const desk = new Desk(folder, original.environment);
    return commandsOf(page, 'sh').some((command) => command.includes('npm ')) ? desk.clone() : desk;
  }

  test.each(Object.entries(WAYS))('%s', async (page, ways) => {
    const desk = await deskFor(page);
    for (const [
      command,
      { code = 0, stdout = /(?:)/, stderr = /(?:)/, before, meanwhile, as, after },
    ] of Object.entries(ways)) {
      // oxlint-disable-next-line no-await-in-loop -- a reader does one after another
      await before?.(desk);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const ended = await desk.run(as ?? command, meanwhile && (() => meanwhile(desk)));
      expect({ command, ...ended }).toEqual({
        command,
        code,
        stdout: expect.stringMatching(stdout),
        stderr: expect.stringMatching(stderr),
      });
      // oxlint-disable-next-line no-await-in-loop -- as above
      await after?.(desk, ended);
    }
  });
});

test('a clone that is not built says so, and npm run build builds it; without a key, npm start says what to do', async () => {
  const desk = new Desk(await stage.folder()).clone();
  desk.remove('dist/sluice.js');
  expect(await desk.run('node dist/main.js --version')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Not built yet.'),
  });
  expect(await desk.run('npm run build')).toMatchObject({ code: 0 });
  const { code, stderr } = await desk.run('npm start');
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/No API key.* set OPENROUTER_API_KEY.* --api simulator .* --api ollama/),
  });
});
