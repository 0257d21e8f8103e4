import { posix } from 'node:path';
import { concatMap, from, lastValueFrom, map, toArray } from 'rxjs';
import type { DocumentRef } from '../../domain/document.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { isPresent } from '../../lib/operators.ts';
import type { PlannedDocument } from './documents.ts';
import { type Measured, type MeasureSettings, type Measures, measureDocument } from './measure.ts';
import { projectTotal } from './pilot.ts';
import { type Counts, countEach, groupBy, sumOf } from './plan.ts';

export interface PromptSettings extends MeasureSettings {
  /** What is looked into; and of that, the characters whose tokens are counted. @default MOST */
  readonly most?: SampleBounds & { readonly counted: number };
}

/** Takes a second or two, where it is text. */
const MOST = { documents: 200, bytes: 200_000_000, counted: 4_000_000 };

/** Documents of one kind, and what asking them takes. */
export interface KindEstimate {
  readonly recipe: Recipe;
  /** Without those that were found to be refused. */
  readonly asked: readonly PlannedDocument[];
  /** How many are asked: where only some were looked into, as many of the others are taken to be refused. */
  readonly documents: number;
  /** Of those. */
  readonly bytes: number;
  /** By our words for why. */
  readonly refusals: Counts;
  /** What was looked into, and is asked. */
  readonly counted: { readonly documents: number; readonly bytes: number };
  /** Of all that are asked. */
  readonly totals: Record<Total, number>;
  /** Of one document, at most, as far as they were looked into. */
  readonly longest: number;
  /** The longest answer that is asked for. */
  readonly maxTokens: number;
}

export type Total = 'requests' | 'answersRead' | 'textTokens' | 'mediaTokens' | 'mediaTokensAtMost';

interface MeasuredKind extends Kind {
  /** What became of each of the sample, as far as it was there. */
  readonly measured: readonly (readonly [PlannedDocument, Measured])[];
}

/** The prompts of all documents: made for a sample of each kind, and from there on estimated by sizes. */
export async function estimatePrompts(
  documents: readonly PlannedDocument[],
  settings: PromptSettings,
): Promise<readonly KindEstimate[]> {
  const { most = MOST } = settings;
  const kinds = sampleDocuments(documents, most);
  const sample = kinds.flatMap((kind) => kind.sample);
  const bytes = sample.reduce((sum, { size }) => sum + size, 0);
  const mostCounted = bytes <= most.counted ? Number.POSITIVE_INFINITY : Math.ceil(most.counted / sample.length);
  const measuring = from(kinds).pipe(
    concatMap((kind) => measureKind(kind, mostCounted, settings)),
    toArray(),
  );
  const measured = await lastValueFrom(measuring);
  const everyone = measured.flatMap(measuresOf);
  return measured.map((kind) => estimateOf(kind, everyone, settings));
}

function measureKind(kind: Kind, mostCounted: number, settings: MeasureSettings) {
  return from(kind.sample).pipe(
    concatMap((document) =>
      measureDocument(document, mostCounted, settings).pipe(
        concatMap((measured) => (measured === null ? [] : [[document, measured] as const])),
      ),
    ),
    toArray(),
    map((measured): MeasuredKind => ({ ...kind, measured })),
  );
}

function measuresOf({ measured }: MeasuredKind): readonly Measures[] {
  return measured.flatMap(([, one]) => (one.kind === 'asked' ? [one] : []));
}

/** Of a kind of which nothing is known, what is known of all goes. */
function estimateOf(kind: MeasuredKind, everyone: readonly Measures[], settings: MeasureSettings): KindEstimate {
  const measures = measuresOf(kind);
  const refusals = refusalsOf(kind);
  const asked = askedOf(kind);
  const documents = kind.documents.length - sumOf(refusals);
  const size = asked.reduce((bytes, one) => bytes + one.size, 0);
  const bytes = asked.length === 0 ? 0 : Math.round((size * documents) / asked.length);
  const sample = kind.measured.length > 0 ? measures : everyone;
  return {
    recipe: kind.recipe,
    asked,
    documents,
    bytes,
    refusals,
    counted: { documents: measures.length, bytes: countedBytes(measures) },
    totals: totalsOf(sample, { count: documents, size: bytes }),
    longest: Math.max(1, ...sample.map(({ requests }) => requests)),
    maxTokens: sample.length === 0 ? settings.maxTokens : Math.max(...sample.map(({ maxTokens }) => maxTokens)),
  };
}

