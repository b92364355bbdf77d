# SPDX-License-Identifier: BSD-2-Clause
#
# For BSD make and GNU make.
#
#	make            builds build/lib and build/include
#	make demo       accepts a context in one process and continues it in another
#	make test       runs every test, and lists those that cannot run here
#	make bench      compares the speed with Debian's library
#	make freebsd    cross-builds build/freebsd-amd64
#	make plist      updates the port's list of installed files
#	make install    DESTDIR, PREFIX, LIBDIR, INCLUDEDIR, PKGCONFIGDIR, BINDIR, EXAMPLESDIR, MANDIR
#	make clean

CC ?= cc
GO ?= go
CFLAGS ?= -O2 -g

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib/libgssapi
INCLUDEDIR ?= $(PREFIX)/include/libgssapi
PKGCONFIGDIR ?= $(PREFIX)/libdata/pkgconfig
BINDIR ?= $(PREFIX)/bin
EXAMPLESDIR ?= $(PREFIX)/share/examples/libgssapi
MANDIR ?= $(PREFIX)/share/man
VERSION = 0.1.0

B = build
FRONT_DIR = capi/front

# The settings of GODEBUG that go.mod implies are for programs; the engine has its own (internal/goruntime).
ENGINE_LDFLAGS = -s -w -X=runtime.godebugDefault= -extldflags '-Wl,-soname,libgssapi-engine.so -Wl,-z,now -Wl,-z,relro -Wl,-Bsymbolic'

.PHONY: all front headers overlay engine relink programs kdc demo test bench freebsd plist install clean

all: front headers engine

# One library for each folder of capi/front/abi.
front:
	GO="$(GO)" CC="$(CC)" CFLAGS="$(CFLAGS)" LDFLAGS="$(LDFLAGS)" FRONT="$(FRONT_DIR)" sh capi/front/build.sh $(B)

