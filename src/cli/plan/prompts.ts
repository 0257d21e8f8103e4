import { posix } from 'node:path';
import type { DocumentRef } from '../../domain/document.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { mapAtOnce, type PlannedDocument, READ_AT_ONCE } from './documents.ts';
import { type DocumentMeasures, type MeasuredDocument, type MeasureSettings, measureDocument } from './measure.ts';
import { type Counts, countEach, groupBy, sumOf, total } from './plan.ts';

export interface PromptSettings extends MeasureSettings {
  /** What is looked into; and of that, the characters whose tokens are counted. @default MOST */
  readonly most?: SampleBounds & { readonly counted: number };
}

/** Takes a second or two for texts. */
const MOST = { documents: 200, bytes: 200_000_000, counted: 4_000_000 };

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
  const measured = await mapAtOnce(sample, READ_AT_ONCE, (one) => measureDocument(one, mostCounted, settings));
  const found = new Map(sample.map((document, index) => [document, measured[index] ?? null]));
  const everyone = measured.filter((one) => one?.kind === 'asked');
  return kinds.map((kind) => estimateOf(kind, found, everyone, settings.maxTokens));
}

/**
 * @param found what became of each document of the sample; null if it is gone
 * @param everyone that is asked: of them, a kind of which nothing is known is taken to be
 * @param maxTokens the longest answer, if nothing is known at all
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
  const documents = all.length - sumOf(refusals);
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

/** Documents that are asked with the same recipe and have the same ending, so that some speak for the others. */
interface DocumentKind {
  readonly documents: readonly [PlannedDocument, ...PlannedDocument[]];
  /** Those that are looked into, of all sizes. */
  readonly sample: readonly PlannedDocument[];
}

/** What is looked into, if there is more. */
interface SampleBounds {
  readonly documents: number;
  /** Of them together. */
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

/** Picks `count` documents, or all if there are no more, so that every size has its share: the middles of equal parts. */
export function spreadOverSizes<T extends DocumentRef>(documents: readonly T[], count: number): readonly T[] {
  if (documents.length <= count) return documents;
  const bySize = documents.toSorted((one, other) => one.size - other.size || (one.id < other.id ? -1 : 1));
  const part = bySize.length / count;
  return Array.from({ length: count }, (_, index) => bySize[Math.floor((index + 0.5) * part)]).filter(
    (one) => one !== undefined,
  );
}
