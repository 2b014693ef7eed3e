import type { Failure } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';

/** Why a node that was fenced or removed does nothing any more, and what brings it back. */
export function refusedNode(nodeId: string): Failure {
  return failure(
    'Revoked',
    `This node (${nodeId}) was fenced or removed by an admin, so nobody in the cluster answers it. To come back it joins anew, with an empty --data directory and a new token.`,
  );
}
