const PARTS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };

/** Whether a path matches a glob: `*` and `?` stop at `/`, `**` does not; all else stands for itself. */
export function globMatcher(glob: string): (path: string) => boolean {
  const source = glob.replace(/\*\*\/|\*\*|[*?]|[\\^$.|+()[\]{}]/g, (part) => PARTS[part] ?? `\\${part}`);
  const pattern = new RegExp(`^${source}$`, 'su');
  return (path) => pattern.test(path);
}
