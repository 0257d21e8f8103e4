import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, rmdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { openLedger } from '../../src/ledger/open.ts';
import { errorCode } from '../../src/lib/errors.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { mountDiskAt } from '../support/mount-disk.ts';
import type { LogLine, Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import type { Workspace } from '../support/workspace.ts';
import { daemonOver, onceOver, setTheStage, WITHOUT_PRIVILEGES } from './stage.ts';

jest.setTimeout(60_000);

const stage = setTheStage();
const execute = promisify(execFile);

const LIMITS = ['--concurrency', '2', '--grace', '0.5'];
const NAMES = Array.from('abcdefghijkl', (letter) => `${letter}.txt`);
/** Far longer than a disk takes to refuse, so that most documents are still to be asked then. */
const LATENCY = 0.2;

/** A file system of its own that holds very little; null, said aloud, where this machine does not let us mount one. */
async function smallDisk(
  folder: string,
  size = '128k',
): Promise<{ fill(): Promise<void>; empty(): Promise<void> } | null> {
  await mkdir(folder, { recursive: true });
  if (!mountDiskAt(folder, `size=${size}`)) return null;
  stage.afterwards(() => execute('umount', ['--lazy', folder]));
  const filler = join(folder, '.filler');
  return {
    fill: async () => {
      const error: unknown = await writeFile(filler, Buffer.alloc(1_000_000)).catch((refusal: unknown) => refusal);
      if (errorCode(error) !== 'ENOSPC') throw new Error(`The disk does not fill up: ${String(error)}`);
    },
    empty: () => truncate(filler, 0),
  };
}

async function dropAll(workspace: Workspace): Promise<void> {
  for (const name of NAMES) await workspace.drop(name);
}

/** The results, without what else lies on the disk. */
async function resultsOf(workspace: Workspace): Promise<readonly string[]> {
  return (await readdir(workspace.outbox())).filter((name) => !name.startsWith('.')).toSorted();
}

async function expectAllAnsweredOnce(workspace: Workspace, simulator: Simulator): Promise<void> {
  const results = NAMES.map((name) => `${name}.md`);
  await until('all results are there', async () => (await resultsOf(workspace)).length >= results.length);
  expect(await resultsOf(workspace)).toEqual(results);
  expect(simulator.billing().map(({ requests, billed }) => ({ requests, billed }))).toEqual(
    NAMES.map(() => ({ requests: 1, billed: 1 })),
  );
}

async function endWell(program: Program, code = 143): Promise<void> {
  program.kill('SIGTERM');
  expect(await program.exited).toBe(code);
}

function started(lines: readonly LogLine[]): number {
  return lines.filter(({ event }) => event === 'attempt-started').length;
}

/** No call starts once the disk is known to refuse. */
function expectNoCallWhilePaused({ log }: Program): void {
  const paused = log.findIndex(({ event }) => event === 'gate-paused');
  const resumed = log.findIndex(({ event }) => event === 'gate-resumed');
  const between = log.slice(paused, resumed === -1 ? undefined : resumed);
  expect(paused).toBeGreaterThan(0);
  expect(started(between)).toBe(0);
  expect(started(log.slice(0, paused))).toBeLessThan(NAMES.length);
}

/** Waits until the daemon has looked through its inbox twice more. */
async function twoScansMore(program: Program): Promise<void> {
  const scans = () => program.log.filter(({ event }) => event === 'scan-finished').length;
  const before = scans();
  await until('the inbox was looked at twice more', () => scans() >= before + 2);
}

describe('a disk that is full', () => {
  test('stops every call; the answers are kept, and filed when there is room, and nothing is paid for twice', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: LATENCY });
    const disk = await smallDisk(workspace.outbox());
    if (disk === null) return;
    const program = stage.start(daemonOver(workspace, simulator, ...LIMITS));
    await program.logged('scan-finished');
    await disk.fill();
    await dropAll(workspace);

    const paused = await program.logged('gate-paused');
    expect(paused).toMatchObject({ scope: 'disk', reason: expect.stringMatching(/disk is full.*\.md/) });
    await program.logged('document-queued', ({ document }) => document === 'l.txt');
    await twoScansMore(program);
    expectNoCallWhilePaused(program);
    expect(await resultsOf(workspace)).toEqual([]);
    expect(await readdir(workspace.failed())).toEqual([]);

    await disk.empty();
    await expectAllAnsweredOnce(workspace, simulator);
    await program.logged('gate-resumed');
    await endWell(program);
  });

  test('ends --once with 6: nothing more is sent, nothing half-written, and the next run answers all', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: LATENCY });
    const disk = await smallDisk(workspace.outbox());
    if (disk === null) return;
    await dropAll(workspace);
    await disk.fill();

    const program = await stage.run(onceOver(workspace, simulator, ...LIMITS));
    expect(program.code).toBe(6);
    expect(program.summary).toMatchObject({ succeeded: 0, failed: 0, pending: NAMES.length, stopped: 'disk' });
    expect(program.stderr).toMatch(/disk is full/);
    expectNoCallWhilePaused(program);
    expect(await readdir(workspace.outbox())).toEqual(['.filler']);
    expect(await readdir(workspace.failed())).toEqual([]);

    await disk.empty();
    const { code, summary } = await stage.run(onceOver(workspace, simulator));
    const paid = simulator.billing().reduce((sum, { billed }) => sum + billed, 0);
    expect({ code, paid }).toEqual({ code: 0, paid: NAMES.length });
    expect(Number(summary['succeeded']) + Number(summary['reused'])).toBe(NAMES.length);
    expect(summary['reused']).toBeGreaterThan(0);
  });

  test('is waited for by --once within the grace: what was paid for is filed', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: LATENCY });
    const disk = await smallDisk(workspace.outbox());
    if (disk === null) return;
    await dropAll(workspace);
    await disk.fill();
    const program = stage.start(onceOver(workspace, simulator, '--concurrency', '1', '--grace', '40'));
    await program.logged('gate-paused');
    await disk.empty();
    expect(await program.exited).toBe(6);
    const billed = simulator.billing().length;
    expect(program.summary).toMatchObject({ succeeded: billed, pending: NAMES.length - billed, stopped: 'disk' });
    expect(await resultsOf(workspace)).toHaveLength(billed);
    expect(billed).toBeLessThan(NAMES.length);
  });

  test('is not taken for well because the reports, on another disk, can be written', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({
      latency: LATENCY,
      faults: [{ kind: 'length', document: '[bdfhjl].txt' }],
    });
    const disk = await smallDisk(workspace.outbox());
    if (disk === null) return;
    const program = stage.start(daemonOver(workspace, simulator, ...LIMITS));
    await program.logged('scan-finished');
    await disk.fill();
    await dropAll(workspace);
    await program.logged('gate-paused');
    await program.logged('document-queued', ({ document }) => document === 'l.txt');
    await twoScansMore(program);
    expect(program.log.filter(({ event }) => event === 'gate-resumed')).toEqual([]);
    expectNoCallWhilePaused(program);
  });

  test('where reports go stops every call too', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: LATENCY, faults: [{ kind: 'length' }] });
    const disk = await smallDisk(workspace.failed());
    if (disk === null) return;
    const program = stage.start(daemonOver(workspace, simulator, ...LIMITS));
    await program.logged('scan-finished');
    await disk.fill();
    await dropAll(workspace);
    await program.logged('gate-paused');
    await twoScansMore(program);
    expectNoCallWhilePaused(program);
    await disk.empty();
    await until(
      'all reports are there',
      async () => (await readdir(workspace.failed())).length === 1 + 2 * NAMES.length,
    );
    expect(simulator.billing().map(({ requests }) => requests)).toEqual(NAMES.map(() => 1));
    await endWell(program);
  });

  test('where the ledger lies stops every call too', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: LATENCY });
    const disk = await smallDisk(join(workspace.root, '.sluice'), '1m');
    if (disk === null) return;
    const program = stage.start(daemonOver(workspace, simulator, ...LIMITS));
    await program.logged('scan-finished');
    await disk.fill();
    await dropAll(workspace);
    await program.logged('gate-paused', ({ scope }) => scope === 'disk');
    await twoScansMore(program);
    expectNoCallWhilePaused(program);
    await disk.empty();
    await expectAllAnsweredOnce(workspace, simulator);
    await until('all are told as answered', () => {
      return program.log.filter(({ event }) => event === 'document-succeeded').length === NAMES.length;
    });
    await endWell(program);
    expect(await stage.run(onceOver(workspace, simulator))).toMatchObject({
      code: 0,
      summary: { skipped: NAMES.length },
    });
  });
});

