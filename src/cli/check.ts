import { join } from 'node:path';
import { Mistakes } from '../domain/errors.ts';
import { ANSWER_KEYS, type Options } from '../domain/options.ts';
import type { Recipes } from '../domain/recipe.ts';
import { chosenDocuments } from '../inbox/scan.ts';
import { countEach } from '../lib/collections.ts';
import { keySource } from '../llm/access.ts';
import { apiInWords, resolveApi } from '../llm/api.ts';
import { checkOwnRecipes } from '../recipe/recipes.ts';
import { writeText } from '../report/screen.ts';
import { counted, visible } from '../report/words.ts';
import { type Asked, loadRecipes, recipeSettings, requireModel } from '../run/prepare.ts';
import { refuseCollisions } from '../run/refuse-collisions.ts';
import { type Command, type CommandContext, readCommandOptions, WORKSPACE_KEYS } from './command.ts';
import { needsWorkspace } from './inspect/workspace.ts';
import { yargsOptions } from './options/table.ts';

const KEYS = [...WORKSPACE_KEYS, 'include', 'exclude', 'api', 'apiKeyFile', ...ANSWER_KEYS] as const;

/** `sluice check`: whether configuration and recipes can be used. Nothing is sent, and nothing written. */
export function checkCommand(context: CommandContext): Command {
  return {
    name: 'check',
    describe: 'Tell whether configuration, recipes and names can be used; nothing is sent, and no key is needed',
    examples: ['check --root papers'],
    flags: () => yargsOptions(KEYS),
    needs: (asked) => void checkedText(asked, () => context.clock.now()),
    run: (flags) => {
      // Of all options: the configuration may hold any of them.
      const asked = readCommandOptions(flags, context);
      const lines = checkedText(asked, () => context.clock.now()).map(visible);
      writeText(context.stdout, lines.join('\n'));
      return 0;
    },
  };
}

/** What was checked, a line each. Throws a UsageError with all that is wrong, or a DiskError. */
function checkedText(asked: Asked, now: () => number): readonly string[] {
  const { options, given, wrong } = asked;
  const mistakes = new Mistakes(asked.mistakes);
  mistakes.check(() => needsWorkspace(asked));
  if (wrong?.has('api') !== true && wrong?.has('model') !== true)
    mistakes.check(() => requireModel(resolveApi(options.api), given));
  const own = checkOwnRecipes(recipeSettings(asked, now));
  for (const { barred } of own) if (barred !== null) mistakes.add(barred);
  const recipes = mistakes.check(() => loadRecipes(asked, now));
  const uses = recipes === undefined ? [] : usesOf(options, recipes, mistakes);
  mistakes.throwIfAny();
  return [
    `Workspace: ${options.root}. Settings in sluice.config.yaml: ${countEach(Object.values(given)).get('config') ?? 0}.`,
    keyLine(asked),
    recipesLine(options, own.length),
    ...uses,
    'All of it can be used. Nothing was sent.',
  ];
}

/** Which recipe is for how many documents; also what is wrong with recipes in the inbox, and with names. */
function usesOf(options: Options, recipes: Recipes, mistakes: Mistakes): readonly string[] {
  const { root, inbox } = options;
  const folder = join(root, 'recipes');
  return (
    mistakes.check(() => {
      const names: string[] = [];
      for (const document of chosenDocuments(inbox, options)) {
        const { name, barred } = recipes.choose(document);
        if (barred !== null) mistakes.add(barred);
        names.push(name);
      }
      mistakes.check(() => refuseCollisions({ ...options, recipes, folder }));
      const lines = [...countEach(names)].toSorted(([one], [other]) => (one < other ? -1 : 1));
      if (lines.length === 0) return ['  The inbox has no documents.'];
      return lines.map(([name, count]) => `  ${name === '' ? 'no recipe' : name}: ${counted(count, 'document')}`);
    }) ?? []
  );
}

function keyLine({ options, environment }: Asked): string {
  const api = resolveApi(options.api);
  const source = keySource(api, environment, options.apiKeyFile);
  const whom = apiInWords(api);
  if (source !== null) return `Key for ${whom}: ${source} is set.`;
  if (api.loopback) return `Key for ${whom}: none, and none is needed.`;
  return `Key for ${whom}: none yet. A run needs ${api.keyVariables[0] ?? 'SLUICE_API_KEY'}.`;
}

function recipesLine({ prompt, recipe }: Options, own: number): string {
  if (prompt !== null) return 'Recipe: what --prompt says, for every document.';
  if (recipe !== null) return `Recipe: ${recipe}, for every document.`;
  return `Recipes in recipes/: ${own}. Which documents have which:`;
}
