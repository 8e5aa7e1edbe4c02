# Something of everything that a small shell allocates.
alias say='echo said' later='say later'
unalias later
PATH=/usr/local/bin:/usr/bin:/bin
name=value long=$(echo one two three; cat text.txt)
export SHOWN="shown to others" name
readonly fixed=1
greet() { local who=${1:-nobody} rest; shift; rest="$*"; echo "hello $who $rest"; unset rest; return 0; }
count() { if [ "$1" -gt 0 ]; then count $(($1 - 1)); fi; }
greet ann bob carl >/dev/null
count 12
say "$name" >/dev/null
for file in *.txt [a-m]*.awk */none; do names="$names $file"; done
case $names in *text*) found=yes ;; [!a]* | "") found=no ;; esac
while read -r first rest; do lines="$lines:$first"; done <text.txt
text=$(cat <<END
here is $found and ${first#x} ${lines%:*} $(echo nested `echo twice`) $((3 * (4 + ${#name})))
END
)
cat <<'END' >/dev/null
nothing $expands here
END
trap 'echo caught >/dev/null' USR1 EXIT
trap - EXIT
kill -USR1 $$
IFS=: ; set -- $lines "last one"; shift; IFS=' '
echo one two | tr o x | sort -r >/dev/null
(exit 3) || status=$?
sleep 0 & other=$!
wait $other
{ echo grouped; eval "echo \$name"; } >/dev/null 2>&1
exec 5<text.txt; read -r line <&5; exec 5<&-
getopts "ab:" flag -b argument
. ./part.sh
cd / && cd - >/dev/null
type greet say cat cd >/dev/null
hash cat; command -v sort >/dev/null
umask 022; ulimit -n >/dev/null; times >/dev/null
printf '%-20s|%05d|%b\n' "$text" 42 'a\tb' >/dev/null
echo ~root "${SHOWN%others}" "${padded:=$name}" ${name:+set} "$@" >/dev/null
until [ -n "$done" ]; do done=1; break; done
unset -f greet
set -o noglob; echo *.txt >/dev/null
name=again cat /dev/null
