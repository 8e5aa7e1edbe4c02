-- churn.lua ROUNDS: trees, tables of tables, strings.
local function tree(depth)
  if depth == 0 then return {} end
  return {tree(depth - 1), tree(depth - 1), depth = depth}
end

local function count(node)
  if not node[1] then return 1 end
  return 1 + count(node[1]) + count(node[2])
end

local total, kept = 0, {}
for round = 1, tonumber(arg[1]) do
  total = total + count(tree(13))
  local groups = {}
  for i = 1, 20000 do
    local key = "key-" .. i * 7919 % 5003 .. "-" .. round
    groups[key] = groups[key] or {}
    table.insert(groups[key], {i, key .. i})
  end
  local parts = {}
  for key, group in pairs(groups) do parts[#parts + 1] = key .. "=" .. #group end
  total = total + #table.concat(parts, ",")
  kept[#kept + 1] = parts[1]
end
print(total)
