// A Cloud Service in a utility process of the app: the command line of the daemon, ended when it is done.
import { runProgram } from '../../backend/bin/cli/run-program.ts';
import { createProgram } from '../../backend/bin/program.ts';

process.exit(await runProgram(createProgram(), process.argv.slice(2)));
