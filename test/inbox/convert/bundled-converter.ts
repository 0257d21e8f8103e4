import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { CONVERT_PROCESS, CONVERT_WORKER } from '../../../src/inbox/convert/converter.ts';

/** What processes of the pool run, bundled into a folder as the program's own are: node alone runs no TypeScript. */
export async function bundledConverter(folder: string): Promise<{ readonly program: URL; readonly worker: URL }> {
  await build({
    entryPoints: [CONVERT_PROCESS, CONVERT_WORKER].map((url) => fileURLToPath(url)),
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
  const url = (name: string): URL => pathToFileURL(join(folder, name));
  return { program: url('convert-process.mjs'), worker: url('convert-worker.mjs') };
}
