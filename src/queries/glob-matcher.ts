const PARTS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };

/** Tells which paths a glob means: `*` and `?` stop at `/`, `**` does not; what else is in it stands for itself. */
export function globMatcher(glob: string): (path: string) => boolean {
  const source = glob.replace(/\*\*\/|\*\*|[*?]|[\\^$.|+()[\]{}]/g, (part) => PARTS[part] ?? `\\${part}`);
  const pattern = new RegExp(`^${source}$`, 'su');
  return (path) => pattern.test(path);
}
