# Something of everything that allocates.
shopt -s extglob nullglob expand_aliases
alias say='echo said'
declare -a words=(one two three [7]=seven)
declare -A ages=([ann]=31 [bob]=42)
declare -n other=words
declare -i number=3+4
readonly fixed=value
export SHOWN="shown to others"
words+=(four "five six")
ages[carl]=$((ages[ann] + number * 2))
unset 'words[1]' 'ages[bob]'
greet() { local name=${1:-nobody} rest; shift; rest="$*"; echo "hello ${name^^} ${rest//o/0}"; return 0; }
greet "${words[@]}" >/dev/null
say "${!ages[@]}" "${#words[*]}" "${other[0]:0:2}" >/dev/null
for file in *.@(txt|xml) {a..e}{1..3}; do names="$names $file"; done
case $names in *text*) found=yes ;; *) found=no ;; esac
while read -r first rest; do lines+=("$first"); done <text.txt
mapfile -t all <words.awk
[[ ${all[0]} =~ ([a-z]+)\ ([a-z]+) ]] && match=${BASH_REMATCH[2]}
text=$(cat <<END
here is $found and ${match}
$(echo nested `echo twice`)
END
)
printf -v padded '%-20s|%05d|%q' "$text" "$number" 'a b'
IFS=: read -r -a parts <<<"a:b:c:d"
trap 'echo caught >/dev/null' USR1 EXIT
kill -USR1 $$
if ((number > 5)) && [ -n "$padded" -o -z "$found" ]; then let "number **= 2"; fi
until ((--number < 40)); do :; done
select_none() { eval "echo \${$1}"; }
select_none found >/dev/null
getopts "ab:" flag -b argument
(exit 3) || status=$?
echo {1..3} | tr 1 x | sort -r >/dev/null
set -- "$@" 'last one' && pushd / >/dev/null && popd >/dev/null
complete -W "alpha beta" tool
hash -p /bin/ls listed
type greet >/dev/null
declare -f greet >/dev/null
echo ~root "$RANDOM" ${SHOWN%others} ${padded##*|} $'tab\there' >/dev/null
exec 5<text.txt && read -u 5 line && exec 5<&-
source /dev/stdin <<<'inner() { echo inside; }; inner >/dev/null'
history -s "a line" && fc -l >/dev/null 2>&1
wait
