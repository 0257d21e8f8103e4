import { type OptionSources, readOptions } from '../../../src/cli/options/resolve.ts';
import { Mistakes } from '../../../src/domain/errors.ts';

/** The options, if nothing is wrong with them. Throws a UsageError that tells all that is. */
export function resolveOptions(sources: OptionSources) {
  const { mistakes, wrong: _, ...options } = readOptions(sources);
  new Mistakes(mistakes).throwIfAny();
  return options;
}

/** Resolves without touching a disk: the workspace is /srv/watch, and holds `config` if that is given. */
export function resolved({ config, ...sources }: Partial<OptionSources> & { config?: string } = {}) {
  return resolveOptions({
    flags: {},
    environment: {},
    currentFolder: '/srv',
    readConfig: () => config ?? null,
    ...sources,
  });
}
