import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runProgram } from '../../src/cli/program.ts';
import { UsageError } from '../../src/domain/errors.ts';
import type { ProcessSignal } from '../../src/run/stop.ts';
import { Workspace } from '../support/workspace.ts';
import { settingsOf } from './support.ts';

describe('sluice simulate', () => {
  let workspace: Workspace;
  beforeEach(async () => {
    workspace = await Workspace.make();
  });
  afterEach(() => workspace.remove());

  const faultsFile = async (text: string): Promise<string> => {
    const path = join(workspace.root, 'faults.yaml');
    await writeFile(path, text);
    return path;
  };

  const refused = (...args: readonly string[]) => runProgram(['simulate', ...args], settingsOf(workspace.root));

  /** Starts it on a free port; gives the plan that it serves by, and ends it with `signal`. */
  async function simulate(args: readonly string[], signal: ProcessSignal = 'SIGINT') {
    const settings = settingsOf(workspace.root);
    const exitCode = runProgram(['simulate', '--port', '0', ...args], settings);
    const [url] = await Promise.race([once(settings.stdout, 'data'), exitCode.then(() => [])]);
    const reply = await fetch(new URL('/admin/plan', String(url)));
    const plan: unknown = await reply.json();
    settings.signals.next(signal);
    return { url: String(url), plan, code: await exitCode };
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('prints its URL alone, serves until %s, and ends with %d', async (signal, code) => {
    const simulated = await simulate([], signal);
    expect(simulated.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\n$/);
    expect(simulated.code).toBe(code);
    await expect(fetch(simulated.url)).rejects.toThrow('fetch failed');
  });

  test.each([
    ['0', 0],
    ['0.2', 0.2],
    ['0.1-0.3', [0.1, 0.3]],
    ['0.2-0.2', 0.2],
  ])('--latency %s', async (given, latency) => {
    expect((await simulate(['--latency', given])).plan).toEqual({ latency, faults: [] });
  });

  test.each([
    ['YAML', 'capacity: 3\nlatency: 5\nfaults:\n  - kind: hang\n'],
    ['JSON', '{"capacity":3,"latency":5,"faults":[{"kind":"hang"}]}'],
  ])('takes faults from a file in %s; --latency beats the latency in it', async (_, text) => {
    const { plan } = await simulate(['--faults', await faultsFile(text), '--latency', '0.5']);
    expect(plan).toEqual({ capacity: 3, latency: 0.5, faults: [{ kind: 'hang' }] });
  });

  test('takes an empty file for no faults', async () => {
    expect((await simulate(['--faults', await faultsFile('')])).plan).toEqual({ faults: [] });
  });

  test('--as plays an API by its name, at its path', async () => {
    expect((await simulate(['--as', 'gemini'])).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1beta\/openai\n$/);
    await expect(refused('--as', 'gemni')).rejects.toThrow('Did you mean gemini?');
  });

  describe('refuses', () => {
    test.each([
      ['--latency', 'x'],
      ['--latency', '0.1-'],
      ['--latency', '-0.3'],
      ['--latency', ''],
      ['--port', '-1'],
      ['--port', '65536'],
      ['--port', '4010x'],
      ['--port', ''],
    ])('%s=%s', async (flag, value) => {
      const running = refused(`${flag}=${value}`);
      await expect(running).rejects.toBeInstanceOf(UsageError);
      await expect(running).rejects.toThrow(
        `${flag} does not take ${value === '' ? 'an empty value' : JSON.stringify(value)}`,
      );
    });

    test('a latency whose ends are the wrong way round', async () => {
      await expect(refused('--latency', '0.3-0.1')).rejects.toThrow('Fault plan: latency');
    });

    test('a file that is not there', async () => {
      await expect(refused('--faults', workspace.inbox('none.yaml'))).rejects.toThrow('none.yaml cannot be read');
    });

    test.each([
      ['is no YAML', 'faults: [', 'faults.yaml cannot be read'],
      ['is no object', 'hang', 'the plan is "hang"'],
      ['names a fault that does not exist', 'faults:\n  - kind: earthquake\n', 'earthquake'],
    ])('a file that %s', async (_, text, words) => {
      const running = refused('--faults', await faultsFile(text));
      await expect(running).rejects.toBeInstanceOf(UsageError);
      await expect(running).rejects.toThrow(words);
    });
  });
});
