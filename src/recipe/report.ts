/** Tells what is wrong with a recipe, and where: `config.temperature`, `is 3; it takes a number from 0 to 2`. */
export type Report = (where: string, problem: string) => void;
