import { throwError } from 'rxjs';
import { RenderError } from '../domain/errors.ts';
import { PLAIN_HANDLING } from '../domain/recipe.ts';
import { errorMessage } from '../lib/errors.ts';
import {
  type LoadedRecipe,
  type LoadSettings,
  loadRecipe,
  NO_RECIPE,
  type RecipeSource,
  type SourceState,
} from './load-recipe.ts';
import { type RecipePlace, stampOf } from './recipe-file.ts';

/** A look at the disk holds for as long. */
const LOOK_MILLISECONDS = 50;
/** So does one that was asked for afresh: documents come in crowds, and a look costs several stats. */
const AFRESH_MILLISECONDS = 5;

/**
 * Editors, and people, take a file away and put another into its place. What the owner's says may be what keeps documents
 * from strangers.
 */
const AWAITED_SECONDS = { owners: 10, inbox: 2 };

export interface WatchSettings extends LoadSettings {
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

/**
 * The recipe in the first of some places that has one, as it is at the moment; where there is one place only, it must be
 * there. One that vanished is awaited for some seconds, and barred so long, before the next place counts.
 */
export class WatchedRecipe {
  readonly #places: readonly RecipePlace[];
  readonly #settings: WatchSettings;
  readonly #findOwner: (look?: 'afresh') => LoadedRecipe | null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #goneSince: number | null = null;
  #place: RecipePlace | null = null;
  #owner: LoadedRecipe | null = null;
  #sources: readonly SourceState[] = [];
  #recipe: LoadedRecipe | null = null;

  /** @param findOwner the owner's recipe, whose limits hold for this one, too; asked only where this one is there */
  constructor(
    places: readonly RecipePlace[],
    settings: WatchSettings,
    findOwner: (look?: 'afresh') => LoadedRecipe | null = () => null,
  ) {
    this.#places = places;
    this.#settings = settings;
    this.#findOwner = findOwner;
  }

  /** Null where there is none. One that cannot be used is barred: as it was before, where it was well then. */
  current(look?: 'afresh'): LoadedRecipe | null {
    const now = this.#settings.now();
    if (now - this.#lookedAt < (look === 'afresh' ? AFRESH_MILLISECONDS : LOOK_MILLISECONDS)) return this.#recipe;
    this.#lookedAt = now;
    const place = this.#found(now);
    const owner = place && this.#findOwner(look);
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
      if (place === this.#place && this.#isAwaited(place, now)) return place;
    }
    return null;
  }

  #isAwaited(place: RecipePlace, now: number): boolean {
    this.#goneSince ??= now;
    return now - this.#goneSince < secondsAwaited(place) * 1000;
  }

  #load(place: RecipePlace | null, owner: LoadedRecipe | null): void {
    const before = place === this.#place ? this.#recipe : null;
    const sources: SourceState[] = [];
    this.#place = place;
    this.#owner = owner;
    this.#sources = sources;
    this.#recipe = place && this.#loaded({ place, owner }, before, sources);
  }

  #loaded(source: RecipeSource, before: LoadedRecipe | null, sources: SourceState[]): LoadedRecipe {
    const { place } = source;
    try {
      return loadRecipe(source, this.#settings, (file) => sources.push(file));
    } catch (error) {
      const barred = this.#goneSince === null ? errorMessage(error) : gone(place);
      return { ...(before ?? unusable(place, this.#settings)), barred };
    }
  }
}

function gone(place: RecipePlace): string {
  const seconds = secondsAwaited(place);
  return `The recipe ${place.name} is gone: its documents wait ${seconds} s for it before they are asked without it.`;
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
    render: () => throwError(() => new RenderError(`The recipe ${name} cannot be used.`)),
  };
}
