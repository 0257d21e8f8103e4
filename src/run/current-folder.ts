/**
 * The folder that the program was started in; empty if it was deleted. yargs asks Node for it while it is loaded, which
 * would end the program with a stack trace: until `startedIn` is called, the root stands in for a deleted folder. So this
 * file is to be loaded before all others.
 */
const cwd = process.cwd.bind(process);
const folder = findCurrentFolder();

function findCurrentFolder(): string {
  try {
    return cwd();
  } catch {
    process.cwd = () => '/';
    return '';
  }
}

/** The current folder; empty if it was deleted: from then on Node throws `uv_cwd` if a relative path needs it. */
export function startedIn(): string {
  process.cwd = cwd;
  return folder;
}
