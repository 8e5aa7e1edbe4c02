PRAGMA journal_mode = OFF;
CREATE TABLE people(id INTEGER PRIMARY KEY, grp INT, name TEXT, payload BLOB);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < @rows)
INSERT INTO people
SELECT n, n * 7919 % 1013, printf('name-%d-%s', n, hex(n * 31)),
       substr('abcdefghijklmnopqrstuvwxyz0123456789', 1, n % 36) FROM c;
CREATE INDEX by_name ON people(grp, name);
SELECT count(*), sum(l) FROM (SELECT grp, sum(length(name)) l, group_concat(substr(name, 1, 8)) g
                              FROM people GROUP BY grp);
SELECT count(*) FROM (SELECT upper(name) u, lower(payload) p FROM people
                      WHERE u LIKE '%7%' ORDER BY p);
