/** Lua: Redis's own clock, Unix milliseconds. Leases and due times of every script know no other. */
export const now = `
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end`;