# What is needed to build programs: headers, files for pkg-config(1), and config programs.
headers: front
	mkdir -p $(B)/include/gssapi
	cp include/gssapi.h $(B)/include/
	cp include/gssapi/*.h $(B)/gen/gssapi_abi.h $(B)/include/gssapi/
	PREFIX="$(PREFIX)" LIBDIR="$(LIBDIR)" INCLUDEDIR="$(INCLUDEDIR)" VERSION="$(VERSION)" sh capi/front/describe.sh $(B)

OVERLAY = $(B)/gen/_runtime/overlay.json
ENGINE_GO = GO="$(GO)" sh internal/goruntime/go.sh $(B)/gen

# The parts of Go's runtime that are replaced, in a directory whose name hides them from "go vet ./...". The program that
# writes them runs on this machine, whatever the target is.
overlay:
	mkdir -p $(B)/gen
	GOOS= GOARCH= $(GO) run ./internal/goruntime -goroot "$$($(ENGINE_GO) env GOROOT)" -o $(B)/gen/_runtime

# Go notices changes by itself, except those of headers in other directories, whose checksum is therefore a flag. The
# greenteagc collector is off: its marks within each span would cost a small heap a page for each. internal/image prepares
# the file, so that the engine does the linker's work itself when it begins.
ENGINE_ENV = CC="$(CC)" CGO_ENABLED=1 GOEXPERIMENT=nogreenteagc \
	CGO_CFLAGS="-O2 -g -DENGINE_HEADERS=$$(cat include/*.h include/gssapi/*.h capi/front/*.h cross/*.h | cksum | cut -d' ' -f1)"
ENGINE_FLAGS = -buildmode=c-shared -trimpath -overlay $(OVERLAY)

engine: overlay
	mkdir -p $(B)/lib
	$(ENGINE_ENV) $(ENGINE_GO) build $(ENGINE_FLAGS) -buildvcs=false -ldflags "$(ENGINE_LDFLAGS)" \
		-o $(B)/lib/libgssapi-engine.so ./capi
	GOOS= GOARCH= $(GO) run ./internal/image $(B)/lib/libgssapi-engine.so
	rm -f $(B)/lib/libgssapi-engine.h

# The engine with what MUTANT, an overlay, replaces in PACKAGE, for the tests.
relink:
	$(ENGINE_ENV) TOOL="$(ENGINE_GO)" FLAGS="$(ENGINE_FLAGS)" LINK="$(ENGINE_LDFLAGS) -extld=$(CC)" \
		sh tests/mutants/relink.sh $(B)/lib/libgssapi-engine.so $(PACKAGE) $(MUTANT)
	$(GO) run ./internal/image $(B)/lib/libgssapi-engine.so

# The examples and the C tests.
programs: front headers
	CC="$(CC)" CFLAGS="$(CFLAGS)" sh tests/build.sh $(B)

kdc:
	mkdir -p $(B)/bin
	$(GO) build -trimpath -buildvcs=false -o $(B)/bin/kdc ./tests/kdc

demo: all programs kdc
	sh tests/demo.sh $(B)

test: all programs kdc
	sh tests/run-all.sh $(B)

bench: all kdc
	sh bench/run.sh

# The cross build for FreeBSD/amd64. Its result is checked, and can be copied to a FreeBSD system and run there.
FREEBSD_CC = $$(pwd)/$(B)/tools/freebsd-cc

freebsd:
	sh cross/tools.sh $(B)/tools
	$(MAKE) B=$(B)/freebsd-amd64 CC="$(FREEBSD_CC)" front headers programs
	GOOS=freebsd GOARCH=amd64 $(MAKE) B=$(B)/freebsd-amd64 CC="$(FREEBSD_CC)" engine
	GOOS=freebsd GOARCH=amd64 CGO_ENABLED=0 $(MAKE) B=$(B)/freebsd-amd64 kdc
	CC="$(FREEBSD_CC)" GEN=$(B)/freebsd-amd64/gen sh tests/front/build.sh $(B)/freebsd-amd64/bin/front
	sh cross/pack.sh $(B)/freebsd-amd64
	sh tests/abi/check-exports.sh $(B)/freebsd-amd64

plist: all
	sh tests/port.sh $(B) record

# Names of our own go where everybody looks; names that other libraries have go into a directory that a program must ask for.
install: all
	mkdir -p $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(LIBDIR)/bin $(DESTDIR)$(INCLUDEDIR)/gssapi $(DESTDIR)$(PKGCONFIGDIR) \
		$(DESTDIR)$(BINDIR) $(DESTDIR)$(EXAMPLESDIR)
	install -m 0644 $(B)/lib/*.so.[0-9]* $(B)/lib/libgssapi-engine.so $(DESTDIR)$(LIBDIR)/
	for link in $(B)/lib/*.so; do [ ! -L $$link ] || cp -P $$link $(DESTDIR)$(LIBDIR)/ || exit 1; done
	install -m 0644 $(B)/include/gssapi.h $(DESTDIR)$(INCLUDEDIR)/
	install -m 0644 $(B)/include/gssapi/*.h $(DESTDIR)$(INCLUDEDIR)/gssapi/
	install -m 0644 $(B)/libdata/pkgconfig/*.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	install -m 0644 $(B)/libdata/pkgconfig/libgssapi.pc $(DESTDIR)$(PKGCONFIGDIR)/
	for program in $(B)/libexec/*; do \
		case $$program in */krb5-config*) dir=$(LIBDIR)/bin ;; *) dir=$(BINDIR) ;; esac; \
		install -m 0755 $$program $(DESTDIR)$$dir/ || exit 1; \
	done
	install -m 0644 examples/*.c examples/*.h examples/Makefile examples/README.md $(DESTDIR)$(EXAMPLESDIR)/
	for section in 3 5 7; do \
		mkdir -p $(DESTDIR)$(MANDIR)/man$$section || exit 1; \
		install -m 0644 man/*.$$section $(DESTDIR)$(MANDIR)/man$$section/ || exit 1; \
	done

clean:
	rm -rf $(B)
