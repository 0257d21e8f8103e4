import type { Options as Flag } from 'yargs';
import { walk } from '../../inbox/scan.ts';
import { openLedgerReader } from '../../ledger/reader.ts';
import {
  type Command,
  type CommandContext,
  isSwitch,
  namesOf,
  readCommandOptions,
  WORKSPACE_KEYS,
} from '../command.ts';
import { ledgerFolderOf } from '../inspect/workspace.ts';
import { optionOf, optionTable } from '../options/table.ts';
import type { OptionRow } from '../options/value-kind.ts';
import { SHELLS } from './command.ts';

/** Documents that are offered, and how long they are looked for: a person waits. */
const MOST_DOCUMENTS = 200;
const LONGEST_LOOK_MS = 500;

interface Completion {
  readonly word: string;
  readonly means?: string;
}

/**
 * What the last of `words` may become, each with a tab and what it means. Empty: nothing of ours, perhaps a file. What goes
 * wrong is nothing to say in the middle of a command line.
 */
export function completions(
  words: readonly string[],
  commands: readonly Command[],
  context: CommandContext,
): readonly string[] {
  const last = words.at(-1) ?? '';
  // bash takes `--root=papers` for three words, other shells for one.
  const [, flag = '', typed = last] = /^(--[\w-]+=)(.*)$/s.exec(last) ?? [];
  const current = typed.replace(/^(?:["']|=$)/, '');
  const before = [...words.slice(0, -1), flag].flatMap(separated);
  const fitting = candidatesFor(current, before, commands, context).filter(
    ({ word }) => word.startsWith(current) && !/[\t\r\n]/.test(word),
  );
  return fitting.map(({ word, means = '' }) => `${flag}${word}\t${means}`);
}

/** `--root=papers` as `--root papers`. */
function separated(word: string): readonly string[] {
  const [, flag = word, value = ''] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
  return [flag, value].filter((part) => part !== '' && part !== '=');
}

function candidatesFor(
  current: string,
  before: readonly string[],
  commands: readonly Command[],
  context: CommandContext,
): readonly Completion[] {
  const plain = plainWords(before, commands);
  const named = commands.find(({ name }) => name === plain[0]);
  const command = named ?? commands.find(({ isDefault }) => isDefault);
  if (command === undefined) return [];
  const waiting = Object.entries(command.flags()).find(
    ([flag, option]) => !isSwitch(option) && writtenNames(flag, option).includes(before.at(-1) ?? ''),
  );
  if (waiting !== undefined) return valuesOf(...waiting);
  if (current.startsWith('-')) return flagsOf(command);
  if (plain[0] === 'help') return [{ word: 'all' }, ...commandsOf(commands)];
  if (named === undefined) return plain.length === 0 ? [...commandsOf(commands), { word: 'help' }] : [];
  const { name } = named;
  if (name === 'completion') return SHELLS.map((word) => ({ word }));
  if (!['show', 'retry', 'render'].includes(name)) return [];
  return documentsOf(name, current, before, context).map((word) => ({ word }));
}

/** The words that are no flags and no values of flags. */
function plainWords(words: readonly string[], commands: readonly Command[]): readonly string[] {
  const taking = new Set(
    commands.flatMap(({ flags }) =>
      Object.entries(flags()).flatMap(([flag, option]) => (isSwitch(option) ? [] : writtenNames(flag, option))),
    ),
  );
  return words.filter((word, index) => !word.startsWith('-') && !taking.has(words[index - 1] ?? ''));
}

function writtenNames(flag: string, option: Flag): readonly string[] {
  return namesOf(flag, option).map((name) => (name.length === 1 ? `-${name}` : `--${name}`));
}

function commandsOf(commands: readonly Command[]): readonly Completion[] {
  return commands.map(({ name, describe }) => ({ word: name, means: describe }));
}

function flagsOf({ flags }: Command): readonly Completion[] {
  return Object.entries(flags()).map(([flag, option]) => {
    const means = (option.describe ?? '').split(/[;:]| [([]/)[0] ?? '';
    // What is on by default is turned off.
    return { word: `--${rowOf(flag, option)?.default === true ? 'no-' : ''}${flag}`, means };
  });
}

function valuesOf(flag: string, option: Flag): readonly Completion[] {
  const words = rowOf(flag, option)?.kind.names ?? [option.choices ?? []].flat().map(String);
  return words.map((word) => ({ word }));
}

function rowOf(flag: string, option: Flag): OptionRow<unknown> | undefined {
  const key = optionOf(flag, option);
  return key && optionTable[key];
}

/** Of the workspace that the line names: those in the inbox, for `render`; else those that the ledger knows. */
function documentsOf(
  command: string,
  current: string,
  before: readonly string[],
  context: CommandContext,
): readonly string[] {
  const root = before[before.indexOf('--root') + 1];
  const flags = before.includes('--root') && root !== undefined ? { root } : {};
  const found: string[] = [];
  const end = performance.now() + LONGEST_LOOK_MS;
  try {
    const { options } = readCommandOptions(flags, context, WORKSPACE_KEYS);
    for (const id of command === 'render' ? inboxIds(options.inbox) : ledgerIds(options.root)) {
      if (id.startsWith(current)) found.push(id);
      if (found.length === MOST_DOCUMENTS || performance.now() > end) break;
    }
  } catch {
    return [];
  }
  return found;
}

function* inboxIds(inbox: string): Generator<string> {
  for (const entry of walk(inbox, '', true)) if (entry.kind === 'document') yield entry.document.id;
}

function* ledgerIds(root: string): Generator<string> {
  const reader = openLedgerReader(ledgerFolderOf(root));
  try {
    for (const { id } of reader?.documents() ?? []) yield id;
  } finally {
    reader?.close();
  }
}
