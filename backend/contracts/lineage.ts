import Type, { type Static } from 'typebox';

/** A version of the list, as one start of the Controller has made it. Version numbers alone are given twice after a restore from an older copy. */
export const ListMark = Type.Object({
  /** 8 hexadecimal characters, drawn anew at each start. */
  start: Type.String({ pattern: '^[0-9a-f]{8}$' }),
  version: Type.Integer({ minimum: 1 }),
});
export type ListMark = Static<typeof ListMark>;

/** How many starts a list names. More than that is forgotten from the oldest on. */
export const keptStarts = 16;

/**
 * Which changes a list contains: of each start that has changed it, the last version contained, ascending by version. The last one is the
 * version of the list itself. A list follows from another one exactly when its lineage contains the mark of that one.
 */
export const Lineage = Type.Array(ListMark, { minItems: 1, maxItems: keptStarts });
export type Lineage = readonly ListMark[];

/** The lineage with its signature: Base64 ECDSA of the Controller over `lineageSignatureText`. */
export const SignedLineage = Type.Object({ starts: Lineage, signature: Type.String({ maxLength: 300 }) });
export interface SignedLineage {
  readonly starts: Lineage;
  readonly signature: string;
}

/** The list's own mark; undefined where it was made by a release without lineages. */
export function newestMark(lineage: Lineage | undefined): ListMark | undefined {
  return lineage?.at(-1);
}

/** Whether a list of this lineage has certainly come after `mark`. */
export function namesMark(lineage: Lineage, { start, version }: ListMark): boolean {
  return lineage.some((mark) => mark.start === start && mark.version >= version);
}

/**
 * Whether it has, as far as it can tell: what is no newer than the oldest mark that a full lineage still names counts as contained. Two histories may
 * have given that number twice, and only one of the two marks had room.
 */
export function containsMark(lineage: Lineage, mark: ListMark): boolean {
  const oldest = lineage[0];
  const isForgotten = lineage.length >= keptStarts && oldest !== undefined && mark.version <= oldest.version;
  return isForgotten || namesMark(lineage, mark);
}

/** The lineage of a list that has everything of both. */
export function joinLineages(left: Lineage, right: Lineage): Lineage {
  const versions = new Map<string, number>();
  for (const { start, version } of [...left, ...right]) versions.set(start, Math.max(version, versions.get(start) ?? 0));
  const joined = [...versions].map(([start, version]): ListMark => ({ start, version }));
  // By the start as well where two histories have given one number twice: one order, whoever sorts.
  joined.sort((one, other) => one.version - other.version || (one.start < other.start ? -1 : 1));
  return joined.slice(-keptStarts);
}
