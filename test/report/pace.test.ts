import { expect, test } from '@jest/globals';
import { Pace } from '../../src/report/pace.ts';

const CALLS = 5;

/** A run that is looked at eight times a second. */
class Run {
  readonly pace = new Pace();
  nowMs = 0;
  readonly done = { worked: 0, asked: 0, askedBytes: 0 };

  /** So many documents a second, of so many bytes each. */
  goOn(seconds: number, perSecond: number, bytes = 1000, active = true): this {
    const before = { ...this.done };
    const startMs = this.nowMs;
    for (let frame = 1; frame <= seconds * 8; frame += 1) {
      const documents = Math.floor((frame / 8) * perSecond);
      this.done.worked = before.worked + documents;
      this.done.asked = before.asked + documents;
      this.done.askedBytes = before.askedBytes + documents * bytes;
      this.nowMs = startMs + (frame / 8) * 1000;
      this.pace.advance(this.done, { nowMs: this.nowMs, active, calls: CALLS });
    }
    return this;
  }

  left(documents: number, bytes = documents * 1000): number | null {
    return this.pace.secondsLeft({ documents, bytes }, CALLS);
  }
}

test('a steady pace goes on', () => {
  expect(new Run().goOn(30, 2).left(100)).toBeCloseTo(50, -1);
});

test.each([
  ['too little time', 4, 100],
  ['too few documents for the calls at once', 30, 0.3],
])('%s tells nothing', (_, seconds, perSecond) => {
  expect(new Run().goOn(seconds, perSecond).left(100)).toBeNull();
});

test('the last 20 seconds count, not the whole run', () => {
  const seconds = new Run().goOn(300, 1).goOn(30, 4).left(400);
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThan(200);
});

test('where documents are asked slowly, it is as long as enough of them took', () => {
  const seconds = new Run().goOn(200, 0.2).left(20);
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThan(200);
});

test('large documents that are left take longer, by how much is not known: there is no time, or one between', () => {
  const run = new Run().goOn(60, 2, 1000);
  // By their number 50 s, by their bytes 150 s.
  const between = run.left(100, 300_000);
  expect(between).toBeGreaterThan(75);
  expect(between).toBeLessThan(100);
  expect(run.left(100, 10_000_000)).toBeNull();
});

test('a wait may come again or not: there is no time after a long one, until it is behind', () => {
  const run = new Run().goOn(30, 2).goOn(120, 0, 1000, false).goOn(5, 2);
  expect(run.left(100)).toBeNull();
  expect(run.goOn(25, 2).left(100)).toBeCloseTo(50, -1);
});
