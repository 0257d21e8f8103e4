import { describe, expect, jest, test } from '@jest/globals';
import type { FaultPlan } from '../../src/simulator/fault-plan.ts';
import { until } from '../support/until.ts';
import { type Scene, scenes } from './scene.ts';

jest.setTimeout(60_000);

const scene = scenes();
const DOCUMENT = 'minutes.txt';
const ANSWERED = { code: 0, summary: expect.objectContaining({ succeeded: 1, failed: 0, pending: 0 }) };

/** The first reply is lost on its way, after the answer was made. */
const LOST: FaultPlan = { faults: [{ kind: 'reset-after', attempts: [1] }] };

function bill({ simulator }: Scene): readonly object[] {
  return simulator.billing().map(({ requests, billed, answered }) => ({ requests, billed, answered }));
}

describe('--replay-cache', () => {
  test('makes the answer to a call whose reply was lost come again, free', async () => {
    const stage = await scene(LOST);
    await stage.workspace.drop(DOCUMENT);
    const program = await stage.once(['--replay-cache']);
    expect(program).toMatchObject(ANSWERED);
    expect(program.summary).toMatchObject({ attempts: 2, inDoubt: 1, costUsd: 0 });
    expect(bill(stage)).toEqual([{ requests: 2, billed: 1, answered: 1 }]);
    expect(await stage.workspace.result(DOCUMENT)).toContain('simulator');
  });

  test('works over the death of the program: the next one sends the same bytes', async () => {
    const stage = await scene({ faults: [{ kind: 'slow-headers', seconds: 1, attempts: [1] }] });
    await stage.workspace.drop(DOCUMENT);
    const first = stage.start(['--once', '--settle', '0', ...stage.flags, '--replay-cache']);
    await until('the call is out', async () => (await stage.requests()).length === 1);
    const madeAt = Date.now() + 1000;
    first.kill('SIGKILL');
    await first.exited;
    await until('the answer is made', () => Date.now() >= madeAt);

    expect(await stage.once(['--replay-cache'])).toMatchObject(ANSWERED);
    expect(bill(stage)).toEqual([{ requests: 2, billed: 1, answered: 1 }]);
  });

  test('does not bring back a whole reply that was no good', async () => {
    const stage = await scene({ faults: [{ kind: 'empty', attempts: [1] }] });
    await stage.workspace.drop(DOCUMENT);
    const program = await stage.once(['--replay-cache']);
    expect(program).toMatchObject(ANSWERED);
    expect(program.summary).toMatchObject({ attempts: 2, inDoubt: 0 });
    expect(bill(stage)).toEqual([{ requests: 2, billed: 2, answered: 1 }]);
  });

  test('is off by default: a lost answer is paid for again, and that is said', async () => {
    const stage = await scene(LOST);
    await stage.workspace.drop(DOCUMENT);
    const program = await stage.once();
    expect(program).toMatchObject(ANSWERED);
    expect(program.summary).toMatchObject({ attempts: 2, inDoubt: 1 });
    expect(bill(stage)).toEqual([{ requests: 2, billed: 2, answered: 1 }]);
  });
});
