#!/bin/bash
# build.sh DIR [DRAW...] - builds the programs that names are judged on, or only those of some draws, `first` to `fifth`,
# from Debian's source packages, without optimisation and with -O2, below DIR (outside of the repository), and records each
# of them at work.
#
# Needs deb-src lines for Debian 12 in apt's sources, a C compiler, perl, python3, and memscope (MEMSCOPE=, or on PATH).
# The naming has been improved with what was found in all of these: another draw needs other programs.
set -euo pipefail

# m4 first: flex and bison need it, as cscope needs flex, from here or from where it is installed.
declare -A programs=(
    [first]="m4 libxml2 file patch diffutils"
    [second]="bash bc byacc curl flex indent nasm"
    [third]="cflow e2fsprogs jimtcl remind units"
    [fourth]="bison dash dnsmasq ed exuberant-ctags lighttpd mandoc"
    [fifth]="cpio cscope mawk tree wget"
)
here=$(cd "$(dirname "$0")" && pwd)
directory=${1:?usage: build.sh DIR [DRAW...]}
shift
draws=("$@")
((${#draws[@]})) || draws=(first second third fourth fifth)
memscope=${MEMSCOPE:-memscope}
mkdir -p "$directory/src" "$directory/traces"
directory=$(cd "$directory" && pwd)
PATH=$directory/m4-O0/src:$directory/flex-O0/src:$PATH

fetch() {
    [[ -d $directory/src/$1 ]] && return
    mkdir "$directory/src/$1"
    (cd "$directory/src/$1" && apt-get -qq source "$1" >/dev/null && rm -rf ./*/.pc)
}

# build PROGRAM LEVEL: the generated files of the package are up to date, whatever their dates say. Some can be built in
# their own tree only.
build() {
    local source target=$directory/$1-O$2 options=() more=() flags="-g -O$2" built=$directory/$1-O$2
    source=$(echo "$directory/src/$1"/*/)
    [[ -e $target/done ]] && return
    mkdir -p "$target"
    case $1 in
        bison) echo '@setfilename bison.info' >"$source/doc/bison.texi" ;; # the manual is not in the package
        dash) # a patch adds a file that Makefile.in does not know of
            mkdir -p "$target/src"
            gcc -g "-O$2" -c -o "$target/src/priv.o" "$source/src/priv.c"
            more=(LIBS=priv.o)
            ;;
        bash) options=(--without-bash-malloc --disable-nls) ;;
        curl)
            options=(--disable-shared --disable-ldap)
            for part in ssl zlib zstd brotli nghttp2 libidn2 libpsl librtmp; do
                options+=("--without-$part")
            done
            ;;
        e2fsprogs)
            options=(--disable-nls)
            for part in uuidd fsck debugfs resizer imager defrag e2initrd-helper; do
                options+=("--disable-$part")
            done
            ;;
        flex) options=(--disable-shared --disable-nls) ;;
        indent) flags+=" -include locale.h" ;; # which it forgets
        jimtcl | remind | dnsmasq | exuberant-ctags | mandoc | tree)
            mkdir -p "$target/src"
            cp -r "$source" "$target/src/$1"
            source=$target/src/$1 built=$source
            ;;
        lighttpd)
            options=(--libdir="$target/src/.libs")
            for part in pcre2 zlib bzip2; do
                options+=("--without-$part")
            done
            ;;
        cpio | mawk) options=(--disable-nls) ;;
        wget)
            options=(--disable-nls --disable-iri --disable-pcre2 --disable-pcre)
            for part in ssl zlib libpsl libuuid metalink cares; do
                options+=("--without-$part")
            done
            ;;
        nasm) mkdir -p "$target/include" ;;
        libxml2) options=(--without-python --disable-shared --without-lzma --without-zlib) ;;
        file) options=(--disable-shared --disable-zlib --disable-bzlib --disable-xzlib --disable-libseccomp) ;;
    esac
    (cd "$built" && { [[ ! -e $source/configure ]] ||
        CFLAGS=$flags "$source/configure" "${options[@]}" >"$target/configure.log" 2>&1; } &&
        make CFLAGS="$flags" MAKEINFO=true ACLOCAL=true AUTOMAKE=true AUTOCONF=true \
            AUTOHEADER=true "${more[@]}" >"$target/make.log" 2>&1) || true # manuals and tests need not build
    touch "$target/done"
}

