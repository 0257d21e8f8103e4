import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { pdfFile } from '../inbox/convert/pdf-file.ts';
import type { Program } from '../support/program.ts';
import { sayNotTested } from '../support/say-not-tested.ts';
import type { Workspace } from '../support/workspace.ts';
import { startHoldingServer } from '../wire/holding-server.ts';
import { onceOver, setTheStage } from './stage.ts';

jest.setTimeout(120_000);

const stage = setTheStage();

const DOCUMENTS = 24;
const BYTES = 16_000_000;
const KINDS = ['pdf', 'txt', 'jpg', 'txt'] as const;

function contentOf(kind: (typeof KINDS)[number], number: number): Buffer {
  switch (kind) {
    case 'pdf':
      return pdfFile([`${number} `.padEnd(BYTES - 1000, 'x')]);
    case 'txt':
      return Buffer.alloc(BYTES, `${number} The harvest was late. `);
    case 'jpg':
      return Buffer.concat([Buffer.from(`\xFF\xD8\xFF\xE0\0\x10JFIF\0${number}`, 'latin1')], BYTES);
  }
}

async function dropAll(workspace: Workspace): Promise<void> {
  for (let number = 0; number < DOCUMENTS; number += 1) {
    const kind = KINDS[number % KINDS.length] ?? 'txt';
    await workspace.drop(`${number}.${kind}`, contentOf(kind, number));
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
