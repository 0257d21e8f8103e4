import type { OptionSources } from '../../../src/cli/options/resolve.ts';
import { resolveOptions } from '../../../src/cli/options/resolve.ts';

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