describe('a program that may open few files', () => {
  test('waits with --once until it can open them again', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: LATENCY });
    for (let number = 0; number < 100; number += 1) await workspace.drop(`${number}.txt`);

    const fewFiles = { through: ['sh', '-c', 'ulimit -n 64; exec "$0" "$@"'] } as const;
    const { code, log, summary } = await stage.run(onceOver(workspace, simulator, '--concurrency', '40'), fewFiles);

    const paused = log.filter(({ event }) => event === 'gate-paused');
    expect(paused.length).toBeGreaterThan(0);
    expect(log.filter(({ event }) => event === 'gate-resumed')).toHaveLength(paused.length);
    expect(code).toBe(0);
    expect(summary).toMatchObject({
      succeeded: summary?.['documents'],
      pending: 0,
      failed: 0,
      inDoubt: 0,
      stopped: null,
    });
  });
});

describe('a disk that turns read-only', () => {
  test('stops every call, and what was answered is filed when it can be written to again', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: LATENCY });
    const disk = await smallDisk(workspace.outbox());
    if (disk === null) return;
    const program = stage.start(daemonOver(workspace, simulator, ...LIMITS));
    await program.logged('scan-finished');
    execFileSync('mount', ['-o', 'remount,ro', workspace.outbox()]);
    await dropAll(workspace);
    expect(await program.logged('gate-paused')).toMatchObject({ reason: expect.stringContaining('read-only') });
    await twoScansMore(program);
    expectNoCallWhilePaused(program);
    execFileSync('mount', ['-o', 'remount,rw', workspace.outbox()]);
    await expectAllAnsweredOnce(workspace, simulator);
    await endWell(program);
  });

  test('before the start is a mistake that costs nothing', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    if ((await smallDisk(workspace.outbox())) === null) return;
    execFileSync('mount', ['-o', 'remount,ro', workspace.outbox()]);
    await dropAll(workspace);
    const program = await stage.run(onceOver(workspace, simulator));
    expect(program.code).toBe(2);
    expect(program.stderr).toContain(workspace.outbox());
    expect(program.stderr).toContain('read-only');
    expect(simulator.billing()).toEqual([]);
  });
});

