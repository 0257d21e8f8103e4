/**
 * The folder that the program was started in; null if it was deleted. Libraries ask for it while they are loaded, and
 * would end the program: the root takes its place for them. So this file is to be loaded before any library.
 */
export const currentFolder: string | null = findCurrentFolder();

function findCurrentFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    process.chdir('/');
    return null;
  }
}
