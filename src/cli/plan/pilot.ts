import type { AttemptRecord } from '../../domain/attempt.ts';
import type { DocumentRef } from '../../domain/document.ts';
import type { DocumentState } from '../../domain/ledger.ts';
import type { Price } from '../../domain/ports.ts';
import { costOf, type LedgerReader } from '../../domain/receipt.ts';
import { isPresent } from '../../lib/operators.ts';
import { countEach, type Pilot, type Projection } from './plan.ts';

export interface PilotRun {
  /** Those that were taken up. */
  readonly documents: readonly DocumentRef[];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly stopped: boolean;
}

/** A document of the pilot, and what was done for it. */
interface Tried {
  readonly size: number;
  /** Null where the ledger does not know it any more. */
  readonly state: DocumentState | null;
  /** Why it failed or is held; else null. */
  readonly code: string | null;
  readonly attempts: readonly Attempt[];
}

/** With the model that was asked, whichever answered. */
type Attempt = AttemptRecord & { readonly asked: string };

export interface PilotSettings {
  /** Calls; null where more than they bounds the pace. */
  readonly atOnce: number | null;
  /** Goes for what the API does not tell. */
  readonly priceOf: (model: string) => Price | null;
}

/** What is left to be asked. */
type Rest = Parameters<typeof projectTotal>[1];

/**
 * What a pilot came to, and what follows from it for the documents that are left.
 *
 * @throws DiskError
 */
export function readPilot(reader: LedgerReader, run: PilotRun, rest: Rest, settings: PilotSettings): Pilot {
  const tried = run.documents.map((document) => triedOf(reader, document, run.startedAt));
  const attempts = tried.flatMap((one) => one.attempts);
  return {
    documents: tried.length,
    succeeded: tried.filter(isAnswered).length,
    failures: Object.fromEntries(countEach(tried.flatMap(({ code }) => code ?? []))),
    stopped: run.stopped,
    attempts: attempts.length,
    ...costOf(attempts),
    estimate: estimateFrom(tried.filter(hasEnded), rest, settings),
  };
}

/** What was left half done, or never sent, does not tell what a document comes to. */
function hasEnded(one: Tried): boolean {
  return one.attempts.length > 0 && (isAnswered(one) || one.code !== null);
}

function estimateFrom(ended: readonly Tried[], rest: Rest, { atOnce, priceOf }: PilotSettings): Pilot['estimate'] {
  const heard = ended.filter((one) => isAnswered(one) || one.attempts.some(isPaidFor));
  if (heard.length === 0) return null;
  const project = (valueOf: (attempts: Tried['attempts']) => number | null): Projection | null =>
    heard.some(({ attempts }) => valueOf(attempts) !== null)
      ? projectTotal(
          ended.flatMap(({ size, attempts }) => {
            const value = valueOf(attempts);
            return value === null ? [] : [{ size, value }];
          }),
          rest,
        )
      : null;
  return {
    costUsd: project(told((attempt) => attempt.costUsd ?? costAt(priceOf(attempt.asked), attempt))),
    promptTokens: project(told(({ promptTokens }) => promptTokens)),
    completionTokens: project(told(({ completionTokens }) => completionTokens)),
    seconds: atOnce === null ? null : project((attempts) => sum(attempts.map(({ seconds }) => seconds)) / atOnce),
  };
}

function isAnswered({ state }: Tried): boolean {
  return state === 'done';
}

/** Such as a cut answer. */
function isPaidFor({ completionTokens }: AttemptRecord): boolean {
  return completionTokens !== null && completionTokens > 0;
}

/** In all; null where calls were, or may have been, billed and none of them told. */
function told(valueOf: (attempt: Attempt) => number | null) {
  return (attempts: readonly Attempt[]): number | null => {
    const billed = attempts.filter(({ billing }) => billing !== 'none');
    const known = billed.map(valueOf).filter(isPresent);
    return known.length === 0 && billed.length > 0 ? null : sum(known);
  };
}

function costAt(price: Price | null, { promptTokens, completionTokens }: AttemptRecord): number | null {
  if (price === null || promptTokens === null || completionTokens === null) return null;
  return promptTokens * price.prompt + completionTokens * price.completion + price.request;
}

/** Attempts of runs before count for nothing; nor does a call of which nothing was written. */
function triedOf(reader: LedgerReader, { id, size }: DocumentRef, startedAt: string): Tried {
  const current = reader.history(id).find((version) => version.current);
  const attempts =
    current?.attempts.flatMap(({ record, model }) => (record === null ? [] : [{ ...record, asked: model }])) ?? [];
  return {
    size,
    state: current?.state ?? null,
    code: current?.code ?? null,
    attempts: attempts.filter((attempt) => attempt.startedAt >= startedAt),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** One of a sample: what it came to, and how large it is. */
interface Sample {
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
