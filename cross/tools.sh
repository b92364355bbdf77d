#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# tools.sh DIR: installs zig in DIR, which brings the headers and the libc of FreeBSD 14, and writes DIR/freebsd-cc, a C
# compiler for FreeBSD/amd64 whose programs also run on FreeBSD 13 (start.c). Versions and checksums are those of
# package-lock.json; it lacks zig for other hosts than Linux/amd64, which npm ci does not forgive and npm install adds.
# zig's cache has a name that hides it from "go vet ./...", which may run meanwhile.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)

if ! command -v npm >/dev/null 2>&1; then
	echo "the cross build needs npm, to install zig" >&2
	exit 1
fi
if ! cmp -s "$here/package-lock.json" "$dir/installed-lock.json"; then
	cp "$here/package.json" "$here/package-lock.json" "$dir/"
	(cd "$dir" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error)
	cp "$here/package-lock.json" "$dir/installed-lock.json"
fi
cat >"$dir/freebsd-cc.new" <<END
#!/bin/sh
# A program, and nothing else that is linked, begins in start.o.
start='$dir/start.o'
case " \$* " in
*' -c '* | *' -E '* | *' -S '* | *' -shared '* | *' -nostdlib '*) start= ;;
*' -o '*) ;;
*) start= ;;
esac
case " \$* " in
*'.c '*) semaphores='-include $here/semaphores.h' ;;
*) semaphores= ;;
esac
ZIG_LOCAL_CACHE_DIR='$dir/_cache' ZIG_GLOBAL_CACHE_DIR='$dir/_cache' \\
	exec '$dir/node_modules/.bin/zig' cc -target x86_64-freebsd.14.0 \$semaphores "\$@" \$start
END
chmod +x "$dir/freebsd-cc.new"
mv "$dir/freebsd-cc.new" "$dir/freebsd-cc"
if [ -z "$(find "$dir/start.o" -newer "$here/start.c" 2>/dev/null)" ]; then
	"$dir/freebsd-cc" -O2 -Wall -Wextra -Werror -c -o "$dir/start.o" "$here/start.c"
fi