/** As large a share of all as of the sample. */
function refusalsOf({ documents, measured }: MeasuredKind): Counts {
  const found = countEach(measured.flatMap(([, one]) => (one.kind === 'refused' ? [one.code] : [])));
  return new Map([...found].map(([code, count]) => [code, Math.floor((documents.length * count) / measured.length)]));
}

function askedOf({ documents, measured }: MeasuredKind): readonly PlannedDocument[] {
  const refused = new Set(measured.flatMap(([document, one]) => (one.kind === 'refused' ? [document] : [])));
  return documents.filter((document) => !refused.has(document));
}

function totalsOf(sample: readonly Measures[], all: Parameters<typeof projectTotal>[1]): KindEstimate['totals'] {
  const total = (of: Total): number => {
    const values = sample.map((one) => ({ size: one.size, value: one[of] }));
    return Math.round(projectTotal(values, all).likely);
  };
  return {
    requests: Math.max(all.count, total('requests')),
    answersRead: total('answersRead'),
    textTokens: total('textTokens'),
    mediaTokens: total('mediaTokens'),
    mediaTokensAtMost: total('mediaTokensAtMost'),
  };
}

function countedBytes(measures: readonly Measures[]): number {
  return Math.round(measures.reduce((sum, one) => sum + one.countedBytes, 0));
}

/** Documents that are asked with the same recipe and have the same ending, so that some tell of the others. */
interface Kind {
  readonly recipe: Recipe;
  readonly documents: readonly PlannedDocument[];
  /** Those that are looked into, of all sizes. */
  readonly sample: readonly PlannedDocument[];
}

/** What is looked into, as far as there is more. */
interface SampleBounds {
  readonly documents: number;
  /** Of them together. */
  readonly bytes: number;
}

/** All documents by their kinds, each with its share of the sample; where there are very many kinds, some have none. */
export function sampleDocuments(documents: readonly PlannedDocument[], most: SampleBounds): readonly Kind[] {
  const kinds = groupBy(documents, ({ recipe, id }) => JSON.stringify([recipe.name, posix.extname(id).toLowerCase()]));
  const shares = [...kinds.values()].map((alike, index) => ({
    recipe: alike[0].recipe,
    documents: alike,
    sample: spreadOverSizes(alike, shareOf(alike.length, index, { all: documents.length, kinds: kinds.size }, most)),
  }));
  const bytes = shares.flatMap(({ sample }) => sample).reduce((sum, { size }) => sum + size, 0);
  return bytes <= most.bytes ? shares : shares.map((kind) => fewer(kind, most.bytes / bytes));
}

/** One, and of the rest as large a share as of all documents. */
function shareOf(
  count: number,
  index: number,
  { all, kinds }: { readonly all: number; readonly kinds: number },
  most: SampleBounds,
): number {
  if (all <= most.documents) return count;
  if (index >= most.documents) return 0;
  return 1 + Math.floor((Math.max(0, most.documents - kinds) * count) / all);
}

function fewer({ sample, ...kind }: Kind, share: number): Kind {
  return { ...kind, sample: spreadOverSizes(sample, Math.max(1, Math.floor(sample.length * share))) };
}

/** Picks `count` documents, or all where there are no more, so that every size has its share: the middles of equal parts. */
export function spreadOverSizes<T extends DocumentRef>(documents: readonly T[], count: number): readonly T[] {
  if (documents.length <= count) return documents;
  const bySize = documents.toSorted((one, other) => one.size - other.size || (one.id < other.id ? -1 : 1));
  const part = bySize.length / count;
  return Array.from({ length: count }, (_, index) => bySize[Math.floor((index + 0.5) * part)]).filter(isPresent);
}
