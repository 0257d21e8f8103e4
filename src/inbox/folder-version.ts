import { hash } from 'node:crypto';

/**
 * The version of a folder that is one document: the hex SHA-256 of the lines that `sha256sum --zero` writes of its files,
 * in their order. A hash has one length and no name holds a zero byte, so no other files make the same lines.
 */
export function folderVersion(files: readonly { readonly name: string; readonly sha256: string }[]): string {
  return hash('sha256', files.map(({ name, sha256 }) => `${sha256}  ${name}\0`).join(''));
}
