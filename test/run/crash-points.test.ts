import { describe, expect, test } from '@jest/globals';
import { NEVER } from 'rxjs';
import type { Disk } from '../../src/lib/durable-files.ts';
import { type CrashPorts, crashLabels, crashPoints } from '../../src/run/crash-points.ts';
import { answer, MemoryOutbox, outcomeOf, preparedAs } from '../pipeline/in-memory.ts';
import { MemoryLedger } from '../pipeline/memory-ledger.ts';
import { content, question } from '../pipeline/ports-in-memory.ts';

function portsOf(): CrashPorts & { readonly ledger: MemoryLedger; readonly outbox: MemoryOutbox } {
  return {
    inbox: {
      events: NEVER,
      read: () => Promise.resolve({ kind: 'read', content }),
      release: () => Promise.resolve(null),
    },
    ledger: new MemoryLedger(),
    outbox: new MemoryOutbox(),
    llm: {
      prepare: () =>
        preparedAs((_, listener) => {
          listener.head({ status: 200, generationId: null });
          return { outcome: Promise.resolve(outcomeOf(1, answer, 'the answer')), abort: () => undefined };
        }),
    },
  };
}

/** Ports that note in `deaths` what was written, at each death. */
function mortal(at: string) {
  const ports = portsOf();
  const deaths: string[][] = [];
  const points = crashPoints({ SLUICE_CRASH_AT: at }, () => deaths.push([...ports.ledger.written]));
  if (points === null) throw new Error('nothing is wrapped');
  return { ports: points.on(ports), points, deaths };
}

const { document, sha256 } = content;
const failed = {
  document,
  sha256,
  api: 'api',
  recipe: question.recipe,
  state: 'failed',
  code: 'x',
  reason: 'y',
} as const;

test('nothing is wrapped if the variable is not set', () => {
  expect(crashPoints({})).toBeNull();
  expect(crashPoints({ SLUICE_CRASH_AT: '' })).toBeNull();
});

test('a point that does not exist is a mistake', () => {
  expect(() => crashPoints({ SLUICE_CRASH_AT: 'ledger.rest' })).toThrow('ledger.rest');
  expect(new Set(crashLabels).size).toBe(crashLabels.length);
});

describe('the process dies', () => {
  test('before something is written, or after', async () => {
    const before = mortal('ledger.settle:before');
    await before.ports.ledger.settle(failed);
    expect(before.deaths).toEqual([[]]);

    const after = mortal('ledger.settle:after');
    await after.ports.ledger.settle(failed);
    expect(after.deaths).toEqual([['failed a']]);
  });

  test('when it passes the point for the time that was said, and at no other', async () => {
    const { ports, deaths } = mortal('ledger.reopen:after#2');
    await ports.ledger.reopen('a');
    await ports.ledger.settle(failed);
    expect(deaths).toHaveLength(0);
    await ports.ledger.reopen('a');
    await ports.ledger.reopen('a');
    expect(deaths).toHaveLength(1);
  });

  test.each(['llm.attempt', 'llm.head', 'llm.ended'])('in a call, at %s', async (label) => {
    const { ports, deaths } = mortal(label);
    const request = ports.llm.prepare({ model: 'model', messages: [] });
    expect(request.bodySha256).toBe('body');
    expect(deaths).toHaveLength(0);
    const attempt = request.attempt(
      { number: 1, startedAt: '', skipCache: false },
      { sent: () => undefined, head: () => undefined },
    );
    await attempt.outcome;
    expect(deaths).toHaveLength(1);
  });

  test.each([
    ['disk.write:half', 'write 5 of 10'],
    ['disk.write:after', 'write 10 of 10'],
    ['disk.fsync:after', 'fsync'],
    ['disk.rename:before', 'fsync'],
    ['disk.rename:after', 'rename'],
  ])('in a durable write, at %s', async (label, last) => {
    const done: string[] = [];
    const deaths: (string | undefined)[] = [];
    let written = 0;
    const disk = {
      write: (_: number, bytes: Uint8Array, offset: number) => {
        written = bytes.length;
        done.push(`write ${written} of 10`);
        return written - offset;
      },
      fsync: async () => void done.push('fsync'),
      rename: async () => void done.push('rename'),
    };
    const points = crashPoints({ SLUICE_CRASH_AT: label }, () => deaths.push(done.at(-1)));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a durable write's own steps are all that is wrapped
    const mortalDisk = points?.onDisk(disk as unknown as Disk);
    mortalDisk?.write(1, new Uint8Array(10), 0);
    await mortalDisk?.fsync(1);
    await mortalDisk?.rename('a', 'b');
    expect(deaths).toEqual([last]);
  });
});

test('what is asked at once of a port is passed on', () => {
  const { ports } = mortal('ledger.end:after');
  expect(ports.ledger.recall('a')).toBeUndefined();
  expect(ports.outbox.resultOf({ name: 'a', ending: '.md' })).toBeNull();
});
