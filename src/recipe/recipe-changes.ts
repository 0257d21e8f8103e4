import { basename, dirname } from 'node:path';
import { FSWatcher } from 'chokidar';
import { auditTime, Observable } from 'rxjs';

/** Milliseconds for which events are collected: an editor that saves a file gives several. */
const COLLECT_MS = 100;

/** What happened to a file or folder, in chokidar's words. */
export interface RecipeChange {
  readonly name: string;
  readonly event: string;
}

/**
 * Emits when something happened to the owner's recipes, so that documents that wait for one need not wait for the next scan,
 * which finds them anyway. Recipes in the inbox are watched with it. Never errors.
 *
 * @param watched the folder of the owner's recipes, or the recipe of every document; absolute, need not be there
 */
export function recipeChanges(watched: string): Observable<RecipeChange> {
  const above = dirname(watched);
  return new Observable<RecipeChange>((subscriber) => {
    const watcher = new FSWatcher({
      ignoreInitial: true,
      ignorePermissionErrors: true,
      // The folder above tells that the watched one comes, goes and comes back; its other entries are left alone.
      ignored: (path) => path !== above && path !== watched && !path.startsWith(`${watched}/`),
    });
    const ready = new Promise<void>((resolve) => watcher.once('ready', resolve));
    watcher.on('all', (event, path) => subscriber.next({ name: basename(path), event }));
    watcher.on('error', () => undefined);
    watcher.add(above);
    // A chokidar that is closed during its start leaves a handle open.
    return () => void ready.then(() => watcher.close());
  }).pipe(auditTime(COLLECT_MS));
}
