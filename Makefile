# The targets people type; CMake does the work (CMakePresets.json).
#   make                     builds into build/
#   make demo                records and reports sqlite3, an unchanged program
#   make test                every check and test; ends with "N passed, N failed"
#   make install PREFIX=DIR  DESTDIR is honoured
# `make help` lists them all.
BUILD ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)

.DEFAULT_GOAL := all
.PHONY: all build configure reconfigure demo test check lint asan debug clang bench examples install clean \
    format help \
    run-basic run-main html benchmark benchmark-main run-benchmark run-core-performance \
    run-simple-benchmark run-stress-test

all build: configure
	@cmake --build $(BUILD) -j $(JOBS)

configure:
	@command -v cmake >/dev/null && command -v ninja >/dev/null || \
	    { echo "make: no cmake or ninja here; run scripts/bootstrap first" >&2; exit 1; }
	@test -f $(BUILD)/build.ninja || cmake --preset default -B $(BUILD)

# What bootstrap has just installed, an earlier configuration did not find.
reconfigure: configure
	@cmake $(BUILD) >/dev/null

demo:
	@scripts/bootstrap demo
	@$(MAKE) --no-print-directory all
	@scripts/demo.sh $(BUILD)

test check:
	@scripts/bootstrap test
	@$(MAKE) --no-print-directory reconfigure all
	@tools/run-tests $(BUILD)

lint: configure
	@$(MAKE) --no-print-directory all
	@tools/run-tests $(BUILD) -R '^lint/'

asan debug clang:
	@scripts/bootstrap test
	@cmake --preset $@ && cmake --build --preset $@ -j $(JOBS)
	@tools/run-tests build/$@ $(if $(filter asan,$@),-E '^lint/')

# A quick selection, in some minutes; bench/run --list and bench/endure --list name the rest.
bench: all
	@cmake --build $(BUILD) --target benches
	@MEMSCOPE_BUILD=$(BUILD) bench/run quick --scale 2 --rounds 3 --less-start --tsv $(BUILD)/bench/quick.tsv
	@echo "as a table: $(BUILD)/bench/quick.tsv"
	@for program in $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c)); do \
	    echo "== $$program"; $$program || exit 1; done

# Small annotated programs, in build/examples/; docs/examples.md says what each shows.
examples: all
	@cmake --build $(BUILD) --target examples -j $(JOBS)

install: all
	@cmake --install $(BUILD) --prefix $(abspath $(PREFIX))

clean:
	rm -rf $(BUILD)

format:
	@tools/check-format --fix

help:
	@echo "make                     build memscope into $(BUILD)/"
	@echo "make demo                record and report sqlite3, an unchanged program"
	@echo "make test | check        all checks and tests"
	@echo "make lint                the checks on the sources only"
	@echo "make asan | debug | clang  build and test that preset in build/NAME"
	@echo "make install PREFIX=DIR  install (DESTDIR is honoured)"
	@echo "make bench               what recording, packing and loading cost, in time and space"
	@echo "make examples            the examples of docs/examples.md, into $(BUILD)/examples/"
	@echo "make format              lay the sources out by .clang-format"
	@echo "make clean               remove $(BUILD)/"
	@echo "make run-basic           record a very small program"
	@echo "make run-main            = demo"
	@echo "make html DIR= BASE= OUTPUT=  the dashboard of the trace DIR/BASE.memscope"
	@echo "make run-stress-test     the tests of many processes, of kills and of odd stacks"

# ---- names that memscope-rs and trace_tools had ----------------------------------------------

run-main: demo

benchmark: bench

run-basic: all
	@$(BUILD)/bin/memscope run --output $(BUILD)/basic.memscope -- perl -e \
	    'my %count; $$count{$$_ % 97}++ for 1 .. 1000; print scalar(keys %count), " keys\n"'

run-stress-test:
	@scripts/bootstrap test
	@$(MAKE) --no-print-directory reconfigure all
	@tools/run-tests $(BUILD) -R '^system/(children|crash|stacks)$$'

# The page of the trace DIR/BASE.memscope.
html: all
	@test -n "$(DIR)" -a -n "$(BASE)" || \
	    { echo "usage: make html DIR=folder BASE=name [OUTPUT=file.html]: of DIR/BASE.memscope" >&2; exit 2; }
	@$(BUILD)/bin/memscope report "$(DIR)/$(BASE).memscope" -o "$(or $(OUTPUT),$(DIR)/$(BASE).html)"
	@echo "the page: $(or $(OUTPUT),$(DIR)/$(BASE).html)"

# Not built yet: they say so, and fail.
define arrives
	@echo "make $@: not there yet; it arrives with $(1)" >&2; exit 2
endef

benchmark-main run-benchmark run-core-performance run-simple-benchmark:
	$(call arrives,the measurements of what recording costs ('memscope benchmark'))
