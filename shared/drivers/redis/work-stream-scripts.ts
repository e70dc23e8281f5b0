import { now } from './clock.ts';
import { script } from './connection.ts';
import { addDeadLetter } from './dead-letters.ts';

/** The group begins at 0, whoever makes it: at `$` it would skip what is there, and KEDA's lag would be unknown. */
const ensureGroup = `
local function ensureGroup(stream, group)
  local made = redis.pcall('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
  if made.err and not made.err:find("BUSYGROUP") then error(made) end
end`;

/** The slot of an entry's fields, as slotText writes it; the id where a foreign entry lacks one of the fields. */
const slotOf = `
local function slotOf(id, fields)
  local named = {}
  for n = 1, #fields, 2 do named[fields[n]] = fields[n + 1] end
  if not (named.instrument and named.groupId and named.detector) then return id end
  local group = named.groupId:gsub("[^%w%-_.!~*'()]", function(byte) return string.format('%%%02X', byte:byte()) end)
  return named.instrument .. '/' .. group .. '/' .. named.detector
end`;

/** What XINFO GROUPS says of a group, by name; nothing where there is no such stream or group. */
const groupInfo = `
local function groupInfo(stream, group)
  if redis.call('EXISTS', stream) == 0 then return end
  for _, row in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local info = {}
    for n = 1, #row, 2 do info[row[n]] = row[n + 1] end
    if info.name == group then return info end
  end
end`;

/** Released entries whose time has come become new entries; answers how many. */
const moveDue = `${now}
local function moveDue(stream, delayed)
  local due = redis.call('ZRANGE', delayed, '-inf', now(), 'BYSCORE')
  for _, text in ipairs(due) do
    redis.call('XADD', stream, '*', unpack(cjson.decode(text).fields))
    redis.call('ZREM', delayed, text)
  end
  return #due
end`;

/** KEYS stream, then a SLOT key an entry. ARGV group, dedupe seconds, then each entry's fields as JSON. Answers appended. */
export const appendAll = script(`${ensureGroup}
ensureGroup(KEYS[1], ARGV[1])
local appended = 0
for n = 2, #KEYS do
  if redis.call('SET', KEYS[n], '1', 'NX', 'EX', ARGV[2]) then
    redis.call('XADD', KEYS[1], '*', unpack(cjson.decode(ARGV[n + 1])))
    appended = appended + 1
  end
end
return appended`);

/**
 * KEYS stream, leases, attempts, delayed. ARGV group, consumer, limit, lease ms.
 * Answers units (id, slot, attempt, fields), ms until the next released entry is due (-1: none), last delivered id.
 */
export const take = script(`${ensureGroup}${slotOf}${groupInfo}${moveDue}
local stream, leases, attempts, delayed = unpack(KEYS)
ensureGroup(stream, ARGV[1])
moveDue(stream, delayed)
local units = {}
local read = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3], 'STREAMS', stream, '>')
for n, entry in ipairs(read and read[1][2] or {}) do
  local id, fields = entry[1], entry[2]
  local slot = slotOf(id, fields)
  redis.call('ZADD', leases, now() + ARGV[4], id)
  units[n] = { id, slot, redis.call('HINCRBY', attempts, slot, 1), fields }
end
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local wait = first[2] and math.max(0, first[2] - now()) or -1
return { units, wait, groupInfo(stream, ARGV[1])['last-delivered-id'] }`);

/** Whether a consumer holds an entry: it is in the group's pending list under this name. */
const holds = `
local function holds(stream, group, consumer, id)
  if not groupInfo(stream, group) then return false end
  return #redis.call('XPENDING', stream, group, id, id, 1, consumer) == 1
end`;

/** KEYS stream, leases. ARGV group, consumer, id, lease ms. Claiming what it has shows operators a low idle time. */
export const extend = script(`${now}${groupInfo}${holds}
if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3]) then return 0 end
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'JUSTID')
redis.call('ZADD', KEYS[2], now() + ARGV[4], ARGV[3])
return 1`);

/** KEYS stream, leases, attempts, delayed, dead. ARGV group, consumer, id, ending as JSON. Answers 0 where it is not held. */
export const finish = script(`${addDeadLetter}${groupInfo}${holds}${slotOf}
local stream, leases, attempts, delayed, dead = unpack(KEYS)
local group, consumer, id, ending = ARGV[1], ARGV[2], ARGV[3], cjson.decode(ARGV[4])
if not holds(stream, group, consumer, id) then return 0 end
local entry = redis.call('XRANGE', stream, id, id)[1]
redis.call('XACK', stream, group, id)
redis.call('ZREM', leases, id)
-- Whoever trimmed the stream took the fields with them: there is nothing to give back.
if not entry then return 1 end
local fields, slot = entry[2], slotOf(id, entry[2])
if ending.kind == 'release' then
  if not ending.spend and redis.call('HINCRBY', attempts, slot, -1) <= 0 then redis.call('HDEL', attempts, slot) end
  if ending.afterSeconds > 0 then
    local due = now() + math.ceil(ending.afterSeconds * 1000)
    redis.call('ZADD', delayed, due, cjson.encode({ id = id, fields = fields }))
  else
    redis.call('XADD', stream, '*', unpack(fields))
  end
  return 1
end
if ending.kind == 'dead' then
  local spent = tonumber(redis.call('HGET', attempts, slot) or 0)
  addDeadLetter(dead, slot, ending.cause, spent, fields)
end
redis.call('HDEL', attempts, slot)
return 1`);

