import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { UsageError } from '../../domain/errors.ts';
import type { OptionKey, Options } from '../../domain/options.ts';
import { errorCode } from '../../lib/errors.ts';
import { writeText } from '../../report/screen.ts';
import { visible, wrapped } from '../../report/words.ts';
import type { Hint } from '../../run/prepare.ts';
import { makeFolder, prepareWorkspace, tryTo } from '../../run/workspace.ts';
import {
  argumentOf,
  type Command,
  type CommandContext,
  commandOptions,
  type GivenFlags,
  WORKSPACE_KEYS,
} from '../command.ts';
import { optionGroups } from '../options/rows.ts';
import { editorSchemas, flagOf, optionKeys, optionTable, yargsOptions } from '../options/table.ts';
import { STARTER_RECIPES, type StarterKind } from './starter-recipes.ts';

const KINDS = ['summarize', 'extract', 'classify', 'translate'] as const satisfies readonly StarterKind[];

/** `sluice init [DIR]`: a workspace to begin with. */
export function initCommand(context: CommandContext): Command {
  return {
    name: 'init',
    describe: 'Make a workspace with a recipe to begin with; nothing that is there is changed',
    examples: ['init invoices --recipe extract'],
    positionals: [{ name: 'folder', describe: 'The same as --root' }],
    flags: () => ({
      ...yargsOptions(['root']),
      recipe: { choices: KINDS, default: KINDS[0], describe: 'What recipes/default.prompt asks of documents' },
    }),
    run: (flags) => {
      const { options, hint } = commandOptions(workspaceFlags(flags), context, WORKSPACE_KEYS);
      const kind = KINDS.find((known) => known === argumentOf(flags, 'recipe')) ?? KINDS[0];
      const made = initWorkspace(options, STARTER_RECIPES[kind]);
      writeText(context.stdout, initText(made, context.currentFolder, hint));
      return 0;
    },
  };
}

/** A folder or file of the workspace; not `made` if something was there, which is left as it is. */
interface InitEntry {
  readonly path: string;
  readonly made: boolean;
}

interface InitOutcome {
  readonly folders: readonly InitEntry[];
  readonly recipe: InitEntry;
  readonly config: InitEntry;
}

/** A default recipe of another ending would no longer count beside ours. */
const DEFAULT_RECIPE = /^default\.(?:prompt|md|txt)$/;

/**
 * Makes what is missing of a workspace, and changes nothing that is there. Paths are absolute. Throws a UsageError if a
 * file stands in the place of a folder or nothing can be written, or a DiskError.
 */
function initWorkspace({ root, inbox, outbox, failed }: Options, recipe: string): InitOutcome {
  const recipes = join(root, 'recipes');
  const folders = [inbox, outbox, failed, recipes].map((path) => ({ path, made: !existsSync(path) }));
  const archive = join(root, 'archive');
  prepareWorkspace({ root, inbox, outbox, failed, rootIsDefault: true, named: new Set(), after: 'keep', archive });
  tryTo(`The recipes folder ${recipes} cannot be made`, () => makeFolder(recipes));
  const names = tryTo(`The recipes folder ${recipes} cannot be read`, () => readdirSync(recipes));
  const file = join(recipes, names.find((name) => DEFAULT_RECIPE.test(name)) ?? 'default.prompt');
  writeSchemas(join(root, '.sluice'));
  return {
    folders,
    recipe: write(file, recipe),
    config: write(join(root, 'sluice.config.yaml'), configTemplate()),
  };
}

function write(path: string, text: string): InitEntry {
  return tryTo(`${path} cannot be written`, () => {
    try {
      writeFileSync(path, text, { flag: 'wx' });
      return { path, made: true };
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return { path, made: false };
      throw error;
    }
  });
}

/** What the files name at their top. Beside them, so that they are found wherever the program lies; always the newest. */
function writeSchemas(folder: string): void {
  tryTo(`${folder} cannot be written`, () => {
    makeFolder(folder);
    for (const [name, schema] of Object.entries(editorSchemas()))
      writeFileSync(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
  });
}

/** The flags that say where the workspace is. */
function workspaceFlags(flags: GivenFlags): GivenFlags {
  const folder = argumentOf(flags, 'folder');
  if (folder === null) return flags;
  if (flags['root'] !== undefined) throw new UsageError('The folder and --root are the same: give one.');
  return { ...flags, root: folder };
}

function initText({ folders, recipe, config }: InitOutcome, currentFolder: string, hint: Hint): string {
  const told = (path: string): string => visible(currentFolder === '' ? path : relative(currentFolder, path) || '.');
  const line = ({ path, made }: InitEntry, folder = ''): string =>
    `${made ? 'Made' : 'Left as it is:'} ${told(path)}${folder}`;
  const cheap =
    'It begins small and cheap: short answers, little thinking, and at most $2.00 a run, or a day where it watches';
  return [
    ...folders.map((entry) => line(entry, '/')),
    line(recipe),
    line(config),
    '',
    ...(config.made ? [`${cheap} (${told(config.path)}).`] : []),
    `Put documents into ${told(folders[0]?.path ?? '')}/. Then try it, without a key and at no cost:`,
    '',
    `    ${hint('--test --api simulator')}`,
    '',
    `see what it would cost, and have it done (it asks what ${basename(recipe.path)} says, and needs OPENROUTER_API_KEY):`,
    '',
    `    ${hint('plan')}`,
    `    ${hint('--once')}`,
    '',
    'or answer what is dropped into the inbox, for as long as it runs:',
    '',
    `    ${hint('')}`,
  ].join('\n');
}

/** Of a line of comment, without its `# `. */
const WIDTH = 116;

const HEAD = [
  '# yaml-language-server: $schema=.sluice/config.schema.json',
  '# $schema: .sluice/config.schema.json',
  '# The options of this workspace. Three are set, so that it begins small and cheap; the others stand here with their',
  '# defaults: take the # away to set one. Flags and SLUICE_* variables go before what stands here. Relative paths begin in',
  '# this folder. Keys have no place here: set OPENROUTER_API_KEY.',
].join('\n');

/** Small and cheap. What they are by default may cost a dollar a call. */
const SET: Readonly<Partial<Record<OptionKey, string>>> = { maxTokens: '8000', reasoning: 'low', maxCostUsd: '2.00' };

/** What `sluice.config.yaml` of a new workspace says: all options, commented out but for those that are set. */
export function configTemplate(): string {
  const settings = Object.entries(optionGroups).flatMap(([title, rows]) => {
    // The file lies in the workspace: it cannot say where that is.
    const keys = optionKeys.filter((key) => key in rows && key !== 'root');
    return [`# --- ${title} ---`, keys.map(setting)].flat();
  });
  return `${[HEAD, ...settings].join('\n\n')}\n`;
}

function setting(key: OptionKey): string {
  const { kind, help, default: value } = optionTable[key];
  const set = SET[key];
  const shown = typeof value === 'object' ? kind.placeholder : value;
  const lines = wrapped(help, WIDTH).map((line) => `# ${line}`);
  return [...lines, set === undefined ? `# ${flagOf(key)}: ${shown}` : `${flagOf(key)}: ${set}`].join('\n');
}
