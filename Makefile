# SPDX-License-Identifier: BSD-2-Clause
#
# For BSD make and GNU make.
#
#	make            build/lib, build/include
#	make demo       a context accepted in one process goes on in another
#	make test       everything that can be tested here, and what could not
#	make bench      the table beside Debian's library
#	make freebsd    build/freebsd-amd64, by cross build
#	make install    DESTDIR, PREFIX, LIBDIR, INCLUDEDIR, PKGCONFIGDIR, MANDIR
#	make clean

CC ?= cc
GO ?= go
CFLAGS ?= -O2 -g

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib/libgssapi
INCLUDEDIR ?= $(PREFIX)/include/libgssapi
PKGCONFIGDIR ?= $(PREFIX)/libdata/pkgconfig
MANDIR ?= $(PREFIX)/share/man
VERSION = 0.1.0

B = build
FRONT = $(B)/lib/libgssapi.so.10
FRONT_MIT = $(B)/lib/libgssapi_krb5.so.2
ENGINE = $(B)/lib/libgssapi-engine.so

FRONT_DIR = capi/front
WARN = -std=c99 -Wall -Wextra -pedantic -Werror
FRONT_CFLAGS = $(WARN) -fPIC -fstack-protector-strong -Iinclude -I$(FRONT_DIR)
FRONT_LDFLAGS = -shared -Wl,--no-undefined-version -Wl,--no-undefined -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete \
	-Wl,-Bsymbolic
FRONT_LIBS = -Wl,--no-as-needed -lpthread
FRONT_SRC = $(FRONT_DIR)/account.c $(FRONT_DIR)/buffer.c $(FRONT_DIR)/guard.c $(FRONT_DIR)/identity.c \
	$(FRONT_DIR)/image.c $(FRONT_DIR)/large_linux.c $(FRONT_DIR)/load.c $(FRONT_DIR)/locate.c $(FRONT_DIR)/lucid.c \
	$(FRONT_DIR)/mech_attr.c $(FRONT_DIR)/oid.c $(FRONT_DIR)/oid_static.c $(FRONT_DIR)/oid_text.c \
	$(FRONT_DIR)/platform.c $(FRONT_DIR)/platform_freebsd.c $(FRONT_DIR)/platform_linux.c $(FRONT_DIR)/record.c \
	$(FRONT_DIR)/signals.c $(FRONT_DIR)/status.c $(FRONT_DIR)/token.c $(FRONT_DIR)/unavailable.c \
	$(FRONT_DIR)/wait.c
FRONT_MIT_SRC = $(FRONT_DIR)/mit/data.c $(FRONT_DIR)/mit/krb5.c $(FRONT_DIR)/mit/legacy.c \
	$(FRONT_DIR)/mit/libkrb5.c $(FRONT_DIR)/mit/lucid.c
FRONT_HDR = $(FRONT_DIR)/call.h $(FRONT_DIR)/engine.h $(FRONT_DIR)/front.h $(FRONT_DIR)/image.h \
	$(FRONT_DIR)/load.h $(FRONT_DIR)/mit/legacy.h $(FRONT_DIR)/oid_static.h $(FRONT_DIR)/platform.h \
	$(FRONT_DIR)/signals.h
GSSAPI_H = include/gssapi/gssapi.h include/gssapi/gssapi_ext.h include/gssapi/gssapi_generic.h \
	include/gssapi/gssapi_krb5.h
HEADERS = include/gssapi.h $(GSSAPI_H)
GEN_SRC = internal/gen/header.go internal/gen/main.go internal/gen/symbols.go internal/gen/write.go

# Settings of GODEBUG that go.mod implies are for programs: the engine has its own (internal/goruntime).
ENGINE_LDFLAGS = -s -w -X=runtime.godebugDefault= -extldflags '-Wl,-soname,libgssapi-engine.so -Wl,-z,now -Wl,-z,relro -Wl,-Bsymbolic'

.PHONY: all front headers overlay engine programs kdc demo test bench freebsd install clean

all: front headers engine

front: $(FRONT) $(FRONT_MIT)

$(B)/gen/libgssapi.map: $(GEN_SRC) $(HEADERS) capi/front/symbols.txt capi/front/symbols_mit.txt
	$(GO) run ./internal/gen -list capi/front/symbols.txt -also capi/front/symbols_mit.txt -map libgssapi.map \
		-o $(B)/gen $(GSSAPI_H)
	touch $(B)/gen/libgssapi.map

$(B)/gen/mit/libgssapi_krb5.map: $(GEN_SRC) $(HEADERS) capi/front/symbols.txt capi/front/symbols_mit.txt \
		capi/front/mit/legacy.h
	$(GO) run ./internal/gen -list capi/front/symbols_mit.txt -also capi/front/symbols.txt -map libgssapi_krb5.map \
		-o $(B)/gen/mit $(GSSAPI_H) capi/front/mit/legacy.h
	touch $(B)/gen/mit/libgssapi_krb5.map

