import { RenderError } from '../domain/errors.ts';
import { PLAIN_HANDLING } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import { type LoadedRecipe, type LoadSettings, loadRecipe, NO_RECIPE, type SourceState } from './load-recipe.ts';
import { type RecipePlace, stampOf } from './recipe-file.ts';

/** One look at the disk: each recipe that is asked for during it looks at its files once. */
export interface RecipeLook {
  /** Milliseconds that only grow. */
  readonly now: number;
}

interface WatchSettings extends LoadSettings {
  /** Why documents that have no recipe are not asked; null: they are. */
  readonly whyNotWithout: string | null;
}

/**
 * Editors, and people, take a file away and put another into its place. The owner's recipe may be what keeps documents
 * from strangers.
 */
const AWAITED_SECONDS = { owners: 10, inbox: 2 };

/**
 * The recipe in the first of some places that has one, as it is during a look. If there is only one place, it must be
 * there. A recipe that vanished is awaited, and barred, for some seconds before the next place counts.
 */
export class WatchedRecipe {
  readonly #places: readonly RecipePlace[];
  readonly #settings: WatchSettings;
  readonly #findOwner: () => LoadedRecipe | null;
  #look: RecipeLook | null = null;
  #goneSince: number | null = null;
  #place: RecipePlace | null = null;
  #owner: LoadedRecipe | null = null;
  #sources: readonly SourceState[] = [];
  #recipe: LoadedRecipe | null = null;

  /** @param findOwner the owner's recipe, whose limits hold for this one, too; called only if this one is there */
  constructor(
    places: readonly RecipePlace[],
    settings: WatchSettings,
    findOwner: () => LoadedRecipe | null = () => null,
  ) {
    this.#places = places;
    this.#settings = settings;
    this.#findOwner = findOwner;
  }

  /** Null if there is none. One that cannot be used is barred, and otherwise as it was while it could be used. */
  current(look: RecipeLook): LoadedRecipe | null {
    if (look === this.#look) return this.#recipe;
    this.#look = look;
    const place = this.#found(look.now);
    const owner = place && this.#findOwner();
    const isChanged = place !== this.#place || owner !== this.#owner;
    if (isChanged || this.#sources.some((file) => stampOf(file) !== file.stamp)) this.#load(place, owner);
    return this.#recipe;
  }

  #found(now: number): RecipePlace | null {
    const [first, ...others] = this.#places;
    if (first !== undefined && others.length === 0) return first;
    for (const place of this.#places) {
      if (stampOf(place) !== '') {
        this.#goneSince = null;
        return place;
      }
      if (place !== this.#place) continue;
      this.#goneSince ??= now;
      if (now - this.#goneSince < secondsAwaited(place) * 1000) return place;
    }
    return null;
  }

  #load(place: RecipePlace | null, owner: LoadedRecipe | null): void {
    const before = place === this.#place ? this.#recipe : null;
    const sources: SourceState[] = [];
    this.#place = place;
    this.#owner = owner;
    this.#sources = sources;
    this.#recipe = null;
    if (place === null) return;
    try {
      this.#recipe = loadRecipe(place, owner, this.#settings, (file) => sources.push(file));
    } catch (error) {
      const barred = this.#goneSince === null ? errorMessage(error) : this.#goneInWords(place);
      this.#recipe = { ...(before ?? unusable(place, this.#settings)), barred };
    }
  }

  #goneInWords(place: RecipePlace): string {
    const without =
      this.#settings.whyNotWithout === null ? 'they are asked as they are' : 'they wait until there is one';
    return (
      `The recipe ${place.name} is gone: its documents wait for it. If it is not back within ${secondsAwaited(place)} s, ` +
      `they are asked with the recipe that comes next; if there is none, ${without}.`
    );
  }
}

function secondsAwaited({ trusted }: RecipePlace): number {
  return trusted ? AWAITED_SECONDS.owners : AWAITED_SECONDS.inbox;
}

function unusable({ name }: RecipePlace, { model, api }: LoadSettings): LoadedRecipe {
  return {
    name,
    model,
    api,
    hash: '',
    barred: null,
    handling: PLAIN_HANDLING,
    fixedTokens: 0,
    definition: { ...NO_RECIPE, name },
    circumstances: () => '',
    place: ({ id }) => ({ name: id, ending: '.md' }),
    render: () => Promise.reject(new RenderError(`The recipe ${name} cannot be used.`)),
  };
}
