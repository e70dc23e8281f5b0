import { Fault } from 'openfaas-sdk-ts';
import type { Database } from './database.ts';
import type { LogPartition } from './log-partitions.ts';
import { isDead, thisProcess } from './owner.ts';

// Consumer groups of the embedded log, inside the caller's write transaction. A group's members share a topic's
// partitions: the n-th member in order of their names has every n-th partition. A partition is given up only by its
// member, between batches, or when that member has left, died or let its time expire; so it never has two.

export interface Membership {
  readonly topic: string;
  readonly group: string;
  readonly member: string;
  readonly sessionMs: number;
}

/** Renews the membership and answers the partitions that are this member's from now on. */
export function shareOut(
  bus: Database,
  membership: Membership,
  partitions: readonly LogPartition[],
): LogPartition[] {
  const { group, member } = membership;
  const { topicId } = partitions[0];
  renew(bus, membership, topicId);
  const members = livingMembers(bus, topicId, group);
  const place = members.indexOf(member);
  return partitions.filter(({ id, partition }) => {
    const owner = assignedTo(bus, group, id);
    const mine = partition % members.length === place;
    if (!mine && owner === member) assign(bus, group, id, null);
    if (!mine) return false;
    if (owner === member) return true;
    if (owner !== undefined && members.includes(owner)) return false;
    assign(bus, group, id, member);
    return true;
  });
}

/** Puts off the end of the membership. */
export function renew(bus: Database, { group, member, sessionMs }: Membership, topicId: number): void {
  bus
    .prepare('INSERT OR REPLACE INTO log_members VALUES (?, ?, ?, ?, ?)')
    .run(topicId, group, member, thisProcess, Date.now() + sessionMs);
}

/** Leaves the group at once, so that others need not wait for the time to expire. */
export function leave(bus: Database, { group, member }: Membership): void {
  bus.prepare('DELETE FROM log_assignments WHERE consumer_group = ? AND member = ?').run(group, member);
  bus.prepare('DELETE FROM log_members WHERE consumer_group = ? AND member = ?').run(group, member);
}

function livingMembers(bus: Database, topicId: number, group: string): string[] {
  const rows = bus
    .prepare(
      'SELECT member, owner, expires_ms FROM log_members WHERE topic_id = ? AND consumer_group = ? ORDER BY member',
    )
    .all(topicId, group);
  const now = Date.now();
  const living = rows.filter((row) => Number(row.expires_ms) > now && !isDead(String(row.owner)));
  return living.map((row) => String(row.member));
}

function assignedTo(bus: Database, group: string, partitionId: number): string | undefined {
  const row = bus
    .prepare('SELECT member FROM log_assignments WHERE consumer_group = ? AND partition_id = ?')
    .get(group, partitionId);
  return row && String(row.member);
}

function assign(bus: Database, group: string, partitionId: number, member: string | null): void {
  if (member === null) {
    bus
      .prepare('DELETE FROM log_assignments WHERE consumer_group = ? AND partition_id = ?')
      .run(group, partitionId);
  } else {
    bus.prepare('INSERT OR REPLACE INTO log_assignments VALUES (?, ?, ?)').run(group, partitionId, member);
  }
}

/** A group that begins at the latest begins where each partition ends now, and stays there until it commits. */
export function beginAtEnd(bus: Database, group: string, partitions: readonly LogPartition[]): void {
  for (const { id, end } of partitions) {
    bus.prepare("INSERT OR IGNORE INTO log_commits VALUES (?, ?, ?, '')").run(group, id, end);
  }
}

/** The next offset to read by the group's commits, and what was noted beside it. */
export function committed(
  bus: Database,
  group: string,
  partitionId: number,
): { offset: bigint; metadata: string } {
  const row = bus
    .prepare('SELECT next_offset, metadata FROM log_commits WHERE consumer_group = ? AND partition_id = ?')
    .get(group, partitionId);
  return row
    ? { offset: BigInt(Number(row.next_offset)), metadata: String(row.metadata) }
    : { offset: 0n, metadata: '' };
}

/** @throws Fault NS_LEASE_LOST where the partition belongs to another member by now. */
export function commit(
  bus: Database,
  { topic, group, member }: Membership,
  { id, partition }: LogPartition,
  offset: bigint,
  metadata: string,
): void {
  if (assignedTo(bus, group, id) !== member) {
    throw new Fault(
      'NS_LEASE_LOST',
      `Partition ${partition} of ${topic} went to another member of ${group} before offset ${offset} was committed; ` +
        'what was done since its last commit will be done again.',
    );
  }
  bus.prepare('INSERT OR REPLACE INTO log_commits VALUES (?, ?, ?, ?)').run(group, id, offset, metadata);
}