# record NAME COMMAND...: what it prints is no matter, nor how it ends.
record() {
    local name=$1
    shift
    "$memscope" run --quiet --no-follow -o "$directory/traces/$name.memscope" -- "$@" \
        <"${input:-/dev/null}" >/dev/null 2>&1 || true
    "$memscope" report "$directory/traces/$name.memscope" -f json -o "$directory/traces/$name.json"
}

# serve: the files at hand by HTTP, for a minute at most; says on which port.
serve() {
    timeout 60 python3 -u -c 'if True:
        import http.server
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        print(server.server_port)
        server.serve_forever()' 2>/dev/null
}

work_first() {
    local level=$1 b=$directory inputs=$here/inputs scratch=$PWD
    record "m4-O$level" "$b/m4-O$level/src/m4" -DFOO=bar -I . macros.m4
    record "libxml2-O$level" "$b/libxml2-O$level/xmllint" --xinclude --format --schema note.xsd \
        --xpath '//to[text()="A"]/following-sibling::*' note.xml
    record "file-O$level" "$b/file-O$level/src/file" -m "$b/file-O$level/magic/magic.mgc" -i -z \
        /bin/ls note.xml text.txt words.awk /usr/lib/x86_64-linux-gnu/libc.so.6
    record "patch-O$level" "$b/patch-O$level/src/patch" -b -p0 -i change.patch
    record "diffutils-O$level" "$b/diffutils-O$level/src/diff" -r -u -F "^[a-z]" -I "^#" "$inputs" "$scratch"
}

work_second() {
    local level=$1 b=$directory port
    record "bash-O$level" "$b/bash-O$level/bash" shell.sh first "second argument"
    record "bc-O$level" "$b/bc-O$level/bc/bc" -l numbers.bc
    record "byacc-O$level" "$b/byacc-O$level/yacc" -d -g -i -v -t -o parser.c grammar.y
    exec {served}< <(serve)
    read -r port <&"$served"
    record "curl-O$level" "$b/curl-O$level/src/curl" -sS -L -c jar -b a=b -H "X-Word: yes" -u user:word -e from -w '%{url}' \
        -o 'got_#1_#2' "http://127.0.0.1:$port/{text,words}.{txt,awk}" --next -F "f=@text.txt" -F g=h \
        "http://localhost:$port/" --next -r 0-9 --compressed -D heads "http://127.0.0.1:$port/note.xml" \
        --next -T text.txt "http://127.0.0.1:$port/up" --next -d x=1 --data-urlencode "y=a b" -G "file://$PWD/text.txt"
    kill "$!" 2>/dev/null || true
    exec {served}<&-
    record "flex-O$level" "$b/flex-O$level/src/flex" -v -o scanner.c scanner.l
    record "indent-O$level" "$b/indent-O$level/src/indent" -gnu -T pair_t layout.c -o laid.c
    record "nasm-O$level" "$b/nasm-O$level/nasm" -f elf64 -g -F dwarf -D FLAG=1 -l code.list -MD code.d -o code.o code.asm
}

work_third() {
    local level=$1 b=$directory
    record "cflow-O$level" "$b/cflow-O$level/src/cflow" -T -n -l --omit-arguments -i _ -D FLAG=1 layout.c parser.c
    MKE2FS_CONFIG=$PWD/mke2fs.conf record "e2fsprogs-O$level" "$b/e2fsprogs-O$level/misc/mke2fs" -F -t ext4 -L name \
        -O metadata_csum,64bit -E lazy_itable_init=0,root_owner=1:1 -d tree image 4096
    record "jimtcl-O$level" "$b/jimtcl-O$level/src/jimtcl/jimsh" list.tcl
    record "remind-O$level" "$b/remind-O$level/src/remind/src/remind" -c3 -w80,3,0 dates.rem 2024-05-06
    record "units-O$level" "$b/units-O$level/units" -f "$(echo "$b"/src/units/*/definitions.units)" --verbose \
        '3 miles + 200 ft' 'km;m;cm'
}

