import { posix } from 'node:path';
import type { DocumentRef } from '../../domain/document.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { mapAtOnce, type PlannedDocument } from './documents.ts';
import { type DocumentMeasures, type MeasuredDocument, type MeasureSettings, measureDocument } from './measure.ts';
import { type Counts, countEach, groupBy, sumOf, total } from './plan.ts';

export interface PromptSettings extends MeasureSettings {
  /** What is looked into; and of that, the characters whose tokens are counted. @default MOST */
  readonly most?: SampleBounds & { readonly counted: number };
}

/** Takes a second or two for texts. */
const MOST = { documents: 200, bytes: 200_000_000, counted: 4_000_000 };

/** Documents that are read and converted at once. */
const MEASURED_AT_ONCE = 4;

/** Documents of one kind, and what asking them takes. */
export interface KindEstimate {
  readonly recipe: Recipe;
  /** Without those that were found to be refused. */
  readonly asked: readonly PlannedDocument[];
  /** How many are asked: if only some were looked into, as large a share of the others is taken to be refused. */
  readonly documents: number;
  /** Of those. */
  readonly bytes: number;
  /** By our words for why. */
  readonly refusals: Counts;
  /** What was looked into, and is asked. */
  readonly counted: { readonly documents: number; readonly bytes: number };
  /** Of all that are asked. */
  readonly totals: Record<Total, number>;
  /** Requests of one document, at most, as far as they were looked into. */
  readonly longest: number;
  /** The longest answer that is asked for. */
  readonly maxTokens: number;
}

export type Total = 'requests' | 'answersRead' | 'textTokens' | 'mediaTokens' | 'mediaTokensAtMost';

/** What became of each document of the sample; null if it is gone. */
type Found = ReadonlyMap<PlannedDocument, MeasuredDocument | null>;

/** The prompts of all documents: made for a sample of each kind, and from there on estimated by bytes. */
export async function estimatePrompts(
  documents: readonly PlannedDocument[],
  settings: PromptSettings,
): Promise<readonly KindEstimate[]> {
  const { most = MOST } = settings;
  const kinds = sampleDocuments(documents, most);
  const sample = kinds.flatMap((kind) => kind.sample);
  const bytes = sumSizes(sample);
  const mostCounted = bytes <= most.counted ? Number.POSITIVE_INFINITY : Math.ceil(most.counted / sample.length);
  const measured = await mapAtOnce(sample, MEASURED_AT_ONCE, (one) => measureDocument(one, mostCounted, settings));
  const found = new Map(sample.map((document, index) => [document, measured[index] ?? null]));
  const everyone = askedAmong(measured);
  return kinds.map((kind) => estimateOf(kind, found, everyone, settings));
}

function askedAmong(measured: readonly (MeasuredDocument | null)[]): readonly DocumentMeasures[] {
  return measured.filter((one) => one?.kind === 'asked');
}

/** A kind of which nothing is known is estimated by all documents. */
function estimateOf(
  kind: DocumentKind,
  found: Found,
  everyone: readonly DocumentMeasures[],
  settings: MeasureSettings,
): KindEstimate {
  const measured = kind.sample.map((document) => found.get(document) ?? null).filter((one) => one !== null);
  const measures = askedAmong(measured);
  const refusals = refusalsOf(kind, measured);
  const asked = kind.documents.filter((document) => found.get(document)?.kind !== 'refused');
  const documents = kind.documents.length - sumOf(refusals);
  const bytes = asked.length === 0 ? 0 : Math.round((sumSizes(asked) * documents) / asked.length);
  const sample = measured.length > 0 ? measures : everyone;
  return {
    recipe: kind.recipe,
    asked,
    documents,
    bytes,
    refusals,
    counted: { documents: measures.length, bytes: Math.round(total(measures, ({ countedBytes }) => countedBytes)) },
    totals: totalsOf(sample, documents, bytes),
    longest: Math.max(1, ...sample.map(({ requests }) => requests)),
    maxTokens: sample.length === 0 ? settings.maxTokens : Math.max(...sample.map(({ maxTokens }) => maxTokens)),
  };
}

/** As large a share of all as of the sample. */
function refusalsOf({ documents }: DocumentKind, measured: readonly MeasuredDocument[]): Counts {
  const refused = countEach(measured.flatMap((one) => (one.kind === 'refused' ? [one.code] : [])));
  return new Map([...refused].map(([code, count]) => [code, Math.floor((documents.length * count) / measured.length)]));
}

/** As much as of the sample for each byte. */
function totalsOf(sample: readonly DocumentMeasures[], documents: number, bytes: number): KindEstimate['totals'] {
  const sampled = sumSizes(sample);
  const all = (of: Total): number =>
    sampled === 0 ? 0 : Math.round((total(sample, (one) => one[of]) * bytes) / sampled);
  return {
    requests: Math.max(documents, all('requests')),
    answersRead: all('answersRead'),
    textTokens: all('textTokens'),
    mediaTokens: all('mediaTokens'),
    mediaTokensAtMost: all('mediaTokensAtMost'),
  };
}

function sumSizes(all: readonly { readonly size: number }[]): number {
  return total(all, ({ size }) => size);
}

/** Documents that are asked with the same recipe and have the same ending, so that some speak for the others. */
interface DocumentKind {
  readonly recipe: Recipe;
  readonly documents: readonly PlannedDocument[];
  /** Those that are looked into, of all sizes. */
  readonly sample: readonly PlannedDocument[];
}

/** What is looked into, if there is more. */
interface SampleBounds {
  readonly documents: number;
  /** Of them together. */
  readonly bytes: number;
}

/** All documents by their kinds, each with its share of the sample; of very many kinds, some have none. */
export function sampleDocuments(documents: readonly PlannedDocument[], most: SampleBounds): readonly DocumentKind[] {
  const kinds = groupBy(documents, ({ recipe, id }) => JSON.stringify([recipe.name, posix.extname(id).toLowerCase()]));
  const shares = [...kinds.values()].map((alike, index) => ({
    recipe: alike[0].recipe,
    documents: alike,
    sample: spreadOverSizes(alike, shareOf(alike.length, index, { all: documents.length, kinds: kinds.size }, most)),
  }));
  const bytes = sumSizes(shares.flatMap(({ sample }) => sample));
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

function fewer({ sample, ...kind }: DocumentKind, share: number): DocumentKind {
  return { ...kind, sample: spreadOverSizes(sample, Math.max(1, Math.floor(sample.length * share))) };
}

/** Picks `count` documents, or all if there are no more, so that every size has its share: the middles of equal parts. */
export function spreadOverSizes<T extends DocumentRef>(documents: readonly T[], count: number): readonly T[] {
  if (documents.length <= count) return documents;
  const bySize = documents.toSorted((one, other) => one.size - other.size || (one.id < other.id ? -1 : 1));
  const part = bySize.length / count;
  return Array.from({ length: count }, (_, index) => bySize[Math.floor((index + 0.5) * part)]).filter(
    (one) => one !== undefined,
  );
}
