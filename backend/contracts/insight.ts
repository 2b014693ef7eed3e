import Type, { type Static } from 'typebox';
import { EventView } from './admin-api.ts';
import { NodeId } from './ids.ts';

/**
 * What an administrator looks into: figures over time, latencies, a node's log, events that were
 * searched for, settings of the Controller. Routes under /api/v1:
 *
 *   GET    /series?span=hour|day|week     SeriesView
 *   GET    /latencies                     LatenciesView
 *   GET    /nodes/:name/log               ?limit -> NodeLogView (asked of the node now)
 *   PUT    /nodes/:name/weight            WeightRequest; counts from the next rings on
 *   GET    /events/search                 EventFilter, ?before&limit -> EventsFound
 *   GET    /events/export                 EventFilter, ?format=csv|json
 *   GET    /audit/export                  ?format=csv|json
 *   GET    /settings · PUT /settings      ControllerSettings
 */

/** Counted by a node's S3 port since its start. Bytes are those that headers announced. */
export const TrafficCounters = Type.Object({
  requests: Type.Integer({ minimum: 0 }),
  /** Answers with a status of 500 and above: faults of ours, not of the client. */
  errors: Type.Integer({ minimum: 0 }),
  bytesIn: Type.Integer({ minimum: 0 }),
  bytesOut: Type.Integer({ minimum: 0 }),
});
export type TrafficCounters = Static<typeof TrafficCounters>;

export const SeriesSpan = Type.Union([Type.Literal('hour'), Type.Literal('day'), Type.Literal('week')]);
export type SeriesSpan = Static<typeof SeriesSpan>;
const Figures = Type.Array(Type.Number());
/** Columns of equal length, oldest first; times where the Controller did not run are missing. Traffic is per second, the rest as it was at the end of the step. */
export const SeriesView = Type.Object({
  span: SeriesSpan,
  stepMs: Type.Integer(),
  atMs: Figures,
  nodes: Figures,
  healthy: Figures,
  capacityBytes: Figures,
  freeBytes: Figures,
  /** Of the capacity; for the steps of earlier releases what was not free. */
  usedBytes: Figures,
  names: Figures,
  blobs: Figures,
  requests: Figures,
  errors: Figures,
  bytesIn: Figures,
  bytesOut: Figures,
});
export type SeriesView = Static<typeof SeriesView>;

/** Round trips between nodes as they measured them. `pairs` only for clusters small enough to draw each; `zones` always. */
export const LatenciesView = Type.Object({
  pairs: Type.Array(Type.Object({ from: Type.String(), to: Type.String(), roundTripMs: Type.Number(), atMs: Type.Integer() })),
  /** Median over the pairs of two zones, `from` <= `to`. */
  zones: Type.Array(Type.Object({ from: Type.String(), to: Type.String(), roundTripMs: Type.Number(), pairs: Type.Integer() })),
});
export type LatenciesView = Static<typeof LatenciesView>;
/** In a node's status: the peers whose pings were answered last. */
export const PeerLatency = Type.Object({ nodeId: NodeId, roundTripMs: Type.Number({ minimum: 0 }) });
export type PeerLatency = Static<typeof PeerLatency>;

export const LogLevelName = Type.Union([Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')]);
export const LogLine = Type.Object({
  sequence: Type.Integer(),
  atMs: Type.Integer(),
  level: LogLevelName,
  message: Type.String(),
  /** The other fields of the line as JSON. */
  fields: Type.String(),
});
export type LogLine = Static<typeof LogLine>;
/** `log-tail` (controller): the last lines that the process wrote. */
export const LogTailRequest = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000 }) });
/** Newest first. */
export const NodeLogView = Type.Object({ lines: Type.Array(LogLine) });
export type NodeLogView = Static<typeof NodeLogView>;

/** Null gives the weight back to the computation from capacity and speed. */
export const WeightRequest = Type.Object(
  { weight: Type.Union([Type.Integer({ minimum: 0, maximum: 1e9 }), Type.Null()]) },
  { additionalProperties: false },
);
export type WeightRequest = Static<typeof WeightRequest>;

export const EventFilter = Type.Object({
  /** This severity and worse ones. */
  severity: Type.Optional(EventView.properties.severity),
  /** Whole kind (`node.state`) or its first word (`node`). */
  kind: Type.Optional(Type.String({ maxLength: 60 })),
  subject: Type.Optional(Type.String({ maxLength: 200 })),
  /** Somewhere in message or subject, whatever the case. */
  text: Type.Optional(Type.String({ maxLength: 200 })),
  /** `text` is also looked for in what the event says in this language. */
  language: Type.Optional(Type.Union([Type.Literal('en'), Type.Literal('vi')])),
  sinceMs: Type.Optional(Type.Integer({ minimum: 0 })),
  untilMs: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type EventFilter = Static<typeof EventFilter>;
/** Newest first. `next`: give it as `before` to go on; null when everything was looked at. */
export const EventsFound = Type.Object({ events: Type.Array(EventView), next: Type.Union([Type.Integer(), Type.Null()]) });
export type EventsFound = Static<typeof EventsFound>;

/** What an administrator may change while the Controller runs; kept over restarts, before what the command line says. */
export const ControllerSettings = Type.Object(
  {
    /** Null: no number is expected. */
    expectedNodes: Type.Union([Type.Integer({ minimum: 3, maximum: 10_000 }), Type.Null()]),
    /** Create the first rings by itself once that many are healthy. */
    automaticRings: Type.Boolean(),
    eventRetentionDays: Type.Integer({ minimum: 1, maximum: 3650 }),
  },
  { additionalProperties: false },
);
export type ControllerSettings = Static<typeof ControllerSettings>;
