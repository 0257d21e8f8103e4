import { posix } from 'node:path';
import { type DocumentRef, isWhole, type LeftOut } from '../../domain/document.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { countEach, groupBy, mapAtOnce, total } from '../../lib/collections.ts';
import { type PlannedDocument, READ_AT_ONCE } from './documents.ts';
import { type DocumentMeasures, type MeasuredDocument, type MeasureSettings, measureDocument } from './measure.ts';

export interface PromptSettings extends MeasureSettings {
  /** The most that is read, and the most characters whose tokens are counted. @default MOST */
  readonly most?: SampleBounds & { readonly counted: number };
}

/** Reading and counting as much text takes a second or two. */
const MOST = { documents: 200, bytes: 200_000_000, counted: 4_000_000 };

/** Documents of one kind, and what asking them takes. */
export interface KindEstimate {
  readonly recipe: Recipe;
  /** Without those that were found to be refused. */
  readonly asked: readonly PlannedDocument[];
  /** How many are asked. If only some were read, the same share of the others is taken to be refused. */
  readonly documents: number;
  /** Of the documents that are asked. */
  readonly bytes: number;
  /** How many are refused, by our code for why. */
  readonly refusals: ReadonlyMap<string, number>;
  /** What was read, and is asked. */
  readonly counted: { readonly documents: number; readonly bytes: number };
  /** Of each that was read, and that the model would not be given all of. */
  readonly leftOut: readonly LeftOut[];
  /** Sums over all documents that are asked. */
  readonly totals: Record<Total, number>;
  /** The most requests of one document, among those that were read. */
  readonly longest: number;
  /** The longest answer that is asked for. */
  readonly maxTokens: number;
}

export type Total = 'requests' | 'answersRead' | 'textTokens' | 'mediaTokens' | 'mediaTokensAtMost';

/** What the prompts of all documents take: made for a sample of each kind, and estimated by bytes for the others. */
export async function estimatePrompts(
  documents: readonly PlannedDocument[],
  settings: PromptSettings,
): Promise<readonly KindEstimate[]> {
  const { most = MOST } = settings;
  const kinds = sampleDocuments(documents, most);
  const sample = kinds.flatMap((kind) => kind.sample);
  const bytes = sumSizes(sample);
  const mostCounted = bytes <= most.counted ? Number.POSITIVE_INFINITY : Math.ceil(most.counted / sample.length);
  const measured = await mapAtOnce(sample, READ_AT_ONCE, (one) => measureDocument(one, mostCounted, settings));
  const found = new Map(sample.map((document, index) => [document, measured[index] ?? null]));
  const everyone = measured.filter((one) => one?.kind === 'asked');
  return kinds.map((kind) => estimateOf(kind, found, everyone, settings.maxTokens));
}

/**
 * @param found what each document of the sample takes; null if it is gone
 * @param everyone all measures, used for a kind of which no document was read
 * @param maxTokens the longest answer, if there are no measures at all
 */
function estimateOf(
  { documents: all, sample }: DocumentKind,
  found: ReadonlyMap<PlannedDocument, MeasuredDocument | null>,
  everyone: readonly DocumentMeasures[],
  maxTokens: number,
): KindEstimate {
  const measured = sample.flatMap((document) => found.get(document) ?? []);
  const measures = measured.filter((one) => one.kind === 'asked');
  const refused = countEach(measured.flatMap((one) => (one.kind === 'refused' ? [one.code] : [])));
  // As large a share of all as of the sample.
  const refusals = new Map(
    Array.from(refused, ([code, count]) => [code, Math.floor((all.length * count) / measured.length)]),
  );
  const asked = all.filter((document) => found.get(document)?.kind !== 'refused');
  const documents = all.length - total([...refusals.values()], (count) => count);
  const bytes = asked.length === 0 ? 0 : Math.round((sumSizes(asked) * documents) / asked.length);

  const like = measured.length > 0 ? measures : everyone;
  const size = sumSizes(like);
  const totalFor = (of: Total): number => (size === 0 ? 0 : Math.round((total(like, (one) => one[of]) * bytes) / size));
  return {
    recipe: all[0].recipe,
    asked,
    documents,
    bytes,
    refusals,
    counted: { documents: measures.length, bytes: Math.round(total(measures, ({ countedBytes }) => countedBytes)) },
    leftOut: measures.flatMap((one) => (isWhole(one) ? [] : [one.leftOut])),
    totals: {
      requests: Math.max(documents, totalFor('requests')),
      answersRead: totalFor('answersRead'),
      textTokens: totalFor('textTokens'),
      mediaTokens: totalFor('mediaTokens'),
      mediaTokensAtMost: totalFor('mediaTokensAtMost'),
    },
    longest: Math.max(1, ...like.map(({ requests }) => requests)),
    maxTokens: like.length === 0 ? maxTokens : Math.max(...like.map((one) => one.maxTokens)),
  };
}

function sumSizes(all: readonly { readonly size: number }[]): number {
  return total(all, ({ size }) => size);
}

/** Documents of the same recipe and the same ending: some of them stand for the others. */
interface DocumentKind {
  readonly documents: readonly [PlannedDocument, ...PlannedDocument[]];
  /** Those that are read, of all sizes. */
  readonly sample: readonly PlannedDocument[];
}

/** The most that is read. */
interface SampleBounds {
  readonly documents: number;
  /** All of them together. */
  readonly bytes: number;
}

/**
 * All documents by their kinds, each with its share of the sample: one, and of the rest as large a share as of all
 * documents. Of very many kinds, some have none.
 */
export function sampleDocuments(documents: readonly PlannedDocument[], most: SampleBounds): readonly DocumentKind[] {
  const byKind = groupBy(documents, ({ recipe, id }) => JSON.stringify([recipe.name, posix.extname(id).toLowerCase()]));
  const others = Math.max(0, most.documents - byKind.size);
  const sampleOf = (alike: readonly PlannedDocument[], index: number): readonly PlannedDocument[] => {
    if (documents.length <= most.documents) return alike;
    if (index >= most.documents) return [];
    return spreadOverSizes(alike, 1 + Math.floor((others * alike.length) / documents.length));
  };
  const kinds = Array.from(byKind.values(), (alike, index) => ({ documents: alike, sample: sampleOf(alike, index) }));
  const share = Math.min(1, most.bytes / sumSizes(kinds.flatMap(({ sample }) => sample)));
  return kinds.map(({ documents: alike, sample }) => {
    return { documents: alike, sample: spreadOverSizes(sample, Math.max(1, Math.floor(sample.length * share))) };
  });
}

/** Picks `count` documents of all sizes, or all if there are no more: by size, the middles of equal parts. */
export function spreadOverSizes<T extends DocumentRef>(documents: readonly T[], count: number): readonly T[] {
  if (documents.length <= count) return documents;
  const bySize = documents.toSorted((one, other) => one.size - other.size || (one.id < other.id ? -1 : 1));
  const part = bySize.length / count;
  const middles = new Set(Array.from({ length: count }, (_, index) => Math.floor((index + 0.5) * part)));
  return bySize.filter((_, index) => middles.has(index));
}
