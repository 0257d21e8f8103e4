// Lets node run TypeScript as it is written: node --import ./tools/typescript.mjs FILE.ts
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// The hook lives in a thread of its own, which loads this file once more.
if (isMainThread) register(import.meta.url);

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const { transform } = await import('esbuild');
  const sourcefile = fileURLToPath(url);
  const { code } = await transform(await readFile(sourcefile, 'utf8'), { loader: 'ts', sourcemap: 'inline', sourcefile });
  return { format: 'module', source: code, shortCircuit: true };
}
