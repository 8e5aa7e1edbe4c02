#!/bin/bash
# build_cpp.sh DIR - what build.sh does for programs of C++ (below DIR/cpp) and of Rust (below DIR/rust).
#
# Needs deb-src lines for Debian 12 in apt's sources, g++, cmake, cargo, rustc, and of the crates below librust-CRATE-dev with what
# their examples use (librust-getopts-dev, librust-serde-derive-dev, librust-serde-json-dev), and of ripgrep what `apt-get build-dep
# rust-ripgrep` installs; a newer rustc as NEWER_RUSTC= for the crates in `newer`; and memscope (MEMSCOPE=, or on PATH).
# None of these programs was looked at while the naming was written, nor may be: see build.sh.
set -euo pipefail

cpp=(yaml-cpp hunspell gperf leveldb jsonnet ninja-build tinyxml2)
rust=(pulldown-cmark regex yaml-rust csv ripgrep roxmltree rust-ini toml)
newer=(rust-ini toml)
here=$(cd "$(dirname "$0")" && pwd)
top=${1:?usage: build_cpp.sh DIR}
memscope=${MEMSCOPE:-memscope}
mkdir -p "$top"/{cpp,rust}/{src,traces}
top=$(cd "$top" && pwd)

fetch() {
    local to=$1/src/$2
    [[ -d $to ]] && return
    mkdir "$to"
    case $1/$2 in
        */rust/ripgrep) (cd "$to" && apt-get -qq source rust-ripgrep >/dev/null) ;;
        */rust/*) cp -r /usr/share/cargo/registry/"$2"-[0-9]* "$to" ;;
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
        jsonnet)
            cmake "$source" -DBUILD_TESTS=OFF -DBUILD_SHARED_BINARIES=OFF -DCMAKE_BUILD_TYPE=plain \
                -DCMAKE_CXX_FLAGS_PLAIN="$flags" && make jsonnetfmt ;; # behind its own -O3
        leveldb)
            cmake "$source" -DLEVELDB_BUILD_TESTS=OFF -DLEVELDB_BUILD_BENCHMARKS=OFF -DCMAKE_CXX_FLAGS="$flags" \
                -DCMAKE_BUILD_TYPE= && make leveldb
            gcc $flags -I "$source/include" -c "$source/db/c_test.c" && g++ c_test.o libleveldb.* -lpthread -o c_test ;;
        ninja-build)
            g++ -std=c++11 -w $flags $(find "$source/src" -name '*.cc' ! -name '*test*' ! -name '*-win32*' ! -name '*.in.cc' \
                ! -name 'browse.cc' ! -name '*_bench.cc') -lpthread -o ninja ;;
        tinyxml2)
            g++ -w $flags -I "$source" "$source/tinyxml2.cpp" "$source/xmltest.cpp" -o xmltest ;;
        *)
            "$source/configure" --disable-shared CFLAGS="$flags" CXXFLAGS="$flags"
            make MAKEINFO=true ACLOCAL=true AUTOMAKE=true AUTOCONF=true AUTOHEADER=true ;;
    esac
}

# The program that a crate comes with, with all that it uses from Debian's registry.
compile_rust() {
    local source=$1 main wants="$2 = { path = \"$1\" }" compiler=/usr/bin/rustc
    case $2 in
        pulldown-cmark) main=src/main.rs wants+=$'\ngetopts = "0.2"' ;;
        regex) main=examples/shootout-regex-dna.rs ;;
        yaml-rust) main=examples/dump_yaml.rs ;;
        csv) main=examples/tutorial-pipeline-pop-01.rs wants+=$'\nserde = { version = "1", features = ["derive"] }' ;;
        ripgrep)
            main=crates/core/main.rs
            wants=$(printf '%s = "*"\n' bstr grep ignore lazy_static log num_cpus regex serde_json termcolor)
            wants+=$'\nclap = { version = "2.33", default-features = false, features = ["suggestions"] }' ;;
        roxmltree) main=examples/stats.rs ;;
        rust-ini) main=examples/test.rs ;;
        toml) main=examples/toml2json.rs wants+=$'\nserde_json = "1"' ;;
    esac
    [[ " ${newer[*]} " != *" $2 "* ]] || compiler=${NEWER_RUSTC:-rustc}
    cat >Cargo.toml <<END
[package]
name = "driver"
version = "0.1.0"
edition = "2018"
[[bin]]
name = "driver"
path = "$source/$main"
[dependencies]
$wants
[profile.dev]
opt-level = $3
debug = 2
END
    RUSTC=$compiler /usr/bin/cargo build --offline --config 'source.crates-io.replace-with="debian"' \
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
    source=$(echo "$b/src/jsonnet"/*/)
    record cpp "jsonnet-O$level" "$b/jsonnet-O$level/jsonnetfmt" "$source/examples/cocktail-comprehensions.jsonnet"
    record cpp "ninja-build-O$level" "$b/ninja-build-O$level/ninja" -v
    cp -r "$b"/src/tinyxml2/*/resources . && mkdir -p resources/out
    record cpp "tinyxml2-O$level" "$b/tinyxml2-O$level/xmltest"
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
    input=$(echo "$b"/src/csv/*/examples/data/uspop.csv) record rust "csv-O$level" "$b/csv-O$level/target/debug/driver" 100000
    record rust "ripgrep-O$level" "$b/ripgrep-O$level/target/debug/driver" -n -C 1 -g '*.{md,txt,awk,xml}' '(\w+)s of'
    record rust "roxmltree-O$level" "$b/roxmltree-O$level/target/debug/driver" note.xml
    record rust "rust-ini-O$level" "$b/rust-ini-O$level/target/debug/driver"
    record rust "toml-O$level" "$b/toml-O$level/target/debug/driver" settings.toml
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
