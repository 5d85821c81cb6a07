# SPDX-License-Identifier: Apache-2.0
#
# make            builds the daemon, the library and the command into build/
# make demo       installs what is missing, builds, and shows jinzai at work
# make check      installs what is missing, builds, and runs all tests
# make help       lists the rest

VERSION := $(shell sed -n 's/.*JINZAI_VERSION "\(.*\)".*/\1/p' daemon/version.h)
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc
# A literal prefix for what must be found by systemd.
SYSTEMDDIR ?= $(PREFIX)/lib/systemd/system

CC ?= cc
OPTIMIZE ?= -O2
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
CPPFLAGS += -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 -DJINZAI_DATA_DIR='"$(PREFIX)/share/jinzai"' -Idaemon -Iclient
CFLAGS += -std=c11 -g -pthread $(OPTIMIZE) -fstack-protector-strong $(WARNINGS)
LDFLAGS += -pthread -Wl,-z,relro,-z,now

# SANITIZE=1 builds with address and undefined-behaviour sanitizers, into a directory of its own.
ifdef SANITIZE
BUILD := $(BUILD)/sanitize
OPTIMIZE := -O1
CPPFLAGS := $(filter-out -D_FORTIFY_SOURCE=2,$(CPPFLAGS))
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif

pkg = $(shell pkg-config $(1) $(2) 2>/dev/null)
# System headers, so that our warnings are about our code.
DAEMON_PACKAGES := libevent libevent_openssl libpq jansson libssl libcrypto libsystemd inih
CLI_PACKAGES := jansson smartcols libedit libssl libcrypto
SYSTEM_CFLAGS = $(patsubst -I%,-isystem %,$(call pkg,--cflags,$(DAEMON_PACKAGES) cbc smartcols libedit))

DAEMON_SOURCES := $(wildcard daemon/*.c daemon/*/*.c)
METHOD_SOURCES := $(wildcard daemon/methods/*.c) daemon/rpc/suggest.c
LIB_SOURCES := $(wildcard client/lib/*.c)
CLI_SOURCES := $(wildcard client/cli/*.c)
SQL_FILES := $(sort $(wildcard sql/roles.sql sql/*/*.sql))

# V=1 shows whole command lines.
ifndef V
quiet = @printf '%-7s%s\n' $(1) $@;
endif

