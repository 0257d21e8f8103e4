import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import type { Program } from '../support/program.ts';
import { sayNotTested } from '../support/say-not-tested.ts';
import type { Workspace } from '../support/workspace.ts';
import { startHoldingServer } from '../wire/holding-server.ts';
import { onceOver, setTheStage } from './stage.ts';

jest.setTimeout(120_000);

const stage = setTheStage();

const DOCUMENTS = 24;
const BYTES = 16_000_000;
const KINDS = [
  ['pdf', '%PDF-1.7\n'],
  ['txt', ''],
  ['jpg', '\xFF\xD8\xFF\xE0\0\x10JFIF\0'],
  ['txt', ''],
] as const;

/** What is not written of a file reads as zeros, and takes no place on the disk. */
async function dropAll(workspace: Workspace): Promise<void> {
  for (let number = 0; number < DOCUMENTS; number += 1) {
    const [ending, head] = KINDS[number % KINDS.length] ?? ['', ''];
    const bytes =
      ending === 'txt' ? Buffer.alloc(BYTES, `${number} The harvest was late. `) : Buffer.from(head, 'latin1');
    const file = await open(await workspace.drop(`${number}.${ending}`, bytes), 'r+');
    await file.write(`${number}`, head.length);
    await file.truncate(BYTES);
    await file.close();
  }
}

/** Megabytes: the most that it ever had in memory. */
function peakOf({ child }: Program): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const hasProc = existsSync('/proc/self/status');
if (!hasProc) sayNotTested('the memory of large documents in flight', 'there is no /proc');

(hasProc ? describe : describe.skip)('large documents in flight', () => {
  test('take no memory once they are sent', async () => {
    const workspace = await stage.workspace();
    await dropAll(workspace);
    const peaks: number[] = [];
    const server = await startHoldingServer(DOCUMENTS, () => peaks.push(peakOf(program)));
    stage.afterwards(() => server.close());
    const limits = ['--concurrency', `${DOCUMENTS}`, '--max-bytes', '16M', '--retries', '0'];
    const program = stage.start(onceOver(workspace, server, ...limits));
    expect(await program.exited).toBe(0);
    expect(program.summary).toMatchObject({ succeeded: DOCUMENTS, attempts: DOCUMENTS });
    // Once, with all of them in flight. Their bodies have 440 MB, and the program itself takes 130.
    expect(peaks).toEqual([expect.any(Number)]);
    expect(peaks[0]).toBeLessThan(530);
  });
});
