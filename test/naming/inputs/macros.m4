define(`greet', `hello $1 and $2')dnl
greet(`a', `b') FOO
define(`loop', `ifelse($1, 0, `done', `$1 loop(decr($1))')')dnl
loop(20)
pushdef(`greet', `other $*') greet(x,y) popdef(`greet')
divert(1)in one
divert(2)in two
divert(0)substr(`abcdefghij', 2, 4) index(`abc', `c') translit(`abc', `a-c', `x-z')
regexp(`GNUs not Unix', `\<[a-z]\w+', `*** \& ***') patsubst(`GNUs not Unix', `\w', `.')
format(`%05d %s', 42, `text') eval(3*(4+5)) len(`four') incr(7)
changequote([,])define([other], [[quoted]])other changequote(`,')
include(`text.txt')
m4wrap(`wrapped
')
syscmd(`true') esyscmd(`echo out') maketemp(`/tmp/m4.XXXXXX')
dumpdef(`greet') indir(`greet', 1, 2) builtin(`len', `abc') define(`n', defn(`greet')) n(3,4)
undivert
