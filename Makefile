# Assent: what people and machines call. `make demo` and `make check` each work alone on a fresh
# Debian: they install what they need, build, and run.

ifeq ($(origin CC),default)
CC        := gcc
endif
BUILD     ?= build
PREFIX    ?= /usr/local
DESTDIR   ?=
OPT       ?= -O2 -g
SAN       ?=
VERSION   := $(shell cat VERSION)
PACKAGE    = $(BUILD)/assent_$(VERSION)_$(shell dpkg --print-architecture).deb

PACKAGES  := libevent_core libevent_extra libevent_openssl openssl sqlite3 jansson libconfuse libcurl libutf8proc
WARN      := -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wcast-qual \
             -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wformat=2 \
             -Wundef -Wvla -Wredundant-decls
# What a program that strangers talk to should have beside; sanitizers bring their own.
HARDEN    := $(if $(SAN),,-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
LDFLAGS   += -Wl,-z,relro,-z,now
CPPFLAGS  += -Iinclude -I. -D_GNU_SOURCE -DASSENT_VERSION='"$(VERSION)"'
CFLAGS    += -std=gnu11 $(OPT) $(HARDEN) $(SAN) $(WARN) $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LDLIBS    += $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcsv -lm -pthread
CHECK     := $(shell pkg-config --cflags --libs check 2>/dev/null)
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

SOURCES   := $(sort $(wildcard src/*/*.c))
OBJECTS   := $(SOURCES:src/%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/web/files.o
LIBRARY   := $(filter-out $(BUILD)/obj/cli/main.o,$(OBJECTS))
UNITS     := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

.PHONY: all deps demo check check-all unit modules classifier story promises guide lint model sanitize clang fuzz fuzz-quick \
        fuzzers interop metrics systemd web bench install deb uninstall clean

all: $(BUILD)/assent

$(BUILD)/assent: $(OBJECTS)
	@echo "link  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The same program with a clock and a disk that stories turn by hand.
$(BUILD)/assent-story: $(filter-out $(BUILD)/obj/base/clock.o,$(OBJECTS)) $(BUILD)/obj/story/world.o
	@echo "link  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libassent.a: $(LIBRARY)
	@rm -f $@ && ar rcs $@ $^

$(BUILD)/obj/%.o: src/%.c Makefile VERSION
	@mkdir -p $(@D) && echo "cc    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/story/%.o: tests/story/%.c Makefile
	@mkdir -p $(@D) && echo "cc    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The console's pages, as they stand in web/. The folder itself: a file may have left it.
$(BUILD)/obj/web/files.c: tools/embed-web web/. $(wildcard web/*)
	@mkdir -p $(@D) && tools/embed-web web > $@.new && mv $@.new $@

$(BUILD)/obj/web/files.o: $(BUILD)/obj/web/files.c src/doors/web.h Makefile
	@echo "cc    web/*"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libassent.a
	@mkdir -p $(@D) && echo "cc    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $< $(BUILD)/libassent.a $(LDLIBS) $(CHECK)

-include $(OBJECTS:.o=.d) $(UNITS:=.d)

# ---- what machines call ----

unit: $(UNITS)
	@tools/run-units $(UNITS)

modules:
	@BUILD=$(BUILD) tools/run-modules

# The figures of docs/classifier.md, and whether they are good enough.
classifier: $(BUILD)/assent
	@BUILD=$(BUILD) tests/classifier/measure.py

story: $(BUILD)/assent-story
	@BUILD=$(BUILD) tools/run-stories --stories

promises: $(BUILD)/assent $(BUILD)/assent-story
	@BUILD=$(BUILD) tools/run-stories --promises

# The commands of docs/guide, and what they print.
guide: $(BUILD)/assent
	@BUILD=$(abspath $(BUILD)) tests/guide/guide.py

lint: $(BUILD)/assent
	@tools/check-layers
	@tools/check-symbols $(BUILD)/obj
	@tools/check-gate "$(CC)" "$(CPPFLAGS)"
	@tools/check-reference
	@tools/check-web

# STOP against everything else, in every order: docs/model.md.
model:
	@BUILD=$(BUILD) tools/run-model

sanitize:
	@$(MAKE) --no-print-directory BUILD=build/sanitize OPT="-O1 -g" SAN="$(SANITIZE)" \
		unit story promises

clang:
	@$(MAKE) --no-print-directory BUILD=build/clang CC=clang all build/clang/assent-story

# Octets of all kinds at what reads them: FUZZ_SECONDS for each target of tests/fuzz.
FUZZ_SECONDS ?= 600
FUZZ_SAN  := $(SANITIZE) -fsanitize=fuzzer-no-link
FUZZERS   := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(sort $(wildcard tests/fuzz/*.c)))

$(BUILD)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(BUILD)/libassent.a
	@mkdir -p $(@D) && echo "cc    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -fsanitize=fuzzer -o $@ $< $(BUILD)/libassent.a $(LDLIBS)

fuzzers: $(FUZZERS)

fuzz:
	@$(MAKE) --no-print-directory -j2 BUILD=build/fuzz CC=clang OPT="-O1 -g" SAN="$(FUZZ_SAN)" \
		fuzzers
	@tests/fuzz/run build/fuzz/fuzz $(FUZZ_SECONDS)

fuzz-quick:
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=10

check-all: all lint unit modules classifier story promises guide model clang sanitize fuzz-quick
	@echo "all checks passed"

# ---- what people call ----

deps:
	@tools/deps

demo: deps
	@$(MAKE) --no-print-directory -j2 all
	@$(BUILD)/assent demo

check: deps
	@$(MAKE) --no-print-directory -j2 all
	@$(MAKE) --no-print-directory check-all

$(BUILD)/interop/%: tests/interop/%.c tests/interop/codec_form.h $(BUILD)/libassent.a
	@mkdir -p $(@D) && echo "cc    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(BUILD)/libassent.a $(LDLIBS) -lsmpp34

# Against programs that others wrote; installs those (tools/deps-interop).
interop: deps
	@BUILD=$(BUILD) tools/deps-interop
	@$(MAKE) --no-print-directory -j2 all $(BUILD)/assent-story $(BUILD)/interop/codec
	@BUILD=$(BUILD) tools/run-interop

# Prometheus's own tool at what /metrics gives and at conf/alerts.yml: docs/metrics.md.
metrics: $(BUILD)/assent
	@BUILD=$(BUILD) tools/deps-metrics
	@BUILD=$(BUILD) tests/metrics/check.py

# The Debian package under a real systemd, in a small Debian of its own (systemd-nspawn). Needs root; says so where it can't.
systemd: deb
	@BUILD=$(BUILD) tools/deps-systemd $(PACKAGE)
	@BUILD=$(BUILD) tests/systemd/check.py $(PACKAGE)

# The console's pages and the forms, in a browser; installs that (tools/deps-web). Screenshots are in build/web.
web: deps
	@BUILD=$(BUILD) tools/deps-web
	@$(MAKE) --no-print-directory -j2 all
	@BUILD=$(BUILD) tools/run-web

# The figures of docs/performance.md: beside Kannel, where it is installed, and SQLite alone.
bench: deps
	@$(MAKE) --no-print-directory -j2 all
	@BUILD=$(BUILD) tools/run-bench

install: all
	install -D -m 755 $(BUILD)/assent $(DESTDIR)$(PREFIX)/bin/assent
	install -D -m 644 conf/assent.conf $(DESTDIR)$(PREFIX)/share/assent/assent.conf
	install -m 644 conf/alerts.yml conf/grafana-dashboard.json $(DESTDIR)$(PREFIX)/share/assent
	install -d $(DESTDIR)$(PREFIX)/share/assent/profiles
	install -m 644 conf/profiles/*.conf $(DESTDIR)$(PREFIX)/share/assent/profiles
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/lib/systemd/system
	umask 022; $(BUILD)/assent help --man > $(DESTDIR)$(PREFIX)/share/man/man1/assent.1
	umask 022; for command in $$($(BUILD)/assent help --complete -- help '' | cut -f1); do \
		page=$(DESTDIR)$(PREFIX)/share/man/man1/assent-$$command.1; \
		[ "$$command" = assent.conf ] && page=$(DESTDIR)$(PREFIX)/share/man/man5/assent.conf.5; \
		$(BUILD)/assent help --man $$command > "$$page" || exit 1; \
	done
	umask 022; $(BUILD)/assent help --completion bash \
		> $(DESTDIR)$(PREFIX)/share/bash-completion/completions/assent
	umask 022; $(BUILD)/assent help --completion zsh \
		> $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_assent
	umask 022; sed 's|/usr/local|$(PREFIX)|' conf/assent.service \
		> $(DESTDIR)$(PREFIX)/lib/systemd/system/assent.service

# The same as a Debian package, in BUILD.
deb: all
	@BUILD=$(BUILD) tools/make-deb

# The config in /etc and the database are not ours to remove.
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/assent $(DESTDIR)$(PREFIX)/share/man/man1/assent.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/assent-*.1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/assent \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_assent \
		$(DESTDIR)$(PREFIX)/share/man/man5/assent.conf.5 \
		$(DESTDIR)$(PREFIX)/lib/systemd/system/assent.service
	rm -rf $(DESTDIR)$(PREFIX)/share/assent

clean:
	rm -rf build
