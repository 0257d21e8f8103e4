import type { CommandModule, Options as Flag } from 'yargs';
import type { Command } from '../command.ts';

/**
 * The command for yargs, to read what was given. yargs refuses nothing: what is wrong is told by us, and all at once. `run`
 * gets what it read.
 */
export function forYargs(command: Command, run: CommandModule['handler']): CommandModule {
  const { name, positionals = [] } = command;
  const usage = [name, ...positionals.map((one) => `[${one.name}${one.isList ? '..' : ''}]`)].join(' ');
  return {
    command: command.isDefault ? [usage, '$0'] : usage,
    describe: name,
    builder: (yargs) => {
      for (const [flag, { type, alias, default: value }] of Object.entries(command.flags())) {
        yargs.option(flag, {
          ...(type !== undefined && { type }),
          ...(alias !== undefined && { alias }),
          ...(value !== undefined && { default: value }),
        });
      }
      for (const one of positionals) yargs.positional(one.name, { type: 'string' });
      return yargs;
    },
    handler: run,
  };
}

/** The flag and its other names, a single letter first. */
export function namesOf(flag: string, { alias }: Flag): readonly string[] {
  return [...[alias ?? []].flat(), flag].toSorted((one, other) => one.length - other.length);
}

/** Whether a flag takes no value. */
export function isSwitch({ type }: Flag): boolean {
  return type === 'boolean';
}