describe('folders that change under a daemon', () => {
  test('an outbox that vanished is waited for: nothing is asked meanwhile, and it goes on when that is back', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    const program = stage.start(daemonOver(workspace, simulator, ...LIMITS));
    await workspace.drop('early.txt');
    await program.logged('document-succeeded');
    const away = join(workspace.root, 'away');
    await rename(workspace.outbox(), away);
    expect(await program.logged('gate-paused')).toMatchObject({
      scope: 'disk',
      reason: expect.stringContaining(`${workspace.outbox()} is gone. Put it back`),
    });
    await workspace.drop('folder/late.txt');
    await twoScansMore(program);
    expect(simulator.billing()).toMatchObject([{ requests: 1 }]);
    expect(existsSync(workspace.outbox())).toBe(false);

    await rename(away, workspace.outbox());
    await program.logged('gate-resumed');
    await until('the second is answered', () => workspace.hasResult('folder/late.txt'));
    await endWell(program);
    expect(simulator.billing().map(({ requests }) => requests)).toEqual([1, 1]);
  });

  test('an answer that comes while the outbox is away, and another folder in its place, is kept for the right one', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: LATENCY });
    const program = stage.start(daemonOver(workspace, simulator, ...LIMITS));
    await program.logged('scan-finished');
    await workspace.drop('a.txt');
    await program.logged('attempt-started');
    const away = join(workspace.root, 'away');
    await rename(workspace.outbox(), away);
    await mkdir(workspace.outbox());
    await program.logged('gate-paused', ({ reason }) => String(reason).includes('Another folder'));
    await twoScansMore(program);
    expect(await readdir(workspace.outbox())).toEqual([]);

    await rmdir(workspace.outbox());
    await rename(away, workspace.outbox());
    await program.logged('document-succeeded');
    expect(await workspace.result('a.txt')).toContain('a.txt');
    await endWell(program);
    expect(simulator.billing()).toMatchObject([{ requests: 1 }]);
  });
});

