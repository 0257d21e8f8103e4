import type { OptionSources } from '../../src/options/resolve-options.ts';
import { resolveOptions } from '../../src/options/resolve-options.ts';

/** Resolves without touching a disk: the workspace is /srv/watch, and holds `config` where it is given. */
export function resolved({ config, ...sources }: Partial<OptionSources> & { config?: string } = {}) {
  return resolveOptions({
    flags: {},
    environment: {},
    currentFolder: '/srv',
    readConfig: () => config ?? null,
    ...sources,
  });
}