/** KEYS stream, delayed, dead. ARGV group. Answers waiting, in hand, dead. */
export const depth = script(`${groupInfo}
local info = groupInfo(KEYS[1], ARGV[1])
local waiting = redis.call('ZCARD', KEYS[2])
if info then
  -- The lag is unknown where somebody deleted entries; then the unread ones are counted.
  waiting = waiting + (info.lag or #redis.call('XRANGE', KEYS[1], '(' .. info['last-delivered-id'], '+'))
elseif redis.call('EXISTS', KEYS[1]) == 1 then
  waiting = waiting + redis.call('XLEN', KEYS[1])
end
return { waiting, info and info.pending or 0, redis.call('LLEN', KEYS[3]) }`);

/** Calls back for each pending entry of a group: id, consumer, idle ms. */
const eachPending = `
local function eachPending(stream, group, call)
  local from = '-'
  repeat
    local page = redis.call('XPENDING', stream, group, from, '+', 100)
    for _, row in ipairs(page) do
      call(row[1], row[2], row[3])
      from = '(' .. row[1]
    end
  until #page < 100
end`;

/**
 * KEYS stream, leases, delayed. ARGV group, ms after which an entry that was taken without a lease (by hand, with
 * another tool) and a consumer without entries count as abandoned. Answers how many entries were put back.
 */
export const reclaim = script(`${groupInfo}${eachPending}${moveDue}
local stream, leases, delayed = unpack(KEYS)
local group, abandonedMs = ARGV[1], tonumber(ARGV[2])
if not groupInfo(stream, group) then return 0 end
local moved = moveDue(stream, delayed)

local expired = {}
eachPending(stream, group, function(id, _, idleMs)
  local expiry = redis.call('ZSCORE', leases, id)
  local over
  if expiry then over = tonumber(expiry) <= now() else over = idleMs > abandonedMs end
  if over then expired[#expired + 1] = id end
end)
for _, id in ipairs(expired) do
  local entry = redis.call('XRANGE', stream, id, id)[1]
  redis.call('XACK', stream, group, id)
  redis.call('ZREM', leases, id)
  if entry then
    redis.call('XADD', stream, '*', unpack(entry[2]))
    moved = moved + 1
  end
end

-- Every worker is a consumer of its own, so that thousands a night would stay in the group.
for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
  local consumer = {}
  for n = 1, #row, 2 do consumer[row[n]] = row[n + 1] end
  if consumer.pending == 0 and consumer.idle > abandonedMs then
    redis.call('XGROUP', 'DELCONSUMER', stream, group, consumer.name)
  end
end

-- What every group has finished is trimmed from the head; unread and pending entries never, and none is deleted
-- in the middle, since that makes Redis forget the lag (7.0: a deleted entry at or after the last delivered one).
local keep
for _, row in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local info = {}
  for n = 1, #row, 2 do info[row[n]] = row[n + 1] end
  local oldest = redis.call('XPENDING', stream, info.name, '-', '+', 1)[1]
  local id = oldest and oldest[1] or info['last-delivered-id']
  local ms, seq = id:match('^(%d+)-(%d+)$')
  local place = string.format('%020.0f-%020.0f', ms, seq)
  if not keep or place < keep.place then keep = { place = place, id = id } end
end
redis.call('XTRIM', stream, 'MINID', keep.id)
return moved`);

/** KEYS stream, delayed. ARGV group. Answers (id, slot, fields) of pending, unread and released entries. */
export const unfinished = script(`${groupInfo}${eachPending}${slotOf}
local stream, group = KEYS[1], ARGV[1]
local info = groupInfo(stream, group)
local entries = {}
local function add(id, fields) entries[#entries + 1] = { id, slotOf(id, fields), fields } end
if info then
  eachPending(stream, group, function(id)
    local entry = redis.call('XRANGE', stream, id, id)[1]
    if entry then add(id, entry[2]) end
  end)
end
local after = info and '(' .. info['last-delivered-id'] or '-'
for _, entry in ipairs(redis.call('XRANGE', stream, after, '+')) do add(entry[1], entry[2]) end
for _, text in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local entry = cjson.decode(text)
  add(entry.id, entry.fields)
end
return entries`);
