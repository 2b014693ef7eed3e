import './check-node.ts';
import { Command } from 'commander';
import { addDemoCommands } from './demo/demo-command.ts';
import { runProgram } from './cli/run-program.ts';

const program = new Command('demo').description('Controller and Cloud Services as processes on this machine, ready to try');
addDemoCommands(program);
process.exitCode = await runProgram(program, process.argv.slice(2));
