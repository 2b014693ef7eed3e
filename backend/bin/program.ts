import { Command } from 'commander';
import { addBucketCommands } from './commands/buckets.ts';
import { addControllerCommands } from './commands/controller.ts';
import { addEventsCommand } from './commands/events.ts';
import { addHealingCommands } from './commands/healing.ts';
import { addNodeStartCommand } from './commands/node-start.ts';
import { addNodesCommands } from './commands/nodes.ts';
import { addResolveCommand } from './commands/resolve.ts';
import { addRingCommands } from './commands/rings.ts';
import { addStatusCommand } from './commands/status.ts';
import { addTokenCommands } from './commands/tokens.ts';
import { addUserCommands } from './commands/users.ts';
import { softwareVersion } from './software-version.ts';

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('mcos')
    .description('One namespace of objects over many independent clouds')
    .version(softwareVersion(), '--version');
  addControllerCommands(program);
  const node = program.command('node').description('one Cloud Service');
  addNodeStartCommand(node);
  addStatusCommand(program);
  addNodesCommands(program, node);
  addTokenCommands(program);
  addRingCommands(program);
  addResolveCommand(program);
  addUserCommands(program);
  addBucketCommands(program);
  addHealingCommands(program);
  addEventsCommand(program);
  return program;
}