$(FRONT): $(B)/gen/libgssapi.map $(FRONT_SRC) $(FRONT_HDR) $(HEADERS)
	mkdir -p $(B)/lib
	$(CC) $(CFLAGS) $(FRONT_CFLAGS) -I$(B)/gen $(LDFLAGS) -Wl,-soname,libgssapi.so.10 \
		-Wl,--version-script=$(B)/gen/libgssapi.map $(FRONT_LDFLAGS) -o $(FRONT).new \
		$(FRONT_SRC) $(B)/gen/stubs.c $(FRONT_LIBS)
	mv -f $(FRONT).new $(FRONT)
	ln -sf libgssapi.so.10 $(B)/lib/libgssapi.so

$(FRONT_MIT): $(B)/gen/mit/libgssapi_krb5.map $(FRONT_SRC) $(FRONT_MIT_SRC) $(FRONT_HDR) $(HEADERS)
	mkdir -p $(B)/lib
	$(CC) $(CFLAGS) $(FRONT_CFLAGS) -I$(B)/gen/mit $(LDFLAGS) -Wl,-soname,libgssapi_krb5.so.2 \
		-Wl,--version-script=$(B)/gen/mit/libgssapi_krb5.map $(FRONT_LDFLAGS) -o $(FRONT_MIT).new \
		$(FRONT_SRC) $(FRONT_MIT_SRC) $(B)/gen/mit/stubs.c $(FRONT_LIBS)
	mv -f $(FRONT_MIT).new $(FRONT_MIT)

headers: $(HEADERS)
	mkdir -p $(B)/include/gssapi $(B)/libdata/pkgconfig
	cp include/gssapi.h $(B)/include/
	cp include/gssapi/*.h $(B)/include/gssapi/
	sed -e 's,@LIBDIR@,$(LIBDIR),' -e 's,@INCLUDEDIR@,$(INCLUDEDIR),' -e 's,@VERSION@,$(VERSION),' \
		-e 's,@PREFIX@,$(PREFIX),' capi/front/libgssapi.pc.in > $(B)/libdata/pkgconfig/libgssapi.pc

OVERLAY = $(B)/gen/_runtime/overlay.json
ENGINE_GO = GO="$(GO)" sh internal/goruntime/go.sh $(B)/gen

# Parts of Go's runtime that are replaced, in a directory whose name hides them from "go vet ./...". The program that
# writes them runs on this machine, whatever is built for.
overlay:
	mkdir -p $(B)/gen
	GOOS= GOARCH= $(GO) run ./internal/goruntime -goroot "$$($(ENGINE_GO) env GOROOT)" -o $(B)/gen/_runtime

# Go knows itself what has changed, but for headers in other directories. Its collector is the one that has no marks within each span, which would cost a small
# heap a page for each. What the linker would do when the engine is loaded, the engine does when it begins.
engine: overlay
	mkdir -p $(B)/lib
	CC="$(CC)" CGO_ENABLED=1 CGO_CFLAGS="-O2 -g -DENGINE_HEADERS=$$(cat $(HEADERS) capi/front/engine.h | cksum | cut -d' ' -f1)" \
		GOEXPERIMENT=nogreenteagc $(ENGINE_GO) build -buildmode=c-shared -trimpath \
		-buildvcs=false -ldflags "$(ENGINE_LDFLAGS)" -overlay $(OVERLAY) \
		-o $(B)/lib/libgssapi-engine.so ./capi
	GOOS= GOARCH= $(GO) run ./internal/image $(B)/lib/libgssapi-engine.so
	rm -f $(B)/lib/libgssapi-engine.h

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

# FreeBSD/amd64, by cross build. What comes out is checked, and can be copied to a FreeBSD and run there.
FREEBSD_CC = $$(pwd)/$(B)/tools/freebsd-cc

freebsd:
	sh cross/tools.sh $(B)/tools
	$(MAKE) B=$(B)/freebsd-amd64 CC="$(FREEBSD_CC)" front headers programs
	GOOS=freebsd GOARCH=amd64 $(MAKE) B=$(B)/freebsd-amd64 CC="$(FREEBSD_CC)" engine
	GOOS=freebsd GOARCH=amd64 CGO_ENABLED=0 $(MAKE) B=$(B)/freebsd-amd64 kdc
	CC="$(FREEBSD_CC)" GEN=$(B)/freebsd-amd64/gen sh tests/front/build.sh $(B)/freebsd-amd64/bin/front
	sh cross/pack.sh $(B)/freebsd-amd64
	sh tests/abi/check-exports.sh $(B)/freebsd-amd64

install: all
	mkdir -p $(DESTDIR)$(LIBDIR) $(DESTDIR)$(INCLUDEDIR)/gssapi $(DESTDIR)$(PKGCONFIGDIR)
	install -m 0644 $(FRONT) $(FRONT_MIT) $(ENGINE) $(DESTDIR)$(LIBDIR)/
	ln -sf libgssapi.so.10 $(DESTDIR)$(LIBDIR)/libgssapi.so
	install -m 0644 include/gssapi.h $(DESTDIR)$(INCLUDEDIR)/
	install -m 0644 include/gssapi/*.h $(DESTDIR)$(INCLUDEDIR)/gssapi/
	install -m 0644 $(B)/libdata/pkgconfig/libgssapi.pc $(DESTDIR)$(PKGCONFIGDIR)/
	for section in 3 5 7; do \
		mkdir -p $(DESTDIR)$(MANDIR)/man$$section || exit 1; \
		install -m 0644 man/*.$$section $(DESTDIR)$(MANDIR)/man$$section/ || exit 1; \
	done

clean:
	rm -rf $(B)
