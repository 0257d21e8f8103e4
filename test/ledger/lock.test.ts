import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { build } from 'esbuild';
import { DiskError, WorkspaceTakenError } from '../../src/domain/errors.ts';
import { holderOf, lockWorkspace, type WorkspaceLock } from '../../src/ledger/lock.ts';
import { timeInWords } from '../../src/lib/text.ts';
import { mountDisk } from '../support/mount-disk.ts';
import { sayNotTested } from '../support/say-not-tested.ts';

jest.setTimeout(120_000);

const ROUNDS = 4;
const RIVALS = 8;
const settings = { commandLine: ['sluice', 'watch'], now: () => new Date('2026-03-31T10:00:00Z') };

/** Locks a workspace, says so, and holds it until its input ends; or says why it did not get it. */
const CONTENDER = `
  import { lockWorkspace } from './src/ledger/lock.ts';
  import { holderOf } from './src/ledger/lock.ts';
  const [folder, what] = process.argv.slice(2);
  const say = (text) => process.stdout.write(text + '\\n');
  if (what === 'look') say(JSON.stringify(await holderOf(folder)));
  else await lockWorkspace(folder, { commandLine: ['contender'] }).then(
    ({ diedBefore, release }) => {
      say(diedBefore ? 'got it, one died before' : 'got it');
      process.stdin.resume().once('end', () => release().then(() => say('let go')));
    },
    (error) => say(error.name + ': ' + error.message),
  );
`;

