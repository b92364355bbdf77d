#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# sanitize.sh BUILD_DIR: the programs of tests/c and the front under AddressSanitizer and UndefinedBehaviorSanitizer, with
# the real engine. Leaks are looked for elsewhere (tests/front): what the engine holds is not to be seen from outside.
#
# Left out are programs that limit memory, bring their own malloc(3) or pthread_create(3), look into memory or count it,
# take faults, leave functions by longjmp(3) or run on stacks that the sanitizer does not know; and those that fork
# beside threads, whose children find its locks held.

build=${1:-build}
here=$(dirname "$0")
build=$(cd "$build" && pwd) || exit 1
sanitized=$build/sanitized
cflags="-O0 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined"
make -s -C "$here/.." B="$sanitized" CC="${CC:-cc}" CFLAGS="$cflags" front || exit 1
ln -sf "$build/lib/libgssapi-engine.so" "$sanitized/lib/libgssapi-engine.so"
mkdir -p "$sanitized/bin/c"
set --
for source in "$here"/c/*.c; do
	program=$(basename "$source" .c)
	case $program in
	harness | limits | key_memory | password_memory | child_secrets | own_malloc | footprint | dlopen | fronts | signals | soak | stacks) continue ;;
	fork | fork_* | environment | thread_denied | thread_memory | wait) continue ;;
	withheld | gss_inquire_cred_by_oid | trace_process) continue ;;
	esac
	set -- "$@" "$program"
done
# The lists of options are lists.
# shellcheck disable=SC2086
${CC:-cc} $cflags -I"$here/../include" -c -o "$sanitized/harness.o" "$here/c/harness.c" || exit 1
# shellcheck disable=SC2086
printf '%s\n' "$@" | xargs -P 2 -I '{}' ${CC:-cc} $cflags -I"$here/../include" -o "$sanitized/bin/c/{}" \
	"$here/c/{}.c" "$sanitized/harness.o" -L"$sanitized/lib" -lgssapi -lpthread || exit 1
ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:handle_segv=0:use_sigaltstack=0:exitcode=99:detect_stack_use_after_return=0
UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
PROGRAMS=$sanitized/bin/c
LD_LIBRARY_PATH=$sanitized/lib
export ASAN_OPTIONS UBSAN_OPTIONS PROGRAMS LD_LIBRARY_PATH
sh "$here/halves.sh" "$build" "$@"
