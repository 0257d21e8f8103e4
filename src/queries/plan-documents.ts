import type { DocumentRef } from '../domain/document.ts';
import { DiskTrouble } from '../domain/errors.ts';
import type { DocumentRecord } from '../domain/ledger.ts';
import type { LedgerReader } from '../domain/ledger-reader.ts';
import type { Outbox, Recipes } from '../domain/ports.ts';
import { walk } from '../inbox/walk.ts';
import type { Plan } from '../report/plan.ts';
import { type Standing, type StandingSettings, standingOf } from '../stages/standing.ts';

export interface PlanSettings extends StandingSettings {
  readonly inbox: string;
  readonly folders: Pick<Outbox, 'resultOf' | 'failedVersion'>;
  readonly recipes: Recipes;
  /** Larger documents are refused. */
  readonly maxBytes: number;
}

/** Of the inbox, by stat alone. */
export interface PlannedDocuments {
  /** What a run would take up now. Some may turn out to be reused. */
  readonly work: readonly DocumentRef[];
  readonly counts: Readonly<Record<Fate, number>>;
}

type Fate = Exclude<keyof Plan['documents'], 'asked' | 'reused'>;

/**
 * What a run would do with each document of the inbox.
 *
 * @throws DiskTrouble
 */
export function planDocuments(reader: LedgerReader | null, settings: PlanSettings): PlannedDocuments {
  const records = new Map<string, DocumentRecord>();
  for (const { id, ...record } of reader?.documents() ?? []) records.set(id, record);

  const counts: Record<Fate, number> = { skipped: 0, failed: 0, held: 0, refused: 0, pending: 0 };
  const work: DocumentRef[] = [];
  for (const sighting of walk(settings.inbox, '', false)) {
    if (sighting.kind !== 'file') continue;
    const { document } = sighting;
    const fate = fateOf(document, records.get(document.id), settings);
    if (fate === 'work') work.push(document);
    else counts[fate] += 1;
  }
  return { work, counts };
}

function fateOf(document: DocumentRef, record: DocumentRecord | undefined, settings: PlanSettings): Fate | 'work' {
  const { redo, maxBytes } = settings;
  const standing = look(document, record, settings);
  const isWork = standing?.kind === 'work' || (redo === 'all' && standing?.event.type === 'document-skipped');
  if (isWork) return document.size === 0 || document.size > maxBytes ? 'refused' : 'work';
  return standing === null ? 'pending' : fateBy(standing.event);
}

/** Null where the way to its result or report is barred: a run would let it wait. */
function look(
  document: DocumentRef,
  record: DocumentRecord | undefined,
  { recipes, folders, redo, now }: PlanSettings,
): Standing | null {
  try {
    return standingOf(document, record, recipes.choose(document), folders, { redo, now });
  } catch (error) {
    if (error instanceof DiskTrouble) throw error;
    return null;
  }
}

function fateBy({ type }: Exclude<Standing, { kind: 'work' }>['event']): Fate {
  if (type === 'document-failed') return 'failed';
  if (type === 'document-held') return 'held';
  return type === 'document-pending' ? 'pending' : 'skipped';
}
