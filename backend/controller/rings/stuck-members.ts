export interface StartRecords {
  /** Ids of the members of each epoch that is not retired, but for those given up. */
  readonly recorders: readonly (readonly string[])[];
  /** It says now that its start is not recorded yet. */
  readonly isWaiting: (id: string) => boolean;
  /** It is lost, or fenced. One that waits itself records others all the same. */
  readonly recordsNobody: (id: string) => boolean;
}

/**
 * Members whose start cannot be recorded: in some epoch no majority of the others is there to do it (protocol section 1). Of three that is a
 * member that is started again while another one is lost, of five one while two others are. Any other that waits is recorded within a
 * second and must not be taken for one that is lost with the lost. Pure.
 */
export function stuckMembers({ recorders, isWaiting, recordsNobody }: StartRecords): readonly string[] {
  const waiting = [...new Set(recorders.flat())].filter(isWaiting);
  return waiting.filter((self) =>
    recorders.some((members) => {
      const others = members.filter((id) => id !== self);
      // Where all others have been given up there is nobody to ask.
      return others.length > 0 && others.filter((id) => !recordsNobody(id)).length * 2 <= others.length;
    }),
  );
}