# record_server NAME ASK COMMAND...: ASK, a script, talks to the server and ends it.
record_server() {
    local name=$1 ask=$2
    shift 2
    timeout 60 python3 "$ask" &
    record "$name" "$@"
    wait
}

work_fourth() {
    local level=$1 b=$directory
    BISON_PKGDATADIR=$(echo "$b"/src/bison/*/data) record "bison-O$level" "$b/bison-O$level/src/bison" --report=all --graph --xml=calc.xml -Wall -Wcounterexamples \
        --header=calc.h -o calc.c grammar.bison
    record "dash-O$level" "$b/dash-O$level/src/dash" posix.sh first "second argument"
    record_server "dnsmasq-O$level" ask_names.py "$b/dnsmasq-O$level/src/dnsmasq/src/dnsmasq" -C names.conf -p 5397 \
        -x "$PWD/names.pid" -H "$PWD/names.hosts" -l "$PWD/names.leases" -8 "$PWD/names.log"
    input=edits.ed record "ed-O$level" "$b/ed-O$level/ed" -s -p '*' words.awk
    record "exuberant-ctags-O$level" "$b/exuberant-ctags-O$level/src/exuberant-ctags/ctags" -R --fields=+afiKlmnsSzt \
        --extra=+fq --c-kinds=+p --langdef=remind --langmap=remind:.rem --regex-remind='/^REM ([A-Z][a-z]+)/\1/d,date/' \
        --exclude=image --totals=yes --line-directives=yes -o tags .
    record_server "lighttpd-O$level" ask_web.py "$b/lighttpd-O$level/src/lighttpd" -D -f web.conf \
        -m "$b/lighttpd-O$level/src/.libs"
    record "mandoc-O$level" "$b/mandoc-O$level/src/mandoc/mandoc" -T html -O style=a.css,man=%N.html,toc pages.mdoc pages.man
}

work_fifth() {
    local level=$1 b=$directory port
    ln tree/text.txt tree/linked.txt
    find tree | sort >files.list
    input=files.list record "cpio-O$level" "$b/cpio-O$level/src/cpio" -o -v -H newc -R root:root -O files.cpio
    record "cscope-O$level" "$b/cscope-O$level/src/cscope" -R -k -q -L -1 'ma.*' -s tree -f names.out
    record "mawk-O$level" "$b/mawk-O$level/mawk" -v start=3 -f counts.awk text.txt grammar.y kind=last words.awk
    record "tree-O$level" "$b/tree-O$level/src/tree/tree" -a -p -u -g -s -D --du --dirsfirst -I '*.c|*.y' -H base -o tree.html .
    exec {served}< <(serve)
    read -r port <&"$served"
    record "wget-O$level" "$b/wget-O$level/src/wget" -r -l 2 -p -k -N -x -P got -R '*.c,*.y' --header "X-Word: yes" -U word \
        --user=ann --password=word --referer=from -o wget.log "http://127.0.0.1:$port/" "http://127.0.0.1:$port/tree/"
    kill "$!" 2>/dev/null || true
    exec {served}<&-
}

work() {
    local level=$1 inputs=$here/inputs scratch draw
    scratch=$(mktemp -d)
    mkdir "$scratch/tree"
    cp "$inputs"/* "$scratch"
    mv "$scratch/layout.in" "$scratch/layout.c" # nobody is to compile it
    cp "$inputs"/* "$scratch/tree"
    cd "$scratch"
    for draw in "${draws[@]}"; do
        "work_$draw" "$level"
    done
    cd / && rm -rf "$scratch"
}

chosen=()
for draw in "${draws[@]}"; do
    read -r -a of_draw <<<"${programs[$draw]}"
    chosen+=("${of_draw[@]}")
done
for program in "${chosen[@]}"; do
    fetch "$program"
done
for level in 0 2; do
    for program in "${chosen[@]}"; do
        build "$program" "$level"
    done
    work "$level"
done
