/**
 * Lua scripts that run inside Redis, each atomically and in one round trip.
 *
 * | key | holds |
 * | --- | --- |
 * | `mosaic:<id>` | string: the entry as JSON, as the older system wrote it |
 * | `mosaic:all` | string: `{"mosaics": [...], "size": n}`, as the older system wrote it; the newest 1,000 |
 * | `mosaics:index` | sorted set of IDs, by negated date |
 * | `mosaics:by:<name>` | sorted set of a person's IDs, by negated date; names as `persons.ts` compares them |
 * | `mosaics:warm` | exists once the cache was filled |
 * | `mosaics:staged:<token>` | list: id, score, JSON, id, score, JSON, ... of a running replacement |
 * | `mosaics:journal:<token>` | hash: what was put (score, blank, JSON) or removed (empty) since that replacement began |
 * | `mosaics:journals` | set of the tokens |
 *
 * The scripts build key names themselves, which Redis Cluster does not allow: use one server, or a primary with replicas.
 */
const parts = `
local index, all, warm, journals = 'mosaics:index', 'mosaic:all', 'mosaics:warm', 'mosaics:journals'

local function setOf(person)
  return 'mosaics:by:' .. person:match('^%s*@?(.-)%s*$'):lower()
end

local function setsOf(json)
  local entry, sets = cjson.decode(json), {}
  for _, name in ipairs({'username', 'author'}) do
    local set = setOf(type(entry[name]) == 'string' and entry[name] or '')
    if set ~= 'mosaics:by:' then sets[#sets + 1] = set end
  end
  return sets
end

local function remove(id)
  if redis.call('ZREM', index, id) == 1 then
    for _, set in ipairs(setsOf(redis.call('GET', 'mosaic:' .. id) or '{}')) do redis.call('ZREM', set, id) end
  end
  redis.call('DEL', 'mosaic:' .. id)
end

local function put(id, score, json)
  remove(id)
  redis.call('SET', 'mosaic:' .. id, json)
  redis.call('ZADD', index, score, id)
  for _, set in ipairs(setsOf(json)) do redis.call('ZADD', set, score, id) end
end

local function valuesOf(ids)
  if #ids == 0 then return {} end
  local keys, values = {}, {}
  for i, id in ipairs(ids) do keys[i] = 'mosaic:' .. id end
  for _, value in ipairs(redis.call('MGET', unpack(keys))) do
    if value then values[#values + 1] = value end
  end
  return values
end

local function writeAll()
  local values = valuesOf(redis.call('ZRANGE', index, 0, 999))
  redis.call('SET', all, '{"mosaics":[' .. table.concat(values, ',') .. '],"size":' .. #values .. '}')
end

local function note(id, change)
  for _, token in ipairs(redis.call('SMEMBERS', journals)) do
    local journal = 'mosaics:journal:' .. token
    if redis.call('EXISTS', journal) == 1 then
      redis.call('HSET', journal, id, change)
    else
      redis.call('SREM', journals, token)
    end
  end
  -- On a cold cache it is left away: a list of one would look like a gallery of one.
  if redis.call('EXISTS', warm) == 1 then writeAll() end
end
`

/** ARGV: id, score, JSON */
export const put = `${parts}
put(ARGV[1], ARGV[2], ARGV[3])
note(ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
`

/** ARGV: id */
export const remove = `${parts}
remove(ARGV[1])
note(ARGV[1], '')
`

/** ARGV: id. An entry that is not in the index was written by the older system, and its mosaic may be gone. */
export const get = `${parts}
if redis.call('ZSCORE', index, ARGV[1]) then return redis.call('GET', 'mosaic:' .. ARGV[1]) end
return false
`

/**
 * ARGV: limit, person or blank, score and ID to start after, or nothing. Returns total, last ID, its score, whether there are
 * more, JSON...
 */
export const page = `${parts}
-- Lua compares strings by the server's locale.
local function notBehind(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return #a <= #b
end

local limit, start, set = tonumber(ARGV[1]), 0, index
if ARGV[2] ~= '' then set = setOf(ARGV[2]) end
if ARGV[3] then
  start = redis.call('ZCOUNT', set, '-inf', '(' .. ARGV[3])
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', set, ARGV[3], ARGV[3])) do
    if not notBehind(id, ARGV[4]) then break end
    start = start + 1
  end
end
local ids = redis.call('ZRANGE', set, start, start + limit)
local more = #ids > limit
if more then ids[#ids] = nil end
local last = ids[#ids] or ''
local answer = {redis.call('ZCARD', set), last, redis.call('ZSCORE', set, last) or '', more and 1 or 0}
for _, value in ipairs(valuesOf(ids)) do answer[#answer + 1] = value end
return answer
`

/** ARGV: token, seconds. From now on, changes are recorded for this replacement. */
export const begin = `${parts}
redis.call('SADD', journals, ARGV[1])
redis.call('HSET', 'mosaics:journal:' .. ARGV[1], '', '')
redis.call('EXPIRE', 'mosaics:journal:' .. ARGV[1], ARGV[2])
`

/** ARGV: token, seconds, then id, score, JSON, ... Returns 0 if the replacement has expired. */
export const stage = `${parts}
local staged = 'mosaics:staged:' .. ARGV[1]
for i = 3, #ARGV do redis.call('RPUSH', staged, ARGV[i]) end
redis.call('EXPIRE', staged, ARGV[2])
return redis.call('EXPIRE', 'mosaics:journal:' .. ARGV[1], ARGV[2])
`

/** ARGV: token. Returns the number of entries, or -1 if the replacement was lost (a flush, or too long a pause). */
export const commit = `${parts}
local staged, journal = 'mosaics:staged:' .. ARGV[1], 'mosaics:journal:' .. ARGV[1]
if redis.call('EXISTS', journal) == 0 then return -1 end
for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do remove(id) end
local items = redis.call('LRANGE', staged, 0, -1)
for i = 1, #items, 3 do put(items[i], items[i + 1], items[i + 2]) end
local changes = redis.call('HGETALL', journal)
for i = 1, #changes, 2 do
  local id, change = changes[i], changes[i + 1]
  if id ~= '' and change == '' then
    remove(id)
  elseif id ~= '' then
    local blank = string.find(change, ' ', 1, true)
    put(id, string.sub(change, 1, blank - 1), string.sub(change, blank + 1))
  end
end
redis.call('DEL', staged, journal)
redis.call('SREM', journals, ARGV[1])
redis.call('SET', warm, '1')
writeAll()
return redis.call('ZCARD', index)
`

/** ARGV: token */
export const giveUp = `
redis.call('DEL', 'mosaics:staged:' .. ARGV[1], 'mosaics:journal:' .. ARGV[1])
redis.call('SREM', 'mosaics:journals', ARGV[1])
`
