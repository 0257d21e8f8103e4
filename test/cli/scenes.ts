import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { type FolderLooks, ledgerFolderOf } from '../../src/cli/inspect/workspace.ts';
import type { DocumentRef } from '../../src/domain/document.ts';
import type { DocumentVersion } from '../../src/domain/ledger.ts';
import type { ModelFacts, Models } from '../../src/domain/models.ts';
import type { LedgerReader } from '../../src/domain/receipt.ts';
import { type Handling, PLAIN_HANDLING, type Recipe, type Recipes } from '../../src/domain/recipe.ts';
import { createConverter } from '../../src/inbox/convert/converter.ts';
import { openLedgerReader } from '../../src/ledger/reader.ts';
import { FilledLedger, RECIPE, versionOf } from '../support/filled-ledger.ts';
import { Workspace } from '../support/workspace.ts';

/** As that of a run. */
export const converter = createConverter({ worker: null });

export interface RecipeFields extends Partial<Omit<Recipe, 'handling'>> {
  readonly handling?: Partial<Handling>;
  /** The system message. */
  readonly system?: string;
}

/** A recipe of no file: the system message, if there is one, and the document. */
export function recipeOf({ handling = {}, system, ...fields }: RecipeFields = {}): Recipe {
  const { model } = { ...RECIPE, ...fields };
  const before = system === undefined ? [] : [{ role: 'system' as const, content: system }];
  return {
    ...RECIPE,
    barred: null,
    handling: { ...PLAIN_HANDLING, ...handling },
    fixedTokens: 0,
    circumstances: () => '',
    place: ({ id }) => ({ name: id, ending: '.md' }),
    render: async (_, parts) => ({ model, messages: [...before, { role: 'user', content: parts }] }),
    ...fields,
  };
}

/** One recipe for all; or others, by the folder of a document. */
export function recipesOf(fields: RecipeFields = {}, byFolder: Readonly<Record<string, RecipeFields>> = {}): Recipes {
  const recipe = recipeOf(fields);
  const others = new Map(Object.entries(byFolder).map(([folder, other]) => [folder, recipeOf(other)]));
  return { choose: ({ id }) => others.get(id.split('/')[0] ?? '') ?? recipe };
}

/** What is known of models: of each the same; null: nothing. */
export function modelsKnowing(facts: Partial<ModelFacts> | null = null): Models {
  const unknown = {
    contextTokens: null,
    maxCompletionTokens: null,
    inputs: null,
    structuredOutputs: null,
    reasoning: null,
  };
  const known = facts === null ? null : { ...unknown, ...facts };
  return {
    routes: true,
    inputs: null,
    jsonSchema: true,
    jsonObject: true,
    context: 'models',
    isLimited: () => false,
    reached: async () => true,
    facts: async () => known,
    misnamed: () => [],
    meant: async () => [],
    taking: async () => ['acme/sees'],
  };
}

export function idsOf(documents: readonly DocumentRef[]): readonly string[] {
  return documents.map(({ id }) => id).toSorted();
}

/** For each test of a file a workspace, and the real ledger of it. */
export interface Scene {
  readonly workspace: Workspace;
  readonly filled: FilledLedger;
  /** Lets `look` read the ledger as it is now. */
  read<T>(look: (reader: LedgerReader) => T): T;
  /** A document in the inbox, as the ledger would record it now. */
  drop(id: string, content?: string | Buffer): Promise<DocumentVersion>;
  /** A file in the outbox. */
  putResult(path: string): Promise<void>;
  /** A document in the inbox that is done. */
  dropDone(id: string): Promise<void>;
}

export function scenes(): Scene {
  let workspace: Workspace;
  let filled: FilledLedger;
  beforeEach(async () => {
    workspace = await Workspace.make();
    filled = await FilledLedger.open(workspace.root);
  });
  afterEach(async () => {
    await filled.close();
    await workspace.remove();
  });

  const scene: Scene = {
    get workspace() {
      return workspace;
    },
    get filled() {
      return filled;
    },
    read: (look) => {
      const reader = openLedgerReader(ledgerFolderOf(workspace.root));
      if (reader === null) throw new Error('there is no ledger');
      try {
        return look(reader);
      } finally {
        reader.close();
      }
    },
    drop: async (id, content) => {
      const { size, mtimeMs } = await stat(await workspace.drop(id, content));
      return versionOf(id, { size, mtimeMs });
    },
    putResult: (path) => write(workspace.outbox(path)),
    dropDone: async (id) => {
      await filled.answer(await scene.drop(id), 'Yes.');
      await scene.putResult(`${id}.md`);
    },
  };
  return scene;
}

export async function write(path: string, text = 'Yes.'): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Folders that fail each look. */
export function refusing(error: Error): FolderLooks {
  const refuse = () => {
    throw error;
  };
  return { resultOf: refuse, holds: refuse, failedVersion: () => null };
}