describe('a result that has no place', () => {
  const BARS: readonly [string, (workspace: Workspace) => Promise<unknown>, string][] = [
    [
      'a folder has its name',
      (workspace) => mkdir(workspace.outbox('q1/a.txt.md'), { recursive: true }),
      'A folder stands',
    ],
    [
      'a file stands where its folder belongs',
      async (workspace) => {
        await mkdir(workspace.outbox());
        await writeFile(workspace.outbox('q1'), '');
      },
      'A file stands',
    ],
    [
      'its folder takes no files',
      async (workspace) => {
        await mkdir(workspace.outbox('q1'), { recursive: true });
        await chmod(workspace.outbox('q1'), 0o555);
      },
      'Permission denied',
    ],
    [
      'its folder is closed to us',
      async (workspace) => {
        await mkdir(workspace.outbox('q1'), { recursive: true });
        await chmod(workspace.outbox('q1'), 0o000);
      },
      'not tell',
    ],
  ];
  test.each(BARS)('because %s costs nothing, and holds up no other', async (_, bar, words) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await bar(workspace);
    await workspace.drop('q1/a.txt');
    await workspace.drop('b.txt');
    const program = await stage.run(onceOver(workspace, simulator), WITHOUT_PRIVILEGES);
    const told = program.log.findLast(({ document }) => document === 'q1/a.txt');
    expect(told?.['reason']).toContain(words);
    expect(program.log.filter(({ event }) => event === 'gate-paused')).toEqual([]);
    expect(workspace.hasResult('b.txt')).toBe(true);
    expect(simulator.billing()).toMatchObject([{ requests: 1 }]);
    // Where it is not told whether it was answered, it is not known to have failed.
    expect(program.code).toBe(words === 'not tell' ? 7 : 3);
  });

  test('any more when its answer comes is filed beside its report, and not asked again', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator({ latency: LATENCY });
    const program = stage.start(daemonOver(workspace, simulator, ...LIMITS));
    await program.logged('scan-finished');
    await workspace.drop('a.txt');
    await program.logged('attempt-started');
    await mkdir(workspace.outbox('a.txt.md'));
    const failed = await program.logged('document-failed');
    expect(failed).toMatchObject({ code: 'path-barred', report: 'a.txt.error.json' });
    expect(await readFile(workspace.failed('a.txt.partial.md'), 'utf8')).toContain('a.txt');
    expect((await workspace.report('a.txt'))['reason']).toMatch(/A folder stands where .* it cost [\d.e-]+ USD/);
    await twoScansMore(program);
    expect(program.log.filter(({ event }) => event === 'gate-paused')).toEqual([]);
    await endWell(program);
    expect(simulator.billing()).toMatchObject([{ requests: 1 }]);
  });
});

describe('a ledger that cannot be used', () => {
  const SPOILS: readonly [string, (folder: string) => Promise<unknown>][] = [
    ['is a folder', (folder) => mkdir(join(folder, 'ledger.db'), { recursive: true })],
    [
      'lies where a file stands',
      async (folder) => {
        await rm(folder, { recursive: true, force: true });
        await writeFile(folder, 'Not a folder.');
      },
    ],
    [
      'cannot be written to',
      async (folder) => {
        await (await openLedger(folder)).close();
        await chmod(join(folder, 'ledger.db'), 0o444);
      },
    ],
  ];
  test.each(SPOILS)('because it %s: exit 6, and nothing is sent', async (_, spoil) => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await dropAll(workspace);
    await spoil(join(workspace.root, '.sluice'));
    const program = await stage.run(onceOver(workspace, simulator), WITHOUT_PRIVILEGES);
    expect(program.code).toBe(6);
    expect(program.stderr).toContain(join(workspace.root, '.sluice'));
    expect(program.stderr).not.toMatch(/^\s+at /m);
    expect(simulator.billing()).toEqual([]);
    expect(NAMES.every((name) => existsSync(workspace.inbox(name)))).toBe(true);
  });

  test('because it is damaged is moved aside and made anew, and results still count', async () => {
    const workspace = await stage.workspace();
    const simulator = await stage.simulator();
    await dropAll(workspace);
    expect((await stage.run(onceOver(workspace, simulator))).code).toBe(0);
    await writeFile(join(workspace.root, '.sluice', 'ledger.db'), Buffer.alloc(20_000, 'no database '));
    const program = await stage.run(onceOver(workspace, simulator));
    expect(program.code).toBe(0);
    expect(program.summary).toMatchObject({ skipped: NAMES.length, attempts: 0 });
    expect(program.log).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: expect.stringMatching(/damaged/) }),
    );
    expect(program.log).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: expect.stringMatching(/^12 results in the outbox/) }),
    );
    expect(await readdir(join(workspace.root, '.sluice'))).toContainEqual(
      expect.stringMatching(/^ledger\.db\.damaged-/),
    );
    expect((await stage.run(onceOver(workspace, simulator))).summary).toMatchObject({ skipped: NAMES.length });
  });
});