describe('lockWorkspace', () => {
  let tools: string;
  let root: string;
  let folder: string;
  const children: ChildProcess[] = [];
  const locks: WorkspaceLock[] = [];

  beforeAll(async () => {
    tools = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
    symlinkSync(resolve('node_modules'), join(tools, 'node_modules'));
    await build({
      stdin: { contents: CONTENDER, resolveDir: resolve(), loader: 'ts' },
      outfile: join(tools, 'contender.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['libsql'],
    });
  });
  afterAll(() => rmSync(tools, { recursive: true, force: true }));

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
    folder = join(root, '.sluice');
  });
  afterEach(async () => {
    for (const lock of locks.splice(0)) await lock.release();
    for (const child of children.splice(0)) await killed(child);
    rmSync(root, { recursive: true, force: true });
  });

  const lock = async (): Promise<WorkspaceLock> => {
    const got = await lockWorkspace(folder, settings);
    locks.push(got);
    return got;
  };

  test('says who holds the workspace, and lets it go without a trace', async () => {
    const first = await lockWorkspace(folder, settings);
    expect(first.diedBefore).toBe(false);
    const started = { pid: process.pid, host: hostname(), since: '2026-03-31T10:00:00.000Z' };
    const holder = { ...started, command: 'sluice watch' };
    const told = async (): Promise<unknown> => JSON.parse(await readFile(join(folder, 'holder.json'), 'utf8'));
    expect(await told()).toEqual({ ...holder, options: null });
    expect(await holderOf(folder)).toEqual({ ...holder, options: null });
    const places = {
      inbox: '/in',
      include: ['a'],
      exclude: [],
      outbox: '/out',
      failed: '/failed',
      recipe: null,
      noRecipe: false,
      prompt: 'Sum up',
      inboxRecipes: true,
    };
    const options = { ...places, api: 'simulator', model: 'm', reasoning: null, maxTokens: 9 };
    const others = { apiKeyFile: '/secret', concurrency: 5 };
    await first.tell({ ...options, ...others });
    expect(await told()).toEqual({ ...holder, options });
    expect(await holderOf(folder)).toEqual({ ...holder, options });
    await first.release();
    expect(existsSync(join(folder, 'holder.json'))).toBe(false);
    expect(await holderOf(folder)).toBeNull();
    expect((await lock()).diedBefore).toBe(false);
  });

  test('is lost where its folder is deleted, and then lets the next holder be', async () => {
    const first = await lockWorkspace(folder, settings);
    expect(first.requireHeld).not.toThrow();
    rmSync(folder, { recursive: true });
    expect(first.requireHeld).toThrow(DiskError);
    const { said, child } = await contend();
    expect(said).toBe('got it');
    expect(first.requireHeld).toThrow(`The lock ${join(folder, 'lock.db')} is gone or another one lies there`);
    await first.release();
    expect(await holderOf(folder)).toMatchObject({ pid: child.pid });
    await expect(lockWorkspace(folder, settings)).rejects.toThrow(`Process ${child.pid} on `);
  });

  test('a lock file that is no database bars no process', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'lock.db'), 'no database'.repeat(1000));
    expect(await holderOf(folder)).toBeNull();
    await lock();
    expect((await contend()).said).toContain(`Process ${process.pid}`);
  });

  test('shows no secret of the command line', async () => {
    const commandLine = ['--api', 'http://me:secret@host/v1?key=secret'];
    locks.push(await lockWorkspace(folder, { ...settings, commandLine }));
    expect(await readFile(join(folder, 'holder.json'), 'utf8')).not.toContain('secret');
  });

  test('refuses the same process a second time, by name', async () => {
    await lock();
    const second = lockWorkspace(folder, settings);
    await expect(second).rejects.toBeInstanceOf(WorkspaceTakenError);
    await expect(second).rejects.toThrow(
      `Process ${process.pid} on ${hostname()} (sluice watch) works on ${root}, since ${timeInWords(Date.parse('2026-03-31T10:00:00Z'))}.`,
    );
    expect(await holderOf(folder)).not.toBeNull();
  });

  test('a second holder is refused even while the first is looked at', async () => {
    await lock();
    for (let look = 0; look < 5; look++) await holderOf(folder);
    expect((await contend()).said).toContain(`Process ${process.pid}`);
  });

  test(`of ${RIVALS} processes that start at once, one works on the workspace`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const rivals = await Promise.all(Array.from({ length: RIVALS }, () => contend()));
      const winners = rivals.filter(({ said }) => said.startsWith('got it'));
      expect(winners).toHaveLength(1);
      const names = rivals.filter(({ said }) => said.includes(`Process ${winners[0]?.child.pid} on `));
      expect(names).toHaveLength(RIVALS - 1);
      for (const { child } of winners) await letGo(child);
    }
  });

  test('is free at once when its holder is killed, and the next one knows of the death', async () => {
    const { child, said } = await contend();
    expect(said).toBe('got it');
    expect(await holderOf(folder)).toMatchObject({ pid: child.pid, command: 'contender' });
    await killed(child);
    expect(await holderOf(folder)).toBeNull();
    expect(existsSync(join(folder, 'holder.json'))).toBe(true);
    expect((await lock()).diedBefore).toBe(true);
  });

  test('a process that starts does not fail for being looked at', async () => {
    const rounds = { go: true };
    const looking = (async () => {
      let looks = 0;
      while (rounds.go) {
        await contend([], 'look');
        looks += 1;
      }
      return looks;
    })();
    for (let round = 0; round < 3; round++) {
      const { child, said } = await contend();
      expect(said).toBe('got it');
      await letGo(child);
    }
    rounds.go = false;
    expect(await looking).toBeGreaterThan(0);
  });

  test('holds across network and process namespaces', async () => {
    const apart = ['unshare', '--net', '--pid', '--fork', '--mount-proc'];
    if (spawnSync('unshare', [...apart.slice(1), 'true']).status !== 0) {
      sayNotTested('the lock across namespaces', 'they are refused here');
      return;
    }
    await lock();
    expect((await contend(apart)).said).toContain(`Process ${process.pid} on ${hostname()}`);
    for (const held of locks.splice(0)) await held.release();
    const { said } = await contend(apart);
    expect(said).toBe('got it');
    await expect(lockWorkspace(folder, settings)).rejects.toThrow(' on ');
  });

  test('a full disk is an error, and leaves no lock', async () => {
    const disk = mountDisk('size=16k');
    if (disk === null) return;
    writeFileSync(join(disk, 'filling'), Buffer.alloc(12_288));
    const small = join(disk, '.sluice');
    const locking = lockWorkspace(small, settings);
    await expect(locking).rejects.toBeInstanceOf(DiskError);
    await expect(locking).rejects.toThrow(`The workspace ${disk} cannot be locked`);
    rmSync(join(disk, 'filling'));
    locks.push(await lockWorkspace(small, settings));
    for (const held of locks.splice(0)) await held.release();
  });

  test('a folder that cannot be written is an error', async () => {
    await chmod(root, 0o555);
    const { said } = await contend(WITHOUT_PRIVILEGES);
    await chmod(root, 0o755);
    expect(said).toMatch(/^DiskError: The workspace .* cannot be locked: /);
  });

  /** Starts a process that wants the workspace; resolves with its first words. */
  async function contend(
    through: readonly string[] = [],
    what = 'lock',
  ): Promise<{ readonly child: ChildProcess; readonly said: string }> {
    const [command, ...args] = [...through, process.execPath, join(tools, 'contender.mjs'), folder, what];
    const child = spawn(command, args, { cwd: resolve(), stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, said };
  }
});

/** Root writes wherever it likes; without these capabilities it has to ask like anybody else. */
const WITHOUT_PRIVILEGES: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

async function letGo(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.stdin?.end();
  await exited;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
