import { dirname, join } from 'node:path';
import { type OptionKey, SHAPING_KEYS } from '../../domain/options.ts';
import { type AnswersFolder, answersFolderAt } from '../../run/answers-folder.ts';
import type { Asked } from '../../run/prepare.ts';
import { type CommandContext, commandOptions, type GivenFlags } from '../command.ts';
import { needsWorkspace } from './ledger.ts';

/** Options for a look into a workspace, or into a folder of answers (`ask --out`). */
export interface Inspected extends Asked {
  /** Null: it is a workspace. */
  readonly answers: AnswersFolder | null;
  /** The folder of the recipes; undefined: as in a workspace. */
  readonly recipesFolder: string | undefined;
}

/** As `commandOptions`; a folder of answers has its files elsewhere than a workspace, and says itself what it was asked. */
export function inspectedOptions(flags: GivenFlags, context: CommandContext, keys: readonly OptionKey[]): Inspected {
  const asked = commandOptions(flags, context, keys, needsWorkspace);
  const { root } = asked.options;
  const answers = answersFolderAt(root);
  if (answers === null) return { ...asked, answers, recipesFolder: undefined };
  const told = SHAPING_KEYS.filter((key) => asked.given[key] !== 'flag').map((key) => [key, answers.options[key]]);
  const options = {
    ...asked.options,
    ...Object.fromEntries(told),
    // Not its own: other files may lie where the documents are.
    inbox: join(root, 'inbox'),
    outbox: root,
    failed: join(root, 'failed'),
  };
  return { ...asked, options, answers, recipesFolder: dirname(options.recipe ?? '') };
}
