import { now } from './clock.ts';
import { script } from './connection.ts';
import { addDeadLetter } from './dead-letters.ts';

/** Released items whose time has come go to the front of the list, the earliest foremost; answers how many. */
const moveDue = `${now}
local function moveDue(list, delayed)
  local due = redis.call('ZRANGE', delayed, now(), '-inf', 'BYSCORE', 'REV')
  for _, item in ipairs(due) do
    redis.call('RPUSH', list, item)
    redis.call('ZREM', delayed, item)
  end
  return #due
end`;

/**
 * KEYS list. ARGV items as JSON. Answers 1 (queued) or 0 (duplicate) an item. Receipts and FILE: hashes live for
 * seven days, as the original's.
 */
export const push = script(`
local retention = 604800
local function count(receipt, path)
  local recordedBy = receipt.bucket .. ':' .. receipt.instrument
  redis.call('HINCRBY', 'REC:' .. receipt.bucket, receipt.obsDay, 1)
  redis.call('HINCRBY', 'RECINSTR:' .. recordedBy, receipt.obsDay, 1)
  redis.call('HSET', 'FILE:' .. path, 'recv_time', string.format('%.3f', receipt.receivedMs / 1000))
  redis.call('EXPIRE', 'FILE:' .. path, retention)
  if receipt.seqNum then
    local key = 'MAXSEQ:' .. recordedBy .. ':' .. receipt.obsDay
    local highest = tonumber(redis.call('GET', key) or -1)
    if receipt.seqNum > highest then redis.call('SET', key, string.format('%d', receipt.seqNum)) end
  end
end

local function asNumber(hex)
  local digits = string.upper(hex):gsub('^0+', '')
  return string.format('%05d', #digits) .. digits
end

-- The last receipt is kept. Sequencers decide where both have one, since news of an older version may come late.
local function isKnown(entry)
  local last = redis.call('GET', 'ENQ:' .. entry.item)
  if not last then return false end
  local eTag, sequencer = last:match('^(.*):(%x*)$')
  if entry.sequencer and sequencer and sequencer ~= '' then
    return asNumber(entry.sequencer) <= asNumber(sequencer)
  end
  return entry.eTag == eTag
end

local function isDuplicate(entry)
  if not entry.eTag then
    return redis.call('LPOS', KEYS[1], entry.item) or redis.call('ZSCORE', 'DELAYED:' .. KEYS[1], entry.item)
  end
  if isKnown(entry) then return true end
  redis.call('SET', 'ENQ:' .. entry.item, entry.eTag .. ':' .. (entry.sequencer or ''), 'EX', retention)
  return false
end

local outcomes = {}
for n, entry in ipairs(cjson.decode(ARGV[1])) do
  if isDuplicate(entry) then
    outcomes[n] = 0
  else
    redis.call('LPUSH', KEYS[1], entry.item)
    if entry.receipt then count(entry.receipt, entry.item) end
    outcomes[n] = 1
  end
end
return outcomes`);

/**
 * KEYS list, worker list, lease, workers, attempts, delayed. ARGV worker, limit, lease ms, copies in hand as JSON.
 * Answers items, their attempts, and ms until the next released item is due (-1: there is none).
 */
export const take = script(`${moveDue}
local list, held, lease, workers, attempts, delayed = unpack(KEYS)
local known = cjson.decode(ARGV[4])
for _, item in ipairs(redis.call('LRANGE', held, 0, -1)) do
  if (known[item] or 0) > 0 then
    known[item] = known[item] - 1
  else
    redis.call('LREM', held, 1, item)
    redis.call('RPUSH', list, item)
  end
end
moveDue(list, delayed)

local items, counts = {}, {}
for n = 1, tonumber(ARGV[2]) do
  local item = redis.call('LMOVE', list, held, 'RIGHT', 'LEFT')
  if not item then break end
  items[n], counts[n] = item, redis.call('HINCRBY', attempts, item, 1)
end
if #items > 0 then
  redis.call('SET', lease, ARGV[1], 'PX', ARGV[3])
  redis.call('SADD', workers, ARGV[1])
end
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
return { items, counts, first[2] and math.max(0, first[2] - now()) or -1 }`);

/** KEYS worker list, lease. ARGV lease ms. Reads the list too, since the original's idle service goes by OBJECT IDLETIME. */
export const extend = script(`
redis.call('LLEN', KEYS[1])
return redis.call('PEXPIRE', KEYS[2], ARGV[1])`);

/** KEYS list, worker list, attempts, delayed, dead. ARGV item, ending as JSON. Answers 0 where the worker does not hold it. */
export const finish = script(`${addDeadLetter}
local list, held, attempts, delayed, dead = unpack(KEYS)
local item, ending = ARGV[1], cjson.decode(ARGV[2])
if redis.call('LREM', held, 1, item) == 0 then return 0 end
if ending.kind == 'release' then
  if not ending.spend and redis.call('HINCRBY', attempts, item, -1) <= 0 then redis.call('HDEL', attempts, item) end
  if ending.afterSeconds > 0 then
    redis.call('ZADD', delayed, now() + math.ceil(ending.afterSeconds * 1000), item)
  else
    redis.call('RPUSH', list, item)
  end
  return 1
end
if ending.kind == 'dead' then
  local spent = tonumber(redis.call('HGET', attempts, item) or 0)
  addDeadLetter(dead, item, ending.cause, spent)
end
redis.call('HDEL', attempts, item)
return 1`);

/** KEYS list, workers, delayed, dead. ARGV prefix of worker lists. Answers waiting, in hand, dead. */
export const depth = script(`
local inHand = 0
for _, worker in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  inHand = inHand + redis.call('LLEN', ARGV[1] .. worker)
end
return { redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[3]), inHand, redis.call('LLEN', KEYS[4]) }`);

/** KEYS list, workers, delayed. ARGV prefix of worker lists. Answers how many items went back to the list. */
export const reclaim = script(`${moveDue}
local moved = moveDue(KEYS[1], KEYS[3])
for _, worker in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local held = ARGV[1] .. worker
  if redis.call('EXISTS', 'LEASE:' .. held) == 0 then
    while redis.call('LMOVE', held, KEYS[1], 'LEFT', 'RIGHT') do moved = moved + 1 end
    redis.call('SREM', KEYS[2], worker)
  end
end
return moved`);
