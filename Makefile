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

PACKAGES  := libevent_core libevent_extra openssl sqlite3 jansson libconfuse libcurl libutf8proc
WARN      := -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wcast-qual \
             -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wformat=2 \
             -Wundef -Wvla -Wredundant-decls
CPPFLAGS  += -Iinclude -I. -D_GNU_SOURCE -DASSENT_VERSION='"$(VERSION)"'
CFLAGS    += -std=gnu11 $(OPT) $(SAN) $(WARN) $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LDLIBS    += $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcsv -lm
CHECK     := $(shell pkg-config --cflags --libs check 2>/dev/null)
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

SOURCES   := $(sort $(wildcard src/*/*.c))
OBJECTS   := $(SOURCES:src/%.c=$(BUILD)/obj/%.o)
LIBRARY   := $(filter-out $(BUILD)/obj/cli/main.o,$(OBJECTS))
UNITS     := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

.PHONY: all deps demo check check-all unit story promises lint sanitize clang install clean

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

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libassent.a
	@mkdir -p $(@D) && echo "cc    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $< $(BUILD)/libassent.a $(LDLIBS) $(CHECK)

-include $(OBJECTS:.o=.d) $(UNITS:=.d)

# ---- what machines call ----

unit: $(UNITS)
	@tools/run-units $(UNITS)

story: $(BUILD)/assent-story
	@BUILD=$(BUILD) tools/run-stories --stories

promises: $(BUILD)/assent
	@BUILD=$(BUILD) tools/run-stories --promises

lint: $(BUILD)/assent
	@tools/check-layers
	@tools/check-symbols $(BUILD)/obj
	@tools/check-gate "$(CC)" "$(CPPFLAGS)"
	@tools/check-reference

sanitize:
	@$(MAKE) --no-print-directory BUILD=build/sanitize OPT="-O1 -g" SAN="$(SANITIZE)" \
		unit story promises

clang:
	@$(MAKE) --no-print-directory BUILD=build/clang CC=clang all build/clang/assent-story

check-all: all lint unit story promises clang sanitize
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

install: all
	install -D -m 755 $(BUILD)/assent $(DESTDIR)$(PREFIX)/bin/assent
	install -D -m 644 conf/assent.conf $(DESTDIR)$(PREFIX)/share/assent/assent.conf

clean:
	rm -rf build
