#!/bin/bash
# build.sh DIR - builds the programs that names are judged on, from Debian's source packages, without optimisation and
# with -O2, below DIR (outside of the repository), and records each of them at work.
#
# Needs deb-src lines for Debian 12 in apt's sources, a C compiler, bison, flex, and memscope (MEMSCOPE=, or on PATH).
# None of these programs was looked at while the naming was written. A package that is used to improve it must be
# replaced here by one that was not.
set -euo pipefail

programs=(m4 libxml2 file patch diffutils)
here=$(cd "$(dirname "$0")" && pwd)
directory=${1:?usage: build.sh DIR}
memscope=${MEMSCOPE:-memscope}
mkdir -p "$directory/src" "$directory/traces"
directory=$(cd "$directory" && pwd)

fetch() {
    [[ -d $directory/src/$1 ]] && return
    mkdir "$directory/src/$1"
    (cd "$directory/src/$1" && apt-get -qq source "$1" >/dev/null)
}

# build PROGRAM LEVEL: the generated files of the package are up to date, whatever their dates say.
build() {
    local source target=$directory/$1-O$2 options=()
    source=$(echo "$directory/src/$1"/*/)
    [[ -e $target/done ]] && return
    case $1 in
        libxml2) options=(--without-python --disable-shared --without-lzma --without-zlib) ;;
        file) options=(--disable-shared --disable-zlib --disable-bzlib --disable-xzlib --disable-libseccomp) ;;
    esac
    mkdir -p "$target"
    (cd "$target" && CFLAGS="-g -O$2" "$source/configure" "${options[@]}" >configure.log 2>&1 &&
        make CFLAGS="-g -O$2" MAKEINFO=true ACLOCAL=true AUTOMAKE=true AUTOCONF=true \
            AUTOHEADER=true >make.log 2>&1) || true # manuals and tests need not build
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

work() {
    local level=$1 b=$directory inputs=$here/inputs scratch
    scratch=$(mktemp -d)
    cp "$inputs"/* "$scratch"
    cd "$scratch"
    record "m4-O$level" "$b/m4-O$level/src/m4" -DFOO=bar -I . macros.m4

    record "libxml2-O$level" "$b/libxml2-O$level/xmllint" --xinclude --format --schema note.xsd \
        --xpath '//to[text()="A"]/following-sibling::*' note.xml
    record "file-O$level" "$b/file-O$level/src/file" -m "$b/file-O$level/magic/magic.mgc" -i -z \
        /bin/ls note.xml text.txt words.awk /usr/lib/x86_64-linux-gnu/libc.so.6
    record "patch-O$level" "$b/patch-O$level/src/patch" -b -p0 -i change.patch
    record "diffutils-O$level" "$b/diffutils-O$level/src/diff" -r -u -F "^[a-z]" -I "^#" "$inputs" "$scratch"
    cd / && rm -rf "$scratch"
}

for program in "${programs[@]}"; do
    fetch "$program"
done
for level in 0 2; do
    for program in "${programs[@]}"; do
        build "$program" "$level"
    done
    work "$level"
done
