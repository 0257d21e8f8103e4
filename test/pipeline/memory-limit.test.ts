import { describe, expect, test } from '@jest/globals';
import { StoppedError } from '../../src/domain/errors.ts';
import { Signal } from '../../src/lib/signal.ts';
import { type MemoryLease, MemoryLimit } from '../../src/pipeline/memory-limit.ts';

const MIB = 1024 * 1024;

/** Documents that were read and are not yet sent. */
class Reading {
  readonly memory = new MemoryLimit();
  readonly closing = new Signal();
  readonly inside: string[] = [];
  readonly stopped: string[] = [];
  readonly #leases = new Map<string, MemoryLease>();

  async come(name: string, size: number, end = this.closing): Promise<void> {
    try {
      const lease = await this.memory.lease(size, end);
      this.inside.push(name);
      this.#leases.set(name, lease);
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error;
      this.stopped.push(name);
    }
  }

  /** Several of this size come, one after the other. */
  async all(names: readonly string[], size: number): Promise<void> {
    for (const name of names) void this.come(name, size);
    await settled();
  }

  async release(name: string): Promise<void> {
    this.#leases.get(name)?.release();
    await settled();
  }
}

/** Resolves when all that follows on promises has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('MemoryLimit', () => {
  test('lets small documents pass, however many there are, without a wait', async () => {
    const reading = new Reading();
    await reading.all(['large'], 64 * MIB);
    for (let count = 0; count < 1000; count += 1)
      expect(reading.memory.lease(1000, reading.closing)).not.toBeInstanceOf(Promise);
    await reading.all(
      Array.from({ length: 1000 }, () => 'small'),
      1000,
    );
    expect(reading.inside).toHaveLength(1001);
  });

  test('lets large ones in, in the order in which they came, as those before them are sent', async () => {
    const reading = new Reading();
    await reading.all(['a', 'b', 'c', 'd', 'e'], 20 * MIB);
    expect(reading.inside).toEqual(['a', 'b', 'c']);
    await reading.release('b');
    await reading.release('b');
    expect(reading.inside).toEqual(['a', 'b', 'c', 'd']);
  });

  test('counts a lease once, however often it is released', async () => {
    const reading = new Reading();
    await reading.all(['a', 'b', 'c', 'd', 'e'], 20 * MIB);
    await reading.release('a');
    await reading.release('a');
    expect(reading.inside).toEqual(['a', 'b', 'c', 'd']);
    await reading.release('c');
    expect(reading.inside).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('lets one in that is larger than all the room when nothing else is there', async () => {
    const reading = new Reading();
    await reading.all(['a'], 20 * MIB);
    await reading.all(['huge'], 500 * MIB);
    await reading.all(['b'], 20 * MIB);
    expect(reading.inside).toEqual(['a']);
    await reading.release('a');
    expect(reading.inside).toEqual(['a', 'huge']);
    await reading.release('huge');
    expect(reading.inside).toEqual(['a', 'huge', 'b']);
  });

  test('sends those that wait away when the run ends, and goes on with those inside', async () => {
    const reading = new Reading();
    await reading.all(['a', 'b'], 60 * MIB);
    reading.closing.fire();
    await settled();
    expect(reading.stopped).toEqual(['b']);
    await reading.release('a');
    expect(reading.inside).toEqual(['a']);
  });

  test('lets no large one in after the run has ended', async () => {
    const reading = new Reading();
    reading.closing.fire();
    await reading.all(['a'], 60 * MIB);
    expect(reading).toMatchObject({ inside: [], stopped: ['a'] });
  });

  test('forgets those that no longer wait', async () => {
    const reading = new Reading();
    const end = new Signal();
    await reading.all(['a'], 60 * MIB);
    void reading.come('b', 60 * MIB, end);
    await reading.all(['c'], 60 * MIB);
    end.fire();
    await reading.release('a');
    expect(reading).toMatchObject({ inside: ['a', 'c'], stopped: ['b'] });
  });
});
