# Something of everything that an awk allocates.
function add(table, key,   n) { n = table[key]++; return n > 0 ? key "" n : key }
function depth(n) { return n <= 0 ? "" : "(" depth(n - 1) ")" }
BEGIN { FS = "[ :;(){}]+"; OFS = "-"; split("one two three four", numbers, " "); "echo from a command" | getline line
    while ((getline text < "text.txt") > 0) lines[++count] = text
    close("text.txt"); printf "%s %5.2f %d %c\n", line, 3.14159, 42, "x" > "/dev/null"; total = start + length(line) }
NR % 2 { odd[NR] = $0; $2 = "changed"; last = $0 }
/^%/, /^$/ { between++ }
$1 ~ "^[a-z]+$" && NF > 2 { words[tolower($1)] = words[tolower($1)] "," FNR; gsub(/[aeiou]/, "<&>", $1); sub("o", "0") }
{ for (i = 1; i <= NF; i++) { seen[$i]++; pairs[$i, NR] = i; longest = length($i) > length(longest) ? $i : longest }
  name = name substr($0, 2, 3) toupper($NF); if (match($0, /[a-z]+[0-9]*/)) found[RSTART] = RLENGTH }
kind == "last" { tail = tail $0 "\n" }
END { for (key in seen) if (seen[key] < 2) delete seen[key]; for (key in pairs) { split(key, part, SUBSEP); n += part[2] }
    print total, between, longest, depth(9), add(odd, "new"), add(odd, "new"), n | "sort"
    printf("%s|%-30s|%05d\n", sprintf("%s%s", name, tail), index(name, "a"), length(seen)) | "cat >/dev/null"
    close("sort"); system("true"); while (k++ < 300) big[k] = k * 1.5; delete big; srand(1); x = int(rand() * 10); exit x }
