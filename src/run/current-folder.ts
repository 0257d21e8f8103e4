/**
 * The folder that the program was started in; empty if it was deleted. Libraries ask Node for it, some while they are
 * loaded, and would end the program then: the root takes its place for them. So this file is to be loaded before all
 * others.
 */
export const currentFolder: string = findCurrentFolder();

function findCurrentFolder(): string {
  try {
    return process.cwd();
  } catch {
    process.chdir('/');
    return '';
  }
}
