// Writes the JSON Schemas of sluice.config.yaml and of recipes into dist/, made of the tables that the program reads by.
import { rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** `dist`: a folder with the bundled `schemas.js`, which is not part of the package. */
export async function writeSchemas(dist) {
  const { editorSchemas } = await import(pathToFileURL(`${dist}/schemas.js`).href);
  for (const [name, schema] of Object.entries(editorSchemas()))
    writeFileSync(`${dist}/${name}`, `${JSON.stringify(schema, null, 2)}\n`);
  rmSync(`${dist}/schemas.js`);
}
