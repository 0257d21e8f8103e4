import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Workspace } from '../support/workspace.ts';
import { startHoldingServer } from '../wire/holding-server.ts';
import { put } from './recipe-files.ts';
import { setTheStage } from './stage.ts';

/**
 * What one plain document may cost: 2 kB of text, a prompt, one answer. Where the program gets cheaper, lower the bound
 * with it; whoever raises one says what is worth that.
 *
 * "With every document" leaves out what a place is asked for less often than with every second one: by time, such as
 * looks for a new recipe, or once for a group of documents, such as a commit. Load moves those a little, so that the rows
 * that have them too have wider bounds. It moves nothing else.
 */
const COSTS = [
  // what, measured when the bound was set, bound
  ['subscriptions', 5, 5.5],
  ['looks at the disk with every document', 4, 4],
  ['looks at the disk', 4.2, 5],
  ['looks for a new recipe', 0.4, 3],
  ['file-system calls with every document', 13, 13],
  ['file-system calls', 13.4, 14.5],
  ['SQL statements with every document', 4, 4],
  ['SQL statements', 4.1, 4.5],
  // Smaller groups of writes and of looks on a loaded machine: 129 was seen there.
  ['KB allocated', 123, 140],
] as const;

const FEW = 1000;
const MANY = 3000;
const PATIENCE_MS = 300_000;

const COUNT_CALLS = new URL('../support/count-calls.ts', import.meta.url);
const COUNT_ALLOCATION = new URL('../support/count-allocation.ts', import.meta.url);

/** stat and access of every kind. */
const LOOK = /^(?:[fl]?stat|access|exists)(?:Sync)? /;

/** At the five places where a recipe may lie: one look at each counts for 5 ms, so that a slow machine makes more of them. */
const RECIPE = / \.\/(?:recipes\/default\.|inbox\/_recipe\.)/;

/** By what was called, and where. */
type Counts = Readonly<Record<string, number>>;

interface Counted {
  readonly subscriptions: Counts;
  readonly files: Counts;
  readonly sql: Counts;
}

/** About 2 kB, of which no two are alike: the same text would be asked once. */
function textOf(number: number): string {
  return `Report ${number}. ${'The harvest was late, and prices rose again. '.repeat(46)}`;
}

/** What the many did more often than the few, for each document that they are more. */
function perDocument(few: Counts, many: Counts): Counts {
  const names = Object.keys({ ...few, ...many });
  return Object.fromEntries(names.map((name) => [name, ((many[name] ?? 0) - (few[name] ?? 0)) / (MANY - FEW)]));
}

function only(counts: Counts, pattern: RegExp, but?: RegExp): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => pattern.test(name) && but?.test(name) !== true));
}

function withEvery(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Math.round(count)]));
}

function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** Null where it is at most that; else what it comes to, and of what it is made up. */
function overspent(counts: Counts, most: number): string | null {
  const sum = sumOf(counts);
  if (sum <= most) return null;
  const parts = Object.entries(counts).filter(([, count]) => count >= 0.005);
  const lines = parts.toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${count.toFixed(2)} ${name}`);
  return [`${sum.toFixed(2)} for a document, and ${most} is the most:`, ...lines].join('\n');
}

describe('one plain document costs no more', () => {
  const stage = setTheStage(afterAll);
  let costs: Readonly<Record<(typeof COSTS)[number][0], Counts>>;

  /** A workspace with so many documents. */
  async function stocked(documents: number): Promise<Workspace> {
    const workspace = await stage.workspace();
    await put(workspace, 'recipes/default.md', 'Summarise the document in one sentence.\n');
    const numbers = Array.from({ length: documents }, (_, number) => number);
    await Promise.all(numbers.map((number) => workspace.drop(`${number}.txt`, textOf(number))));
    return workspace;
  }

  /** Runs the program over all documents of a workspace as if none had run there, and returns what the module counted in it. */
  async function countOver<T>(workspace: Workspace, documents: number, url: string, preload: URL): Promise<T> {
    for (const made of ['.sluice', 'outbox']) await rm(join(workspace.root, made), { recursive: true, force: true });
    const flags = [
      '--once',
      '--json',
      '--no-recipe',
      '--no-stream',
      '--concurrency',
      '50',
      '--root',
      '.',
      '--api',
      url,
    ];
    const { code, summary } = await stage.run(flags, { currentFolder: workspace.root, preload });
    expect(code).toBe(0);
    expect(summary).toMatchObject({ documents, succeeded: documents, attempts: documents });
    return JSON.parse(await readFile(join(workspace.root, 'counts.json'), 'utf8')) as T;
  }

  beforeAll(async () => {
    // In this process, so that it is not counted. It answers each call at once.
    const server = await startHoldingServer(1, () => undefined);
    stage.afterwards(() => server.close());
    const fewer = await stocked(FEW);
    const more = await stocked(MANY);
    const compare = async <T>(preload: URL): Promise<readonly [few: T, many: T]> => [
      await countOver<T>(fewer, FEW, server.url, preload),
      await countOver<T>(more, MANY, server.url, preload),
    ];
    const [few, many] = await compare<Counted>(COUNT_CALLS);
    const called = perDocument(few.files, many.files);
    const recipes = only(called, RECIPE);
    const files = only(called, /^/, RECIPE);
    const sql = perDocument(few.sql, many.sql);
    // By itself: to count calls allocates.
    const [little, much] = await compare<{ readonly bytes: number }>(COUNT_ALLOCATION);
    costs = {
      subscriptions: perDocument(few.subscriptions, many.subscriptions),
      'looks at the disk with every document': withEvery(only(files, LOOK)),
      'looks at the disk': only(files, LOOK),
      'looks for a new recipe': recipes,
      'file-system calls with every document': withEvery(files),
      'file-system calls': files,
      'SQL statements with every document': withEvery(sql),
      'SQL statements': sql,
      'KB allocated': perDocument({ heap: little.bytes / 1000 }, { heap: much.bytes / 1000 }),
    };
  }, PATIENCE_MS);

  test.each(COSTS)('%s: %d, and at most %d', (what, _measured, most) => {
    expect(overspent(costs[what], most)).toBeNull();
    // What is nothing was not counted.
    expect(sumOf(costs[what])).toBeGreaterThan(0);
  });
});