object = $(patsubst %.c,$(BUILD)/%.o,$(1))
DAEMON_OBJECTS := $(call object,$(DAEMON_SOURCES)) $(BUILD)/embedded.o
METHOD_OBJECTS := $(call object,$(METHOD_SOURCES))
LIB_OBJECTS := $(patsubst %.c,$(BUILD)/pic/%.o,$(LIB_SOURCES))
CLI_OBJECTS := $(call object,$(CLI_SOURCES))
# What the unit tests link: the daemon without its main, as an archive, so that a test can bring a part of its own.
DAEMON_PARTS := $(BUILD)/parts.a

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZ_REPLAYS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))
# Programs that let tests and benches in other languages reach the daemon's parts.
DRIVERS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*_driver.c))
C_CLIENTS := $(patsubst tests/integration/%.c,$(BUILD)/tests/%,$(wildcard tests/integration/*.c))
BENCH_PROGRAMS := $(BUILD)/bench/load $(BUILD)/bench/population

.PHONY: all
all: $(BUILD)/jinzaid $(BUILD)/jinzai $(BUILD)/libjinzai.so $(BUILD)/jinzai.pc $(BUILD)/sample/done

$(BUILD)/jinzaid: $(DAEMON_OBJECTS)
	$(call quiet,LD)$(CC) $(LDFLAGS) -o $@ $^ $(call pkg,--libs,$(DAEMON_PACKAGES)) -lm

$(BUILD)/jinzai: $(CLI_OBJECTS) $(METHOD_OBJECTS) $(BUILD)/libjinzai.a
	$(call quiet,LD)$(CC) $(LDFLAGS) -o $@ $^ $(call pkg,--libs,$(CLI_PACKAGES))

$(BUILD)/libjinzai.so.1: $(LIB_OBJECTS) client/lib/jinzai.map
	$(call quiet,LD)$(CC) $(LDFLAGS) -shared -Wl,-soname,libjinzai.so.1 -Wl,--version-script=client/lib/jinzai.map \
		-o $@ $(LIB_OBJECTS) $(call pkg,--libs,jansson libssl libcrypto)

$(BUILD)/libjinzai.so: $(BUILD)/libjinzai.so.1
	@ln -sf libjinzai.so.1 $@

$(BUILD)/libjinzai.a: $(LIB_OBJECTS)
	@rm -f $@
	$(call quiet,AR)$(AR) rcs $@ $^

$(BUILD)/jinzai.pc: client/lib/jinzai.pc.in daemon/version.h
	@sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@VERSION@|$(VERSION)|g' $< > $@

$(BUILD)/embed: sql/embed.c
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LDFLAGS)

# The folders too, so that a file that is gone is gone from the program.
$(BUILD)/embedded.c: $(BUILD)/embed $(SQL_FILES) $(sort $(dir $(SQL_FILES)))
	$(call quiet,EMBED)$(BUILD)/embed $(SQL_FILES) > $@.part
	@mv $@.part $@

$(BUILD)/embedded.o: $(BUILD)/embedded.c
	$(call quiet,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CPPFLAGS) $(CFLAGS) $(SYSTEM_CFLAGS) -MMD -MP -c -o $@ $<

# Arithmetic over arrays: -O3 lets gcc use vectors.
ifndef SANITIZE
$(BUILD)/daemon/model/%.o: OPTIMIZE := -O3
endif

# The command knows where the sample is installed: another PREFIX makes it anew.
$(BUILD)/prefix: always
	@mkdir -p $(@D)
	@echo '$(PREFIX)' | cmp -s - $@ || echo '$(PREFIX)' > $@
$(BUILD)/client/cli/load_list.o: $(BUILD)/prefix
.PHONY: always

$(BUILD)/pic/%.o: %.c
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CPPFLAGS) $(CFLAGS) $(SYSTEM_CFLAGS) -fPIC -MMD -MP -c -o $@ $<

# The sample: facts as they are written, and people, exchanges and demand made up from a seed.
$(BUILD)/generate: $(call object,$(wildcard client/sample/*.c))
	$(call quiet,LD)$(CC) $(LDFLAGS) -o $@ $^ $(call pkg,--libs,jansson)

$(BUILD)/sample/done: $(BUILD)/generate $(wildcard client/sample/facts/*.jsonl)
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@cp client/sample/facts/*.jsonl $(@D)/
	$(call quiet,SAMPLE)$(BUILD)/generate 20240409 $(@D)
	@touch $@

$(BUILD)/parts.a: $(filter-out $(BUILD)/daemon/main.o,$(DAEMON_OBJECTS))
	@rm -f $@
	$(call quiet,AR)$(AR) qcs $@ $^

# Tests ---------------------------------------------------------------------------------------------

$(BUILD)/tests/test_%: tests/unit/test_%.c $(DAEMON_PARTS) $(BUILD)/libjinzai.a
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(CPPFLAGS) $(CFLAGS) $(SYSTEM_CFLAGS) -Iclient/lib -o $@ $< $(filter %.a,$^) $(LDFLAGS) \
		$(call pkg,--libs,$(DAEMON_PACKAGES) cmocka) -lm

$(BUILD)/tests/%_driver: tests/unit/%_driver.c $(DAEMON_PARTS)
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(CPPFLAGS) $(CFLAGS) $(SYSTEM_CFLAGS) -o $@ $< $(filter %.a,$^) $(LDFLAGS) \
		$(call pkg,--libs,$(DAEMON_PACKAGES)) -lm

$(BUILD)/tests/bench_%: tests/bench/bench_%.c $(DAEMON_PARTS)
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(CPPFLAGS) $(CFLAGS) $(SYSTEM_CFLAGS) -o $@ $< $(filter %.a,$^) $(LDFLAGS) \
		$(call pkg,--libs,$(DAEMON_PACKAGES)) -lm

$(BUILD)/tests/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(DAEMON_PARTS)
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(CPPFLAGS) $(CFLAGS) $(SYSTEM_CFLAGS) -o $@ $(filter %.c %.a,$^) $(LDFLAGS) \
		$(call pkg,--libs,$(DAEMON_PACKAGES)) -lm

$(BUILD)/tests/%: tests/integration/%.c $(BUILD)/libjinzai.a
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(CPPFLAGS) $(CFLAGS) $(SYSTEM_CFLAGS) -Iclient/lib -o $@ $< $(BUILD)/libjinzai.a $(LDFLAGS) \
		$(call pkg,--libs,jansson libssl libcrypto cmocka)

# What asks and counts answers, and what makes up the people of the benchmark.
$(BUILD)/bench/load: $(call object,$(wildcard tests/bench/load/*.c))
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(LDFLAGS) -o $@ $^ $(call pkg,--libs,libevent)

$(BUILD)/bench/population: $(call object,$(wildcard tests/bench/population/*.c))
	@mkdir -p $(@D)
	$(call quiet,LD)$(CC) $(LDFLAGS) -o $@ $^

.PHONY: tests
tests: all $(UNIT_TESTS) $(FUZZ_REPLAYS) $(C_CLIENTS) $(DRIVERS) $(BENCH_PROGRAMS)

.PHONY: check
check: ## install what is missing, build, and run all tests
	@deploy/packages check
	@$(MAKE) --no-print-directory -j2 tests
	@BUILD=$(abspath $(BUILD)) tests/run

.PHONY: bench-project
bench-project: ## measure gap.project's arithmetic at full size, against numpy
	@deploy/packages bench
	@$(MAKE) --no-print-directory -j2 $(BUILD)/tests/project_driver
	@JINZAI_BUILD=$(abspath $(BUILD)) /usr/bin/python3 tests/bench/project.py

.PHONY: bench-staffing
bench-staffing: ## measure gap.staffing's arithmetic at full size, against scipy and networkx
	@deploy/packages bench
	@$(MAKE) --no-print-directory -j2 $(BUILD)/tests/bench_staffing
	@$(BUILD)/tests/bench_staffing 100000 10000 500 500 $(BUILD)/tests/staffing.edges
	@/usr/bin/python3 tests/bench/peer_staffing.py $(BUILD)/tests/staffing.edges
	@/usr/bin/python3 tests/bench/peer_staffing.py $(BUILD)/tests/staffing.edges networkx

.PHONY: demo
demo: ## install what is missing, build, and show jinzai at work
	@deploy/packages demo
	@$(MAKE) --no-print-directory -j2 all
	@BUILD=$(abspath $(BUILD)) deploy/demo

.PHONY: bench bench-growth bench-soak bench-ready
bench-ready:
	@deploy/packages bench
	@$(MAKE) --no-print-directory -j2 all $(BENCH_PROGRAMS)

bench: bench-ready ## measure jinzai against its peers: a table of ratios
	@BUILD=$(abspath $(BUILD)) tests/bench/run

bench-growth: bench-ready ## measure how it grows with connections, people, skills and daemons; draws build/bench/*.svg
	@BUILD=$(abspath $(BUILD)) tests/bench/growth

bench-soak: bench-ready ## ten minutes of everything at once; the daemon's memory must stay flat
	@BUILD=$(abspath $(BUILD)) tests/bench/soak

.PHONY: build-check
build-check: ## build everything, tests included, with gcc and with clang
	@deploy/packages check
	@$(MAKE) --no-print-directory -j2 CC=gcc BUILD=$(BUILD)/gcc tests
	@$(MAKE) --no-print-directory -j2 CC=clang BUILD=$(BUILD)/clang tests

# Reference -----------------------------------------------------------------------------------------

.PHONY: reference
reference: $(BUILD)/jinzai ## write the reference of all methods to build/reference.md
	$(BUILD)/jinzai reference > $(BUILD)/reference.md
	@echo $(BUILD)/reference.md

# Installing ----------------------------------------------------------------------------------------

.PHONY: install
install: all ## install under PREFIX (/usr/local), below DESTDIR
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig \
		$(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/share/jinzai/sample $(DESTDIR)$(PREFIX)/share/jinzai/sql \
		$(DESTDIR)$(SYSTEMDDIR) $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d \
		$(DESTDIR)$(SYSCONFDIR)/jinzai $(DESTDIR)$(PREFIX)/share/doc/jinzai \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(BUILD)/jinzaid $(DESTDIR)$(PREFIX)/bin/jinzaid
	install -m 755 $(BUILD)/jinzai $(DESTDIR)$(PREFIX)/bin/jinzai
	install -m 755 $(BUILD)/libjinzai.so.1 $(DESTDIR)$(PREFIX)/lib/libjinzai.so.1
	ln -sf libjinzai.so.1 $(DESTDIR)$(PREFIX)/lib/libjinzai.so
	install -m 644 $(BUILD)/libjinzai.a $(DESTDIR)$(PREFIX)/lib/libjinzai.a
	install -m 644 $(BUILD)/jinzai.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/jinzai.pc
	install -m 644 client/lib/jinzai.h $(DESTDIR)$(PREFIX)/include/jinzai.h
	install -m 644 $(BUILD)/sample/*.jsonl $(DESTDIR)$(PREFIX)/share/jinzai/sample/
	install -m 644 sql/roles.sql $(DESTDIR)$(PREFIX)/share/jinzai/sql/roles.sql
	sed -e 's|/usr/bin/jinzaid|$(PREFIX)/bin/jinzaid|g' -e 's|/usr/share/|$(PREFIX)/share/|g' deploy/jinzaid.service \
		> $(DESTDIR)$(SYSTEMDDIR)/jinzaid.service
	# One of several daemons on one database: the same unit, with a configuration and directories of its own.
	sed -e 's|/etc/jinzai/jinzaid.conf|/etc/jinzai/%i.conf|' -e 's|^RuntimeDirectory=jinzai$$|&-%i|' \
		-e 's|^StateDirectory=jinzai$$|&-%i|' -e '/^Wants=jinzaid.socket/d' -e '/^Also=/d' -e 's|^Description=.*|& (%i)|' \
		$(DESTDIR)$(SYSTEMDDIR)/jinzaid.service > $(DESTDIR)$(SYSTEMDDIR)/jinzaid@.service
	chmod 644 $(DESTDIR)$(SYSTEMDDIR)/jinzaid.service $(DESTDIR)$(SYSTEMDDIR)/jinzaid@.service
	install -m 644 deploy/jinzaid.socket $(DESTDIR)$(SYSTEMDDIR)/jinzaid.socket
	install -m 644 deploy/jinzaid.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/jinzaid.conf
	install -m 644 deploy/jinzaid.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/jinzaid.conf
	test -e $(DESTDIR)$(SYSCONFDIR)/jinzai/jinzaid.conf || \
		install -m 644 deploy/jinzaid.conf $(DESTDIR)$(SYSCONFDIR)/jinzai/jinzaid.conf
	install -m 644 README.md LICENSE deploy/GROWING.md $(DESTDIR)$(PREFIX)/share/doc/jinzai/
	$(BUILD)/jinzai completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/jinzai

.PHONY: clean
clean: ## remove build/
	rm -rf build

.PHONY: help
help: ## list what make can do
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | expand -t 14
	@echo
	@echo 'make SANITIZE=1 check    the same tests with address and undefined-behaviour sanitizers'
	@echo 'make CC=clang            another compiler;  BUILD=DIR another directory for what is built'

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
