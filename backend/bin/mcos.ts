#!/usr/bin/env node
import './check-node.ts';
import { createProgram } from './program.ts';
import { runProgram } from './cli/run-program.ts';

const parameters = process.argv.slice(2);
process.exitCode = await runProgram(await createProgram(parameters), parameters);
