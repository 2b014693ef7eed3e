/**
 * Imported first by every entry point: says clearly what is missing when somebody runs it with
 * an older Node than the project needs (npm scripts always take the pinned one).
 */
export const requiredNodeMajor = 24;

/** The sentence to show, or null when `version` (as in process.versions.node) will do. */
export function nodeVersionProblem(version: string): string | null {
  const major = Number(version.split('.')[0]);
  if (major >= requiredNodeMajor) return null;
  return `MCOS needs Node ${requiredNodeMajor} or newer, this is Node ${version}: start it through the npm scripts (they bring their own Node), or install Node ${requiredNodeMajor}.`;
}

const problem = nodeVersionProblem(process.versions.node);
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}
