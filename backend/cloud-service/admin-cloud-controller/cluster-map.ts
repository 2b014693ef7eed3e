import type { NodeState } from '../../contracts/membership.ts';

/** What placement and reading of bytes need to know about the nodes: the list of Cloud Services joined with what this node has seen itself. */
export interface ClusterMap {
  readonly selfId: string;
  readonly selfZone: string;
  /** This node's own entry, measured locally. */
  self(): MappedNode;
  node(id: string): MappedNode | undefined;
  /** All nodes that are not removed, this one included, in ascending order of id. Cheap: rebuilt only when something changed. */
  nodes(): readonly MappedNode[];
  /** Tells what a transfer in between has shown; smoothed into the measured speed. */
  observeTransfer(nodeId: string, direction: 'read' | 'write', sizeBytes: number, durationMs: number): void;
  /** Tells that a call to the node has just failed, so that the next choice avoids it until it answers again. */
  observeFailure(nodeId: string): void;
}

export interface MappedNode {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly region: string;
  readonly provider: string;
  readonly state: NodeState;
  /** While it is draining: its copies stay where they are for now. */
  readonly drainPaused?: true;
  /** As this node sees it, whatever the Controller says. This node itself is always `reachable`. */
  readonly reachability: 'reachable' | 'unreachable' | 'unknown';
  /**
   * By its own word; true until it was heard. A node that does not serve has only just started, or is fenced: then its data
   * directory may be one that is to be thrown away. This node itself says true: what it does not do then is decided elsewhere.
   */
  readonly serving: boolean;
  /** Round trip of the last answer; undefined when none was seen. */
  readonly roundTripMs: number | undefined;
  /** As last told by the node itself; its capacity until then. */
  readonly freeBytes: number;
  readonly capacityBytes: number;
  /** Measured where known, else declared. Bytes per second. */
  readonly readBytesPerSecond: number;
  readonly writeBytesPerSecond: number;
  /** USD per GB; 0 when not declared. */
  readonly storagePricePerGb: number;
  readonly egressPricePerGb: number;
}

/** Whether its copies are to be made elsewhere now. */
export function isBeingDrained(node: MappedNode): boolean {
  return node.state === 'draining' && node.drainPaused !== true;
}

/** Whether new copies may be put there: known to the list as living, seen answering (or not yet tried), serving, not on its way out. */
export function acceptsCopies(node: MappedNode): boolean {
  const isLiving = node.state === 'healthy' || node.state === 'joining' || node.state === 'suspect';
  return isLiving && node.reachability !== 'unreachable' && node.serving;
}
