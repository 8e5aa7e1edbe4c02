# Something of everything that allocates.
set words {one two three}
lappend words four [string repeat ab 40] [format %05.2f|%-8s 3.14159 left]
array set ages {ann 31 bob 42}
set ages(carl) [expr {$ages(ann) * 2 + 0x10}]
set table [dict create a 1 b {x y z}]
dict set table c d 5
dict for {key value} $table { append text $key=$value; }
proc greet {name {other nobody} args} { upvar #0 words all; return "$name,$other,[llength $args],[lindex $all end]" }
greet ann bob 1 2 3
proc counter {} {{n 0}} { incr n }
counter; counter
foreach {a b} [lsort -decreasing $words] { lassign [split $a ,] first second; set joined [join [list $a $b] -] }
regexp -all -inline {([a-z]+)(\d*)} "abc12 def xyz9"
regsub -all {[aeiou]} "the quick brown fox" {<&>} marked
while {[incr i] < 5} { if {$i == 3} continue; switch -glob $i { 1 { set s one } [2-4] { set s some } default { set s none } } }
catch { error "went wrong" } message options
try { nothing_such } on error {said} { set caught $said } finally { unset -nocomplain i }
set lambda [lambda {x y} { return [expr {$x ** $y}] }]
$lambda 2 10
set half [curry greet first]
$half second
rename greet welcome
eval [list welcome a b c]
set in [open text.txt]
while {[gets $in line] >= 0} { lappend lines [string toupper $line] }
close $in
set out [open out.txt w]
puts $out [string map {a A b B} [concat $lines]]
close $out
scan "12 abc 0x1f" "%d %s %x" d s x
string trim "  x  "; string range $text 2 end-1; string match *a* $text; lreverse $words; lsearch -all $words *o*
after 1 { set done yes }
vwait done
namespace eval inner { variable v 7; proc p {} { variable v; return $v } }
inner::p
info commands *str*; info vars; info body welcome
set copy $words; lset copy 0 changed; linsert $copy 1 new; lreplace $copy 0 1
exec echo from outside
binary format a4ic abcd 7 8
collect
