import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { CONVERT_WORKER } from '../../../src/inbox/convert/converter.ts';

/** What processes of the pool run, bundled into a folder as the program's own is: node alone runs no TypeScript. */
export async function bundledConverter(folder: string): Promise<URL> {
  await build({
    entryPoints: [fileURLToPath(CONVERT_WORKER)],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
  });
  return pathToFileURL(join(folder, 'convert-worker.mjs'));
}
