import type { Projection } from '../cli/plan/plan.ts';

/** One of a sample: what it came to, and how large it is. */
export interface Sample {
  /** What the value may grow with: bytes. */
  readonly size: number;
  readonly value: number;
}

/** Student's t: 2.5 % lie above it, for one degree of freedom, two, and so on. */
const T = [12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/**
 * What the rest of the documents come to in all, from a sample spread over the sizes: the straight line through the
 * sample (least squares), for some of what a document costs is its own and some grows with its size. The band is that of
 * a prediction with 95 %: it knows of the doubt about the line and of the rest's own scatter. It takes three documents.
 */
export function projectTotal(
  sample: readonly Sample[],
  { count, size }: { readonly count: number; readonly size: number },
): Projection {
  if (count === 0) return { low: 0, likely: 0, high: 0 };
  const line = lineThrough(sample);
  const likely = Math.max(0, count * line.meanValue + line.slope * (size - count * line.meanSize));
  const freedom = sample.length - 2;
  if (freedom < 1) return { low: null, likely, high: null };

  const variance = sumBy(sample, (one) => (one.value - valueOn(line, one.size)) ** 2) / freedom;
  const offMiddle = line.spread === 0 ? 0 : (size / count - line.meanSize) ** 2 / line.spread;
  const halfBand = tValue(freedom) * Math.sqrt(variance * (count + count ** 2 * (1 / sample.length + offMiddle)));
  return { low: Math.max(0, likely - halfBand), likely, high: likely + halfBand };
}

interface Line {
  readonly meanSize: number;
  readonly meanValue: number;
  readonly slope: number;
  /** Sum of the squares of how far sizes are from their mean. */
  readonly spread: number;
}

/** Level where all are of one size. */
function lineThrough(sample: readonly Sample[]): Line {
  const count = Math.max(1, sample.length);
  const meanSize = sumBy(sample, ({ size }) => size) / count;
  const meanValue = sumBy(sample, ({ value }) => value) / count;
  const spread = sumBy(sample, ({ size }) => (size - meanSize) ** 2);
  const rise = sumBy(sample, ({ size, value }) => (size - meanSize) * (value - meanValue));
  return { meanSize, meanValue, spread, slope: spread === 0 ? 0 : rise / spread };
}

function valueOn({ meanSize, meanValue, slope }: Line, size: number): number {
  return meanValue + slope * (size - meanSize);
}

function tValue(freedom: number): number {
  // Beyond the table, off by less than a hundredth.
  return T[freedom - 1] ?? 1.96 + 2.6 / freedom;
}

function sumBy(sample: readonly Sample[], of: (one: Sample) => number): number {
  return sample.reduce((total, one) => total + of(one), 0);
}
