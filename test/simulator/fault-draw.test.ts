import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../src/simulator/fault-plan.ts';
import { createFaultDraw } from '../../src/simulator/fault-plan.ts';

function subject(text: string, attempt = 1) {
  return { text, attempt, document: hash('sha256', text) };
}

function manySubjects(count: number, attempt = 1) {
  return Array.from({ length: count }, (_, index) => subject(`document ${index}`, attempt));
}

describe('a fault draw', () => {
  test('leaves every attempt alone if the plan is empty', () => {
    expect(createFaultDraw({})(subject('a'))).toEqual({ fault: undefined, latency: 0 });
  });

  test('takes the first fault that matches', () => {
    const drawFor = createFaultDraw({
      faults: [{ kind: 'hang', attempts: [2] }, { kind: 'blank' }, { kind: 'empty' }],
    });
    expect(drawFor(subject('a', 1)).fault?.kind).toBe('blank');
    expect(drawFor(subject('a', 2)).fault?.kind).toBe('hang');
  });

  test('matches the text of the document', () => {
    const drawFor = createFaultDraw({ faults: [{ kind: 'hang', document: '^Größe' }] });
    expect(drawFor(subject('Größe 12')).fault?.kind).toBe('hang');
    expect(drawFor(subject('eine Größe')).fault).toBeUndefined();
  });

  test('draws the same for the same seed, document and attempt, and differently if one of them differs', () => {
    const faults: readonly Fault[] = [{ kind: 'hang', share: 0.5 }];
    const drawn = (seed: number, attempt: number) =>
      manySubjects(64, attempt).map((each) => createFaultDraw({ seed, faults })(each).fault?.kind);
    expect(drawn(1, 1)).toEqual(drawn(1, 1));
    expect(drawn(1, 1)).not.toEqual(drawn(2, 1));
    expect(drawn(1, 1)).not.toEqual(drawn(1, 2));
  });

  test('draws for each fault by itself, so that shares do not hide each other', () => {
    const drawFor = createFaultDraw({
      faults: [
        { kind: 'hang', share: 0.2 },
        { kind: 'blank', share: 0.25 },
      ],
    });
    const kinds = manySubjects(4_000).map((each) => drawFor(each).fault?.kind);
    expect(kinds.filter((kind) => kind === 'hang').length / 4_000).toBeCloseTo(0.2, 1);
    expect(kinds.filter((kind) => kind === 'blank').length / 4_000).toBeCloseTo(0.2, 1);
  });

  test('never draws a share of 0 and always one of 1', () => {
    const drawFor = createFaultDraw({
      faults: [
        { kind: 'hang', share: 0 },
        { kind: 'blank', share: 1 },
      ],
    });
    expect(new Set(manySubjects(200).map((each) => drawFor(each).fault?.kind))).toEqual(new Set(['blank']));
  });

  test('spreads latency evenly between two numbers', () => {
    const drawFor = createFaultDraw({ latency: [0.1, 0.3] });
    const latencies = manySubjects(2_000).map((each) => drawFor(each).latency);
    expect(Math.min(...latencies)).toBeGreaterThanOrEqual(0.1);
    expect(Math.max(...latencies)).toBeLessThan(0.3);
    expect(latencies.reduce((sum, each) => sum + each, 0) / 2_000).toBeCloseTo(0.2, 2);
  });
});
