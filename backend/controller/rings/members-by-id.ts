import type { EpochMember } from '../../contracts/epoch.ts';

/** Finds members of an epoch by id. The table is made once for a list of members: the console asks for all of a thousand again and again. */
export function createMembersById(): (members: readonly EpochMember[] | undefined, id: string) => EpochMember | undefined {
  let known: { members: readonly EpochMember[]; byId: ReadonlyMap<string, EpochMember> } | undefined;
  return (members, id) => {
    if (members === undefined) return undefined;
    if (known?.members !== members) known = { members, byId: new Map(members.map((member) => [member.id, member])) };
    return known.byId.get(id);
  };
}
