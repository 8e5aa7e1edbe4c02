function add(table, key,   n) { n = table[key]++; return n > 0 ? key "" n : key }
BEGIN { FS = "[ ,.]+"; OFS = "-"; while (("echo " "x y z") | getline line) { split(line, parts, " "); last = parts[3] } }
/the/ { for (i = 1; i <= NF; i++) { count[tolower($i)]++; names[NR, i] = add(seen, $i) } }
{ $2 = "second"; gsub(/[aeiou]/, "<&>"); text = text substr($0, 1, 10) sprintf("%d:%s;", NR, $1) }
match($0, /[xyz]+/) { where[RSTART] = RLENGTH }
END { for (w in count) total += count[w]; print total, length(text), last; delete seen; print text > "/dev/null"
      n = split("5 3 1 4", numbers); printf "%s %s\n", toupper("done"), sprintf("%c%c", 65, 66); close("/dev/null") }
