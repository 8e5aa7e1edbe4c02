#!/bin/bash
# scripts/demo.sh [BUILD] - the main job on a real program: Debian's sqlite3, unchanged, loads a
# table, indexes it and asks it questions. Leaves the trace and its reports in BUILD/demo/.
set -euo pipefail

build=$(cd "${1:-build}" && pwd)
out=$build/demo
memscope=$build/bin/memscope
mkdir -p "$out"
rm -f "$out"/demo.*

cat >"$out/bulk.sql" <<'SQL'
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer TEXT, item TEXT, price REAL, note TEXT);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
INSERT INTO orders SELECT i, 'customer ' || (i * 7919 % 1000), 'item ' || (i * 104729 % 5000),
                          (i * 31 % 10000) / 100.0, hex(zeroblob(i % 64)) FROM n;
COMMIT;
CREATE INDEX by_customer ON orders(customer, price);
SELECT customer, count(*), round(sum(price), 2) FROM orders GROUP BY customer
    ORDER BY 3 DESC LIMIT 5;
SELECT count(*) FROM (SELECT a.id FROM orders a JOIN orders b ON b.id = a.id + 1
                      WHERE a.item < b.item);
SELECT length(group_concat(note || item, ',')) FROM orders;
SQL

"$memscope" run --output "$out/demo.memscope" -- sqlite3 :memory: <"$out/bulk.sql"
"$memscope" report "$out/demo.memscope" -f json -o "$out/demo.json"
"$memscope" report "$out/demo.memscope" -f text -o "$out/demo.txt"

echo
echo "The program was $(command -v sqlite3), as Debian ships it. Left behind:"
ls -l "$out"/demo.* | awk '{ printf "  %10d bytes  %s\n", $5, $NF }'
