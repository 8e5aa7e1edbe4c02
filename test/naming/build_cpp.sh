#!/bin/bash
# build_cpp.sh DIR - what build.sh does for programs of C++ (below DIR/cpp) and of Rust (below DIR/rust).
#
# Needs deb-src lines for Debian 12 in apt's sources, g++, cmake, cargo, rustc, librust-pulldown-cmark-dev, librust-regex-dev,
# librust-yaml-rust-dev, and memscope (MEMSCOPE=, or on PATH).
# None of these programs was looked at while the naming was written, nor may be: see build.sh.
set -euo pipefail

cpp=(yaml-cpp hunspell gperf leveldb)
rust=(pulldown-cmark regex yaml-rust)
here=$(cd "$(dirname "$0")" && pwd)
top=${1:?usage: build_cpp.sh DIR}
memscope=${MEMSCOPE:-memscope}
mkdir -p "$top"/{cpp,rust}/{src,traces}
top=$(cd "$top" && pwd)

fetch() {
    local to=$1/src/$2
    [[ -d $to ]] && return
    mkdir "$to"
    case $1 in
        */rust) cp -r /usr/share/cargo/registry/"$2"-[0-9]* "$to" ;;
        *) (cd "$to" && apt-get -qq source "$2" >/dev/null) ;;
    esac
}

# Each in its own way, but with nothing between the compiler and the flags.
compile_cpp() {
    local source=$1 flags="-g -O$3"
    case $2 in
        yaml-cpp)
            g++ -std=c++11 -w $flags -I "$source/include" "$source"/src/*.cpp "$source"/src/contrib/*.cpp \
                "$source/util/parse.cpp" -o parse ;;
        leveldb)
            cmake "$source" -DLEVELDB_BUILD_TESTS=OFF -DLEVELDB_BUILD_BENCHMARKS=OFF -DCMAKE_CXX_FLAGS="$flags" \
                -DCMAKE_BUILD_TYPE= && make leveldb
            gcc $flags -I "$source/include" -c "$source/db/c_test.c" && g++ c_test.o libleveldb.* -lpthread -o c_test ;;
        *)
            "$source/configure" --disable-shared CFLAGS="$flags" CXXFLAGS="$flags"
            make MAKEINFO=true ACLOCAL=true AUTOMAKE=true AUTOCONF=true AUTOHEADER=true ;;
    esac
}

# The program that a crate comes with, with all that it uses from Debian's registry.
compile_rust() {
    local source=$1 main
    case $2 in
        pulldown-cmark) main=src/main.rs ;;
        regex) main=examples/shootout-regex-dna.rs ;;
        yaml-rust) main=examples/dump_yaml.rs ;;
    esac
    cat >Cargo.toml <<END
[package]
name = "driver"
version = "0.1.0"
edition = "2018"
[[bin]]
name = "driver"
path = "$source/$main"
[dependencies]
$2 = { path = "$source" }
getopts = "0.2"
[profile.dev]
opt-level = $3
debug = 2
END
    RUSTC=/usr/bin/rustc /usr/bin/cargo build --offline --config 'source.crates-io.replace-with="debian"' \
        --config 'source.debian.directory="/usr/share/cargo/registry"'
}

# build LANGUAGE PROGRAM LEVEL
build() {
    local source target=$top/$1/$2-O$3
    source=$(echo "$top/$1/src/$2"/*/)
    [[ -e $target/done ]] && return
    mkdir -p "$target"
    (cd "$target" && "compile_$1" "${source%/}" "$2" "$3" >make.log 2>&1) || true # manuals need not build
    touch "$target/done"
}

# record LANGUAGE NAME COMMAND...: what it prints is no matter, nor how it ends.
record() {
    local language=$1 to=$top/$1/traces/$2
    shift 2
    "$memscope" run --quiet --no-follow -o "$to.memscope" -- "$@" <"${input:-/dev/null}" >/dev/null 2>&1 || true
    "$memscope" report "$to.memscope" -f json -o "$to.json"
}

work_cpp() {
    local level=$1 b=$top/cpp inputs=$here/inputs source scratch
    scratch=$(mktemp -d)
    cp "$inputs"/* "$scratch"
    cd "$scratch"
    input=sample.yaml record cpp "yaml-cpp-O$level" "$b/yaml-cpp-O$level/parse"
    source=$(echo "$b/src/hunspell"/*/)
    record cpp "hunspell-O$level" "$b/hunspell-O$level/src/tools/hunspell" -d "$source/tests/affixes" -a text.txt
    source=$(echo "$b/src/gperf"/*/)
    record cpp "gperf-O$level" "$b/gperf-O$level/src/gperf" -L C++ -t -p -j 1 -o "$source/tests/java.gperf"
    TEST_TMPDIR=$scratch record cpp "leveldb-O$level" "$b/leveldb-O$level/c_test"
    cd / && rm -rf "$scratch"
}

work_rust() {
    local level=$1 b=$top/rust scratch
    scratch=$(mktemp -d)
    cp "$here"/inputs/* "$scratch"
    cd "$scratch"
    input=notes.md record rust "pulldown-cmark-O$level" "$b/pulldown-cmark-O$level/target/debug/driver" -T -F -S -L
    input=sequences.txt record rust "regex-O$level" "$b/regex-O$level/target/debug/driver"
    record rust "yaml-rust-O$level" "$b/yaml-rust-O$level/target/debug/driver" sample.yaml
    cd / && rm -rf "$scratch"
}

for language in cpp rust; do
    declare -n programs=$language
    for program in "${programs[@]}"; do
        fetch "$top/$language" "$program"
    done
    for level in 0 2; do
        for program in "${programs[@]}"; do
            build "$language" "$program" "$level"
        done
        "work_$language" "$level"
    done
done
