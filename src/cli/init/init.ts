import { basename, relative } from 'node:path';
import type { CommandModule } from 'yargs';
import { UsageError } from '../../domain/errors.ts';
import type { OptionKey } from '../../domain/options.ts';
import { visible } from '../../report/words.ts';
import { askedOf, textOf, WORKSPACE_KEYS } from '../command.ts';
import type { ProgramSettings } from '../context.ts';
import { optionKeys, optionTable, yargsOptions } from '../options/table.ts';
import { type InitEntry, type InitOutcome, initWorkspace, STARTER_RECIPES, type StarterKind } from './workspace.ts';

const KINDS = ['summarize', 'extract', 'classify', 'translate'] as const satisfies readonly StarterKind[];

/** `sluice init [DIR]`: a workspace to begin with. */
export function initCommand(settings: ProgramSettings): CommandModule {
  return {
    command: 'init [folder]',
    describe: 'Make a workspace with a recipe to begin with; nothing that is there is changed',
    builder: (yargs) =>
      yargs
        .options(yargsOptions(['root']))
        .positional('folder', { type: 'string', describe: 'The same as --root' })
        .option('recipe', {
          choices: KINDS,
          default: KINDS[0],
          describe: 'What recipes/default.prompt asks of documents',
        }),
    handler: (flags) => {
      const { root, inbox, outbox, failed } = askedOf(workspaceFlags(flags), WORKSPACE_KEYS, settings);
      const kind = KINDS.find((known) => known === textOf(flags, 'recipe')) ?? KINDS[0];
      const recipe = STARTER_RECIPES[kind];
      const outcome = initWorkspace({ root, inbox, outbox, failed, recipe, config: configTemplate() });
      settings.stdout.write(`${initText(outcome, root, settings.currentFolder)}\n`);
    },
  };
}

const NO_DEFAULT =
  'Not made: recipes/default.prompt. This workspace was used without one; all documents that have no recipe would get it.';

/** Its own `--recipe` is not that of a run. */
function workspaceFlags(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const folder = textOf(flags, 'folder');
  if (folder === null) return flags;
  if (flags['root'] !== undefined) throw new UsageError('The folder and --root are the same: give one.');
  return { ...flags, root: folder };
}

function initText({ folders, recipe, config }: InitOutcome, root: string, currentFolder: string): string {
  const told = (path: string): string => visible(relative(currentFolder, path) || '.');
  const line = ({ path, made }: InitEntry, folder = ''): string =>
    `${made ? 'Made' : 'Left as it is:'} ${told(path)}${folder}`;
  const given = root === `${currentFolder}/watch` ? '' : ` --root ${quoted(told(root))}`;
  const asks = recipe === null ? '' : `asks what ${basename(recipe.path)} says, and `;
  return [
    ...folders.map((entry) => line(entry, '/')),
    recipe === null ? NO_DEFAULT : line(recipe),
    line(config),
    '',
    `Put documents into ${told(folders[0]?.path ?? root)}/. Then try it, without a key and at no cost:`,
    '',
    `    sluice --test --api simulator${given}`,
    '',
    `and for good, as long as it runs (it ${asks}needs OPENROUTER_API_KEY):`,
    '',
    `    sluice${given}`,
  ].join('\n');
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

const WIDTH = 118;

const HEAD = [
  '# The options of this workspace, each with its default: take the # away to set one. Flags and SLUICE_* variables go',
  '# before what stands here. Relative paths begin in this folder. Keys have no place here: set OPENROUTER_API_KEY.',
].join('\n');

/** What `sluice.config.yaml` of a new workspace says: all options, commented out. */
export function configTemplate(): string {
  // Which file this is follows from the workspace.
  const keys = optionKeys.filter((key) => key !== 'root');
  const groups = new Set(keys.map((key) => optionTable[key].group));
  const sections = Array.from(groups, (group) =>
    section(
      group,
      keys.filter((key) => optionTable[key].group === group),
    ),
  );
  return `${[HEAD, ...sections].join('\n\n')}\n`;
}

function section(title: string, keys: readonly OptionKey[]): string {
  return [`# --- ${title} ---`, ...keys.map(setting)].join('\n\n');
}

function setting(key: OptionKey): string {
  const { flag, kind, help, default: value } = optionTable[key];
  return [...wrapped(help), `# ${flag}: ${value ?? kind.placeholder}`].join('\n');
}

/** As lines of comment. */
function wrapped(text: string): readonly string[] {
  const lines = ['#'];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= WIDTH) lines.splice(-1, 1, line);
    else lines.push(`# ${word}`);
  }
  return lines;
}
