import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runProgram } from '../../../src/cli/program.ts';
import { UsageError } from '../../../src/domain/errors.ts';
import { versionOf } from '../../support/filled-ledger.ts';
import { settingsOf } from '../support.ts';
import { ledgerWorkspaces } from './ledger-workspace.ts';

const here = ledgerWorkspaces();

describe('sluice status', () => {
  test('counts the inbox of a workspace without a ledger', async () => {
    await here.workspace.drop('a.txt');
    const status = await here.run('status', '--no-recipe');
    expect(status).toContain('1 document: 0 done, 0 failed, 0 held, 1 pending.\nAs for API openrouter, ');
    expect(await here.run('status')).toMatch(
      /Pending: 1 waiting for a recipe.*\nNo recipe says .* \(1 document waits for it\)\nRunning/,
    );
  });

  test('is shown with a mistake in the configuration, unless that hides where the folders are', async () => {
    await here.workspace.drop('a.txt');
    const config = join(here.workspace.root, 'sluice.config.yaml');
    const settings = settingsOf(here.workspace.root);
    const flags = ['status', '--root', here.workspace.root];
    await writeFile(config, 'modle: x\nconcurrency: many\n');
    expect(await runProgram(flags, settings)).toBe(0);
    expect(String(settings.stdout.read())).toContain('1 document: 0 done');
    expect(String(settings.stderr.read())).toMatch(/^sluice: "modle" in .* did you mean model\?/);
    for (const text of ['inbox:\n', 'a: [']) {
      await writeFile(config, text);
      await expect(runProgram(flags, settings)).rejects.toThrow(UsageError);
    }
    await writeFile(config, '');
    await expect(runProgram([...flags, '--inbox', ''], settings)).rejects.toThrow(UsageError);
  });

  test('prints one object with --json', async () => {
    await here.fill(async (filled) => {
      await filled.answer(versionOf('a.txt'), 'Yes.');
      await filled.hold(versionOf('b.txt'));
      await filled.begin(versionOf('c.txt'));
    });
    const spent = { costUsd: 0.25, costUnknownAttempts: 1, attempts: 2 };
    const status = JSON.parse(
      await here.run('status', '--json', '--no-recipe', '--api', 'https://api.test/v1'),
    ) as unknown;
    // The call that has not ended is in doubt, too: no process works there.
    expect(status).toEqual({
      documents: { done: 1, failed: 0, held: 1, pending: 0, stale: 1 },
      asFor: { api: 'https://api.test/v1', recipe: null, prompt: null, model: expect.any(String), process: false },
      staleGone: 1,
      outdatedReaders: {},
      answeredElsewhere: {},
      failures: [],
      heldBack: [{ code: expect.any(String), documents: [{ document: 'b.txt', reason: expect.any(String) }] }],
      waiting: [],
      simulated: { costUsd: 0, costUnknownAttempts: 0, attempts: 0 },
      recipes: [],
      running: { calls: 0, process: null },
      inDoubt: 2,
      spent: { today: expect.anything(), month: expect.anything(), total: spent },
      models: [{ model: 'acme/small', api: 'https://api.test/v1', ...spent, inDoubt: 1 }],
    });
  });

  test('refuses a recipe that is none, as a run would', async () => {
    await expect(here.run('status', '--recipe', 'none.md')).rejects.toBeInstanceOf(UsageError);
  });

  test('counts as stale by what a run with the same flags would ask', async () => {
    await mkdir(here.workspace.outbox());
    await here.workspace.drop('a.txt');
    await runProgram(
      ['--once', '--root', here.workspace.root, '--api', 'simulator', '--settle', '0'],
      settingsOf(here.workspace.root),
    );
    const asked = ['--api', 'simulator'] as const;
    expect(await here.run('status', ...asked)).not.toContain('Stale');
    expect(await here.run('status', ...asked, '--model', 'openai/gpt-5')).toContain('Stale: 1 result');
    expect(await here.run('status', ...asked, '--max-tokens', '7')).toContain('Stale: 1 result');
    await writeFile(join(here.workspace.root, 'sluice.config.yaml'), 'api: simulator\nreasoning: low\n');
    expect(await here.run('status')).toContain('Stale: 1 result');
  });
});
