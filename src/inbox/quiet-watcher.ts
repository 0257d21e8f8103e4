import { FSWatcher } from 'chokidar';

type Throttle = FSWatcher['_throttle'];

/**
 * chokidar without its own listings: it tells of entries by `raw` events, and never reads a folder.
 *
 * chokidar 5 lists a folder and stats every entry at each event in it, which in a folder of 100,000 files costs almost
 * two seconds of CPU per dropped file; no option turns that off. All its listings pass one throttle that may
 * refuse them: here it always does. Our scan lists instead.
 */
export class QuietWatcher extends FSWatcher {
  override _throttle(...[action, path, timeout]: Parameters<Throttle>): ReturnType<Throttle> {
    // oxlint-disable-next-line no-underscore-dangle -- chokidar's name, declared in its types
    return action === 'readdir' ? false : super._throttle(action, path, timeout);
  }
}
